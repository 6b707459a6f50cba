/// What the next model is to be made of.
public struct ModelOrder: Hashable, Sendable {
    /// The run.
    public var run: RunID
    /// The round.
    public var round: RoundNumber
    /// The model to go on from (float32).
    public var base: TensorBlob
    /// The updates that count, in ascending order of their clients.
    public var contributions: [ContributionRow]
    /// The model's length.
    public var parameterCount: Int
    /// The largest magnitude of a coordinate of an update.
    public var bound: Float
    /// η_g.
    public var serverLearningRate: Double

    /// An order with all its parts.
    public init(
        run: RunID, round: RoundNumber, base: TensorBlob, contributions: [ContributionRow], parameterCount: Int,
        bound: Float, serverLearningRate: Double
    ) {
        self.run = run
        self.round = round
        self.base = base
        self.contributions = contributions
        self.parameterCount = parameterCount
        self.bound = bound
        self.serverLearningRate = serverLearningRate
    }
}

/// What became of an order.
public enum ModelResult: Hashable, Sendable {
    /// The model is in the blob store and on disk; `stepNorm` is the L2 norm of the step to it.
    case made(TensorBlob, stepNorm: Double)
    /// Updates of these clients are not what was accepted; they were set aside.
    case damagedContributions([ClientID])
    /// The model to go on from is not what was stored.
    case damagedBase(String)
    /// The store refused; it may work later.
    case failed(String)
}

/// An update that is to be looked at before it is accepted.
public struct UpdateCheck: Hashable, Sendable {
    /// The task it is for.
    public var task: TaskID
    /// Whose it is.
    public var client: ClientID
    /// The update.
    public var blob: TensorBlob
    /// The model's length.
    public var parameterCount: Int
    /// The largest magnitude of a coordinate.
    public var bound: Float

    /// A check with all its parts.
    public init(task: TaskID, client: ClientID, blob: TensorBlob, parameterCount: Int, bound: Float) {
        self.task = task
        self.client = client
        self.blob = blob
        self.parameterCount = parameterCount
        self.bound = bound
    }
}

/// What an update was found to be.
public enum UpdateVerdict: Hashable, Sendable {
    /// It can be used; `norm` is its L2 norm.
    case sound(norm: Double)
    /// It cannot be used.
    case refused(UpdateRefusal)
    /// Its bytes are not in the blob store.
    case missing
    /// The store refused; it may work later.
    case failed(String)
}
