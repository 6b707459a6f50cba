extension Plan {
    /// The published algorithms by name: each is a choice of parts, and leaves the others free.
    public enum Algorithm: String, CaseIterable, Hashable, Sendable {
        /// Several local steps, then the weighted mean of the updates.
        case fedAvg = "fedavg"
        /// One full-batch gradient step a round.
        case fedSGD = "fedsgd"
        /// FedAvg with momentum on the server.
        case fedAvgM = "fedavgm"
        /// FedAvg with Adagrad on the server.
        case fedAdagrad = "fedadagrad"
        /// FedAvg with Adam on the server.
        case fedAdam = "fedadam"
        /// FedAvg with Yogi on the server.
        case fedYogi = "fedyogi"
    }
}

extension Plan.Algorithm {
    /// The server optimiser that the algorithm is named for; nil if it leaves it free.
    public var optimiser: String? {
        switch self {
        case .fedAvg, .fedSGD: nil
        case .fedAvgM: ServerMomentum.about.name
        case .fedAdagrad: ServerAdagrad.about.name
        case .fedAdam: ServerAdam.about.name
        case .fedYogi: ServerYogi.about.name
        }
    }

    /// What there is to know of it.
    public var about: PartDescription {
        switch self {
        case .fedAvg:
            describe(
                "Clients take several local steps; the next model is the weighted mean of theirs.",
                ServerSGD.about.paper, "any other parts: it is what the others start from")
        case .fedSGD:
            describe(
                "One full-batch gradient step a client and round; with everybody, gradient descent on all data.",
                ServerSGD.about.paper, "any selection, weighting and server optimiser; local work is fixed")
        case .fedAvgM: describe("FedAvg with momentum on the server.", ServerMomentum.about.paper, Self.anyButOptimiser)
        case .fedAdagrad: describe("FedAvg with Adagrad on the server.", AdaptiveStep.paper, Self.anyButOptimiser)
        case .fedAdam: describe("FedAvg with Adam on the server.", AdaptiveStep.paper, Self.anyButOptimiser)
        case .fedYogi: describe("FedAvg with Yogi on the server.", AdaptiveStep.paper, Self.anyButOptimiser)
        }
    }

    private static let anyButOptimiser = "any selection, local solver and weighting"

    private func describe(_ summary: String, _ paper: String, _ combinations: String) -> PartDescription {
        PartDescription(name: rawValue, summary: summary, paper: paper, combinations: combinations)
    }
}
