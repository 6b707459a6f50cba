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
        /// FedAvg with a proximal term and partial work.
        case fedProx = "fedprox"
        /// Averages of updates that are normalised by their steps.
        case fedNova = "fednova"
        /// FedAvg with control variates.
        case scaffold = "scaffold"
        /// FedAvg with dynamic regularisation.
        case fedDyn = "feddyn"
        /// Fair FedAvg.
        case qFedAvg = "qfedavg"
        /// Fair FedSGD.
        case qFedSGD = "qfedsgd"
        /// Agnostic federated learning.
        case agnostic = "afl"
        /// Steps whenever a number of updates is in.
        case fedBuff = "fedbuff"
        /// A step with every update.
        case fedAsync = "fedasync"
    }
}

extension Plan.Algorithm {
    /// The server optimiser that the algorithm is named for; nil if it leaves it free.
    public var optimiser: String? {
        switch self {
        case .fedAvg, .fedSGD, .fedProx, .fedNova, .scaffold, .fedDyn, .qFedAvg, .qFedSGD, .agnostic, .fedBuff,
            .fedAsync:
            nil
        case .fedAvgM: ServerMomentum.about.name
        case .fedAdagrad: ServerAdagrad.about.name
        case .fedAdam: ServerAdam.about.name
        case .fedYogi: ServerYogi.about.name
        }
    }

    /// The method that the algorithm is named for; nil if it leaves it free.
    public var method: String? { methodAbout?.name }

    /// The pacing that the algorithm is named for; nil if it leaves it free.
    public var pacing: String? {
        switch self {
        case .fedBuff: BufferPacing.about.name
        case .fedAsync: MixingPacing.about.name
        default: nil
        }
    }

    private var methodAbout: PartDescription? {
        switch self {
        case .fedAvg, .fedSGD, .fedAvgM, .fedAdagrad, .fedAdam, .fedYogi, .fedBuff, .fedAsync: nil
        case .fedProx: ProximalMethod.about
        case .fedNova: NormalisedMethod.about
        case .scaffold: ScaffoldMethod.about
        case .fedDyn: DynamicMethod.about
        case .qFedAvg: FairAveraging.about
        case .qFedSGD: FairGradient.about
        case .agnostic: AgnosticMethod.about
        }
    }

    /// What there is to know of it.
    public var about: PartDescription {
        if let about = methodAbout { return describe(about.summary, about.paper, about.combinations) }
        return switch self {
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
        case .fedBuff:
            describe(BufferPacing.about.summary, BufferPacing.about.paper, BufferPacing.about.combinations)
        case .fedAsync:
            describe(MixingPacing.about.summary, MixingPacing.about.paper, MixingPacing.about.combinations)
        case .fedProx, .fedNova, .scaffold, .fedDyn, .qFedAvg, .qFedSGD, .agnostic:
            preconditionFailure("an algorithm that is named for a method says what the method says")
        }
    }

    private static let anyButOptimiser = "any selection, local solver and weighting"

    private func describe(_ summary: String, _ paper: String, _ combinations: String) -> PartDescription {
        PartDescription(name: rawValue, summary: summary, paper: paper, combinations: combinations)
    }
}
