public import TributaryMath

/// One client's work in one round.
public struct TrainingTask: Sendable {
    /// The round the work is for.
    public var round: RoundNumber
    /// Whose shard to train on.
    public var client: ClientID
    /// How to train.
    public var solver: LocalSolver
    /// The source of the task's randomness (shuffling, dropout …), the same wherever and whenever the task runs.
    public var seed: Seed
    /// A vector that is added to every gradient, as a method has it; empty for none.
    public var offset: [Float] = []
    /// Where the flat vector stays as it is, in ascending order; empty for nowhere.
    public var frozen: [Range<Int>] = []

    /// A task without an offset.
    public init(round: RoundNumber, client: ClientID, solver: LocalSolver, seed: Seed) {
        self.round = round
        self.client = client
        self.solver = solver
        self.seed = seed
    }
}

/// What a client says about its local training, beside the trained weights.
public struct TrainingOutcome: Hashable, Sendable, Codable {
    /// n_k: the number of training examples on the client, its weight in the average.
    public var exampleCount: Int
    /// K_k: local steps taken.
    public var stepCount: Int
    /// The mean of the training loss over all examples seen, each at the weights of its step.
    public var meanLoss: Double

    /// An outcome with all its parts.
    public init(exampleCount: Int, stepCount: Int, meanLoss: Double) {
        self.exampleCount = exampleCount
        self.stepCount = stepCount
        self.meanLoss = meanLoss
    }
}

/// Local training and evaluation: all that a federation needs to know of a model and its data.
///
/// The simulator calls a trainer from several workers at once, each with a workspace of its own; a call must give
/// the same bits whichever worker makes it and whatever the workspace was used for before.
public protocol Trainer: Sendable {
    /// Buffers that a worker keeps between calls.
    associatedtype Workspace

    /// The tensors of the model.
    var layout: TensorLayout { get }
    /// The number of clients that hold data.
    var clientCount: Int { get }
    /// Chunks the central test set is scored in; 0 without a test set.
    var testChunkCount: Int { get }
    /// Whether training takes `LocalSolver.proximal` and `TrainingTask.offset`: only then can methods be used that correct
    /// gradients.
    var correctsGradients: Bool { get }
    /// Whether training takes `TrainingTask.frozen`.
    var freezesCoordinates: Bool { get }

    /// The model the first round starts from.
    func initialWeights(seed: Seed) -> Weights

    /// Buffers for one worker.
    func makeWorkspace() -> Workspace

    /// The number of training examples on a client, cheaply: it sets how long its virtual training takes.
    func exampleCount(of client: ClientID) -> Int

    /// Trains on the task's client. `weights` holds the global model on entry and the local model on return.
    func train(_ task: TrainingTask, weights: inout [Float], workspace: inout Workspace) -> TrainingOutcome

    /// F_k: the mean loss of all examples that a client trains on.
    func loss(of client: ClientID, at weights: borrowing [Float], workspace: inout Workspace) -> Double

    /// √(Σ loss² / n) of all examples that a client trains on.
    func rootMeanSquareLoss(
        of client: ClientID, at weights: borrowing [Float], workspace: inout Workspace
    ) -> Double

    /// F_k, and ∇F_k in place of whatever `gradient` holds.
    func gradient(
        of client: ClientID, at weights: borrowing [Float], into gradient: inout [Float], workspace: inout Workspace
    ) -> Double

    /// Scores one chunk of the central test set; chunks are merged in order.
    func evaluateTest(chunk: Int, weights: borrowing [Float], workspace: inout Workspace) -> Evaluation

    /// Scores a client's own held-out data; an empty evaluation for a client that holds none out.
    func evaluate(client: ClientID, weights: borrowing [Float], workspace: inout Workspace) -> Evaluation
}

/// A trainer that can also train on all clients' data put together, for comparison.
public protocol PoolableTrainer: Trainer {
    /// The same model and test set with one client that holds everything.
    func pooled() -> Self
}

extension Trainer {
    /// Gradients are not corrected.
    public var correctsGradients: Bool { false }
    /// Nothing is held still.
    public var freezesCoordinates: Bool { false }

    /// The loss that comes with the gradient.
    public func loss(of client: ClientID, at weights: borrowing [Float], workspace: inout Workspace) -> Double {
        var gradient: [Float] = []
        return self.gradient(of: client, at: weights, into: &gradient, workspace: &workspace)
    }

    /// The mean loss: the least that it can be, for trainers that do not tell examples apart.
    public func rootMeanSquareLoss(
        of client: ClientID, at weights: borrowing [Float], workspace: inout Workspace
    ) -> Double {
        loss(of: client, at: weights, workspace: &workspace)
    }

    /// What a full-batch step takes away from the model, over its learning rate: as exact as single precision has it.
    public func gradient(
        of client: ClientID, at weights: borrowing [Float], into gradient: inout [Float], workspace: inout Workspace
    ) -> Double {
        let start = copy weights
        var solver = LocalSolver()
        (solver.work, solver.batchSize, solver.learningRate) = (.steps(1), nil, 1)
        gradient = start
        let task = TrainingTask(round: RoundNumber(1), client: client, solver: solver, seed: Seed(0))
        let outcome = train(task, weights: &gradient, workspace: &workspace)
        for index in gradient.indices { gradient[index] = start[index] - gradient[index] }
        return outcome.meanLoss
    }
}
