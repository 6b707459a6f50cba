/// The part of a strategy that has a run tell little of any one client (differential privacy of whole clients).
///
/// Every update is clipped to an L2 norm, and noise measured by that bound hides what one client can have moved. What a
/// part says is how the noise gets in; the accounting follows from that.
public protocol PrivacyPart: StrategyPart {
    /// How noise gets into a round.
    var mechanism: RoundMechanism { get }
}

/// How noise gets into the rounds of a run.
public struct RoundMechanism: Hashable, Sendable {
    /// Where the noise is added, and what amplifies it.
    public enum Kind: Hashable, Sendable {
        /// A random sample of the clients in every round, noise on their sum (DP-FedAvg).
        case sampled(AdaptiveBound?)
        /// No sampling: noise by the nodes of trees over so many rounds (nil: all of a run's), in each of which a client
        /// takes part so often at most (DP-FTRL).
        case tree(rounds: Int?, participations: Int)
        /// Every client adds noise to its own update.
        case local
    }

    /// How a clipping bound follows the updates' norms.
    public struct AdaptiveBound: Hashable, Sendable {
        /// γ: the quantile of the norms that the bound tends to.
        public var quantile = 0.5
        /// η: how fast it moves.
        public var learningRate = 0.2
        /// σ_b, the standard deviation of the noise on the count of clipped updates; nil: m / 20.
        public var countDeviation: Double?
    }

    /// Where the noise is added.
    public var kind: Kind
    /// C: the L2 norm that an update is clipped to; where the bound is adaptive, in the first round.
    public var clip: Double
    /// z: the noise's standard deviation divided by what one client can move; nil: the least that the budget lets the
    /// planned rounds have.
    public var noiseMultiplier: Double?

    /// Whether it counts on a random sample of the clients in every round.
    public var isSampled: Bool {
        if case .sampled = kind { true } else { false }
    }

    /// A mechanism with all its parts.
    public init(_ kind: Kind, clip: Double, noiseMultiplier: Double?) {
        (self.kind, self.clip, self.noiseMultiplier) = (kind, clip, noiseMultiplier)
    }
}

/// DP-FedAvg: a Poisson sample of the clients, clipped updates, Gaussian noise on their sum, a fixed denominator.
public struct SampledPrivacy: PrivacyPart {
    /// C, in the first round if it is adaptive.
    public var clip = 0.1
    /// z; nil: by the budget.
    public var noise: Double?
    /// Whether the bound follows the norms.
    public var isAdaptive = false
    /// How it does.
    public var adaptive = RoundMechanism.AdaptiveBound()

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "sampled", summary: "Clipped updates of a random sample, and Gaussian noise on their sum (DP-FedAvg).",
        paper:
            "McMahan, Ramage, Talwar, Zhang 2018, Learning Differentially Private Recurrent Language Models; Andrew, "
            + "Thakkar, McMahan, Ramaswamy 2021, Differentially Private Learning with Adaptive Clipping",
        combinations:
            "cohort.selection poisson (over a network with privacy.population) or, in simulation, all; uniform weighting, the "
            + "mean, any encoding and server optimiser; methods that send the update alone")
    /// The bound, the noise, and how the bound adapts.
    public static let parameters: [PartParameter<SampledPrivacy>] = [
        .clip(\.clip), .noise(\.noise),
        PartParameter("adaptive", \.isAdaptive, "Whether the bound follows a quantile of the norms."),
        PartParameter(
            "quantile", \.adaptive.quantile, "γ: the quantile of the norms that an adaptive bound tends to.",
            must: "a number from 0 to 1"
        ) { $0 >= 0 && $0 <= 1 },
        PartParameter(
            "rate", \.adaptive.learningRate, "η: how fast an adaptive bound moves, C ← C·exp(−η (b − γ)).",
            must: "a number from 0 to 10"
        ) { $0 >= 0 && $0 <= 10 },
        PartParameter(
            "count-noise", value: \.adaptive.countDeviation,
            "The noise's deviation on the count of clipped updates; none is a twentieth of the expected clients.",
            must: "a number above 0, or none"
        ) { $0.map { $0 > 0 && $0 <= 0x1p30 } ?? true },
    ]

    /// A fixed bound of 0.1, and noise by the budget.
    public init() {}

    /// The mechanism.
    public var mechanism: RoundMechanism {
        RoundMechanism(.sampled(isAdaptive ? adaptive : nil), clip: clip, noiseMultiplier: noise)
    }
}

