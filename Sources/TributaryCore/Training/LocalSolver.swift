/// How one client trains in one round: plain SGD and its options, with the learning rate of this round filled in.
public struct LocalSolver: Hashable, Sendable {
    /// How much work a client does.
    public enum Work: Hashable, Sendable {
        /// Passes over the client's shard.
        case epochs(Int)
        /// Mini-batch steps, over as many passes as they take.
        case steps(Int)
    }

    /// How much work a client does.
    public var work: Work = .epochs(1)
    /// Examples a step; nil is the whole shard (full batch).
    public var batchSize: Int? = 10
    /// The learning rate η_l of this round.
    public var learningRate: Double = 0.1
    /// Heavy-ball momentum ρ with a buffer that starts at zero each round: v ← ρ v + g, y ← y − η v.
    public var momentum: Double = 0
    /// L2 penalty λ added to the gradient: g ← g + λ y.
    public var weightDecay: Double = 0
    /// μ: the pull towards the model that training started from (Li et al. 2020): g ← g + μ (y − x).
    public var proximal: Double = 0
    /// Largest L2 norm of a step's gradient over all tensors together; larger gradients are scaled down to it.
    public var clipNorm: Double?

    /// One epoch of mini-batches of 10 at learning rate 0.1.
    public init() {}
}

extension LocalSolver {
    /// Examples a client of `shardSize` examples computes gradients of in one round, repetitions counted.
    public func exampleVisits(shardSize: Int) -> Int {
        switch work {
        case .epochs(let epochs): epochs * shardSize
        case .steps(let steps): steps * min(batchSize ?? shardSize, shardSize)
        }
    }
}
