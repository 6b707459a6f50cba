public import TributaryCore

extension LocalSolver {
    /// Reads how to train. Throws `invalid_argument` for work of nothing, and numbers that are negative or not finite.
    public init(_ message: WireTraining) throws(ConnectError) {
        try self.init(message, at: .message)
    }

    init(_ message: WireTraining, at field: WireField) throws(ConnectError) {
        self.init()
        switch message.work {
        case .epochs(let epochs)?: work = .epochs(try field["epochs"].count(epochs, in: 1...Self.workLimit))
        case .steps(let steps)?: work = .steps(try field["steps"].count(steps, in: 1...Self.workLimit))
        case nil: throw field.error("needs epochs or steps")
        }
        let batch = try field["batch_size"].count(message.batchSize)
        batchSize = batch == 0 ? nil : batch
        learningRate = try field["learning_rate"].finite(message.learningRate, atLeast: 0)
        momentum = try field["momentum"].finite(message.momentum, atLeast: 0)
        weightDecay = try field["weight_decay"].finite(message.weightDecay, atLeast: 0)
        let clip = try field["clip_norm"].finite(message.clipNorm, atLeast: 0)
        clipNorm = clip == 0 ? nil : clip
        proximal = try field["proximal"].finite(message.proximal, atLeast: 0)
    }

    /// The most epochs or steps of a round; far more than anybody trains, and small enough to multiply.
    private static let workLimit = 1_000_000_000
}

extension WireTraining {
    /// How to train, as a message. `algorithm` is the federated algorithm's name.
    public init(_ solver: LocalSolver, algorithm: String) {
        self.init()
        self.algorithm = algorithm
        switch solver.work {
        case .epochs(let epochs): self.epochs = UInt64(clamping: epochs)
        case .steps(let steps): self.steps = UInt64(clamping: steps)
        }
        batchSize = UInt64(clamping: solver.batchSize ?? 0)
        learningRate = solver.learningRate
        momentum = solver.momentum
        weightDecay = solver.weightDecay
        clipNorm = solver.clipNorm ?? 0
        proximal = solver.proximal
    }
}