/// DP-FTRL: noise that is correlated over rounds, by the nodes of a binary tree, and no assumption on who takes part when.
public struct TreePrivacy: PrivacyPart {
    /// C.
    public var clip = 0.1
    /// z; nil: by the budget.
    public var noise: Double?
    /// Rounds to a tree; nil: all.
    public var rounds: Int?
    /// How often a client takes part in one tree, at most.
    public var participations = 1

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "tree", summary: "Noise by the nodes of a binary tree over rounds, no sampling (DP-FTRL).",
        paper:
            "Kairouz, McMahan, Song, Thakkar, Thakurta, Xu 2021, Practical and Private (Deep) Learning Without Sampling "
            + "or Shuffling",
        combinations:
            "any selection, uniform weighting, the mean, any encoding and server optimiser; methods that send the "
            + "update alone")
    /// The bound, the noise, and the tree.
    public static let parameters: [PartParameter<TreePrivacy>] = [
        .clip(\.clip), .noise(\.noise),
        PartParameter(
            "rounds", value: \.rounds, "The rounds of one tree, which is paid for as a whole; none is all rounds.",
            must: "a whole number from 1, or none"
        ) { $0.map { $0 >= 1 } ?? true },
        PartParameter(
            "participations", \.participations, "How often a client takes part in one tree, at most.",
            must: "a whole number from 1"
        ) { $0 >= 1 },
    ]

    /// One tree, in which a client takes part once.
    public init() {}

    /// The mechanism.
    public var mechanism: RoundMechanism {
        RoundMechanism(.tree(rounds: rounds, participations: participations), clip: clip, noiseMultiplier: noise)
    }
}

/// Local privacy: every client adds noise to its own update, and nobody has to be trusted.
public struct LocalPrivacy: PrivacyPart {
    /// C.
    public var clip = 0.1
    /// z, relative to 2C; nil: by the budget.
    public var noise: Double?

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "local", summary: "Every client clips its update and adds noise to it before anybody sees it.",
        paper: "Dwork, Roth 2014, The Algorithmic Foundations of Differential Privacy",
        combinations:
            "any selection, uniform weighting, the mean, any server optimiser; updates that travel as they are; "
            + "methods that send the update alone")
    /// The bound and the noise.
    public static let parameters: [PartParameter<LocalPrivacy>] = [.clip(\.clip), .noise(\.noise)]

    /// A bound of 0.1, and noise by the budget.
    public init() {}

    /// The mechanism.
    public var mechanism: RoundMechanism { RoundMechanism(.local, clip: clip, noiseMultiplier: noise) }
}

extension PartParameter where Part: PrivacyPart {
    fileprivate static func clip(_ keyPath: any WritableKeyPath<Part, Double> & Sendable) -> Self {
        PartParameter(
            "clip", keyPath, "C: the L2 norm that an update is clipped to; where it is adaptive, in the first round.",
            must: "a number from 0.000001 to 1000000"
        ) { $0 >= 1e-6 && $0 <= 1e6 }
    }

    fileprivate static func noise(_ keyPath: any WritableKeyPath<Part, Double?> & Sendable) -> Self {
        PartParameter(
            "noise", value: keyPath,
            "z: the noise's deviation over what a client can move; none is the least that privacy.epsilon lets all rounds "
                + "have.",
            must: "a number from 0 to 1000000, or none"
        ) { $0.map { $0 >= 0 && $0 <= 1e6 } ?? true }
    }
}
