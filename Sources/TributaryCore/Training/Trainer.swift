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

    /// A task with all its parts.
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

    /// The model the first round starts from.
    func initialWeights(seed: Seed) -> Weights

    /// Buffers for one worker.
    func makeWorkspace() -> Workspace

    /// The number of training examples on a client, cheaply: it sets how long its virtual training takes.
    func exampleCount(of client: ClientID) -> Int

    /// Trains on the task's client. `weights` holds the global model on entry and the local model on return.
    func train(_ task: TrainingTask, weights: inout [Float], workspace: inout Workspace) -> TrainingOutcome

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
