public import TributaryCore

/// What an app implements to take part: training on data that stays where it is.
///
/// ```swift
/// struct HouseTrainer: LocalTrainer {
///     let houses: [House]
///     func train(_ task: TaskDescription, from weights: [Float], progress: TaskProgress) async throws -> LocalUpdate {
///         var model = LinearModel(weights)
///         for epoch in 1...5 {
///             try Task.checkCancellation()
///             model.fit(houses, learningRate: task.solver?.learningRate ?? 0.01)
///             progress.report(Double(epoch) / 5)
///         }
///         return LocalUpdate(weights: model.weights, exampleCount: houses.count)
///     }
/// }
/// try await FederatedClient.run(HouseTrainer(houses: mine), with: ClientSettings(server: "https://fl.example.org"))
/// ```
/// Both calls run on a thread of their own kind, so they may compute for as long as they like. They are cancelled when
/// the round closes without them: check `Task.isCancelled` between steps. What they throw is told to the coordinator
/// as one line; throw a `TaskFailure` to choose the line and the cause.
public protocol LocalTrainer: Sendable {
    /// Trains the model on local data and returns where it got to.
    ///
    /// `weights` are the model's parameters, tensor after tensor in the order of `task.layout`.
    func train(_ task: TaskDescription, from weights: [Float], progress: TaskProgress) async throws -> LocalUpdate

    /// The same, with `correction`, as many values as the model has, added to the gradient of every step, before it is clipped.
    /// Only tasks ask for it whose method corrects gradients, such as dyn, or whose clients train a model of their own that is
    /// pulled towards the global one: ditto.
    func train(
        _ task: TaskDescription, from weights: [Float], correctedBy correction: [Float], progress: TaskProgress
    ) async throws -> LocalUpdate

    /// The same as without, with the parameters at the places in `frozen` (in ascending order) left as they are. Only tasks ask
    /// for it whose clients train a head of their own by itself: fedrep.
    func train(
        _ task: TaskDescription, from weights: [Float], holding frozen: [Range<Int>], progress: TaskProgress
    ) async throws -> LocalUpdate

    /// The same as without, to the bit, and with every step one of the mixture's own part, on the same examples and at the models
    /// before that step; with the first step also its share (`ModelMixture`). Only tasks ask for it whose clients mix a model of
    /// their own with the shared one: apfl.
    func train(
        _ task: TaskDescription, from weights: [Float], mixing mixture: ModelMixture, progress: TaskProgress
    ) async throws -> (update: LocalUpdate, mixture: ModelMixture)

    /// Scores the model on local data that it was not trained on.
    func evaluate(_ task: TaskDescription, weights: [Float], progress: TaskProgress) async throws -> LocalEvaluation

    /// F_k: the mean loss of all examples that this client trains on, at the given model. Only tasks ask for it whose method
    /// goes by it, such as qfedavg, and those by which clients are chosen for a round (power-of-choice).
    func loss(_ task: TaskDescription, at weights: [Float]) async throws -> Double

    /// F_k and its gradient ∇F_k, as many values as the model has. Only tasks ask for it whose method goes by it.
    func gradient(_ task: TaskDescription, at weights: [Float]) async throws -> (loss: Double, gradient: [Float])
}

extension LocalTrainer {
    /// Gives the task back: a trainer need not let its gradients be corrected.
    public func train(
        _ task: TaskDescription, from weights: [Float], correctedBy correction: [Float], progress: TaskProgress
    ) async throws -> LocalUpdate {
        throw TaskFailure(.failed, "the task's method corrects gradients, which this client's training does not let it")
    }

    /// Gives the task back: a trainer need not hold parameters still.
    public func train(
        _ task: TaskDescription, from weights: [Float], holding frozen: [Range<Int>], progress: TaskProgress
    ) async throws -> LocalUpdate {
        throw TaskFailure(
            .failed, "the task has a part of the model held still, which this client's training does not let it")
    }

    /// Gives the task back: a trainer need not train two models at a time.
    public func train(
        _ task: TaskDescription, from weights: [Float], mixing mixture: ModelMixture, progress: TaskProgress
    ) async throws -> (update: LocalUpdate, mixture: ModelMixture) {
        throw TaskFailure(
            .failed, "the task trains two models step by step, which this client's training does not let it")
    }

    /// Declines: a trainer need not score models.
    public func evaluate(
        _ task: TaskDescription, weights: [Float], progress: TaskProgress
    ) async throws -> LocalEvaluation {
        throw TaskFailure(.noData, "this client does not evaluate models")
    }

    /// The loss that comes with the gradient.
    public func loss(_ task: TaskDescription, at weights: [Float]) async throws -> Double {
        try await gradient(task, at: weights).loss
    }

    /// Gives the task back: a trainer need not measure models.
    public func gradient(
        _ task: TaskDescription, at weights: [Float]
    ) async throws -> (loss: Double, gradient: [Float]) {
        throw TaskFailure(.failed, "the task has models measured before training, which this client does not do")
    }
}

/// What local training gave.
public struct LocalUpdate: Sendable {
    /// What the values are.
    enum Meaning: Sendable {
        case weights
        case difference
    }

    var values: [Float]
    var meaning: Meaning
    /// What goes with it because the task's method asks for it.
    var report: MethodReport?
    /// What the method has the client remember if this comes to count, and what the client has for itself then; empty for
    /// nothing.
    var memory: [Float] = []
    /// The client's own model, as the app is to have it if this is accepted; nil if there is none.
    var ownModel: [Float]?
    /// The method's vectors that are sent behind it, one after another; empty for none.
    var message: [Float] = []
    /// n_k: the examples that were trained on, the update's weight in the mean. Of more than the task's limit, the limit
    /// counts; none at all gives the task back.
    public let exampleCount: Int
    /// K_k: the steps that were taken. Methods such as nova go by it.
    public let stepCount: Int
    /// The mean loss over all examples seen in training.
    public let meanLoss: Double
    /// Whatever else was measured: at most 32 names of at most 100 bytes.
    public let metrics: [String: Double]

    /// The local model: as many values as the model that was given.
    public init(
        weights: [Float], exampleCount: Int, stepCount: Int = 1, meanLoss: Double = 0, metrics: [String: Double] = [:]
    ) {
        self.init(weights, .weights, exampleCount, stepCount, meanLoss, metrics)
    }

    /// The change from the model that was given to the local one, as many values.
    public init(
        difference: [Float], exampleCount: Int, stepCount: Int = 1, meanLoss: Double = 0,
        metrics: [String: Double] = [:]
    ) {
        self.init(difference, .difference, exampleCount, stepCount, meanLoss, metrics)
    }

    private init(
        _ values: [Float], _ meaning: Meaning, _ exampleCount: Int, _ stepCount: Int, _ meanLoss: Double,
        _ metrics: [String: Double]
    ) {
        self.values = values
        self.meaning = meaning
        self.exampleCount = exampleCount
        self.stepCount = stepCount
        self.meanLoss = meanLoss
        self.metrics = metrics
    }
}

/// What local scoring gave.
public struct LocalEvaluation: Sendable {
    /// Examples, the sum of their losses, and how many were predicted right.
    public var evaluation: Evaluation
    /// Whatever else was measured: at most 32 names of at most 100 bytes.
    public var metrics: [String: Double]

    /// A score with both its parts.
    public init(_ evaluation: Evaluation, metrics: [String: Double] = [:]) {
        self.evaluation = evaluation
        self.metrics = metrics
    }
}
