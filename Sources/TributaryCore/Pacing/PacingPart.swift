/// The part of a strategy that says when the model moves: when a round of clients is in, or as updates come.
public protocol PacingPart: StrategyPart {
    /// When it moves.
    var pacing: Pacing { get }
}

/// When the model moves.
public enum Pacing: Hashable, Sendable {
    /// When a round's clients have reported: everybody starts from the same model.
    case synchronous
    /// Whenever so many updates are in, whichever models they started from.
    case buffered(BufferedPacing)
}

/// A model that moves as updates come. `cohort.count` clients train at any time; none waits for another.
public struct BufferedPacing: Hashable, Sendable {
    /// What becomes of an update.
    public enum Use: Hashable, Sendable {
        /// It is scaled by s(τ) and averaged with the others in the buffer; with `isNormalised` the mean is divided by that of
        /// s, so that a buffer of old updates takes no smaller step.
        case mean(isNormalised: Bool)
        /// The client's model is mixed into the global one: x ← (1 − α s(τ)) x + α s(τ) y.
        case mixing(alpha: Double)
    }

    /// K: updates to a step.
    public var goal: Int
    /// s(τ).
    public var weight: StalenessWeight
    /// The oldest model that an update may have started from, in steps; nil for any.
    public var stalenessLimit: Int?
    /// What becomes of an update.
    public var use: Use

    /// Whether clients' models are mixed into the global one.
    package var isMixing: Bool { if case .mixing = use { true } else { false } }

    /// Pacing with all its parts.
    public init(goal: Int, weight: StalenessWeight, stalenessLimit: Int?, use: Use) {
        (self.goal, self.weight, self.stalenessLimit, self.use) = (goal, weight, stalenessLimit, use)
    }
}

/// Rounds: everybody starts from the same model, and it moves when they have reported.
public struct SynchronousPacing: PacingPart {
    /// What there is to know of it.
    public static let about = PartDescription(
        name: "synchronous", summary: "Rounds: the model moves when those who were invited have reported.",
        paper: "McMahan, Moore, Ramage, Hampson, Agüera y Arcas 2017, Communication-Efficient Learning",
        combinations: "any other parts")
    /// There are none.
    public static let parameters: [PartParameter<SynchronousPacing>] = []

    /// Rounds.
    public init() {}

    /// Rounds.
    public var pacing: Pacing { .synchronous }
}

/// FedBuff: the model moves whenever K updates are in.
public struct BufferPacing: PacingPart {
    /// K.
    public var goal = 10
    /// s(τ).
    public var weight = StalenessWeight()
    /// τ_max.
    public var limit: Int?
    /// Whether steps are as long as those of fresh updates.
    public var isNormalised = false

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "buffered",
        summary: "The model moves whenever a number of updates is in; nobody waits for a round (FedBuff).",
        paper:
            "Nguyen, Malik, Zhan, Yousefpour, Rabbat, Malek, Huba 2022, Federated Learning with Buffered Asynchronous "
            + "Aggregation",
        combinations: "cohort.count clients at work at any time, drawn evenly; plain and prox, any aggregation, server "
            + "optimiser and encoding without error feedback; no privacy")
    /// K, s(τ), τ_max and the scale.
    public static let parameters: [PartParameter<BufferPacing>] =
        [
            PartParameter("goal", \.goal, "K: updates to a step.", must: "a whole number from 1 to 1000000") {
                $0 >= 1 && $0 <= 1_000_000
            }
        ]
        + PartParameter.staleness(
            form: \.weight.form, slope: \.weight.slope, knee: \.weight.knee, limit: \.limit) + [
            PartParameter(
                "normalised", \.isNormalised,
                "Whether the mean is divided by that of s, so that old updates make no smaller steps.")
        ]

    /// K = 10 and s(τ) = 1 / √(1 + τ).
    public init() {}

    /// The buffer.
    public var pacing: Pacing {
        .buffered(
            BufferedPacing(
                goal: goal, weight: weight, stalenessLimit: limit, use: .mean(isNormalised: isNormalised)))
    }
}

/// FedAsync: every client's model is mixed into the global one as it comes.
public struct MixingPacing: PacingPart {
    /// α.
    public var alpha = 0.6
    /// s(τ).
    public var weight = StalenessWeight()
    /// τ_max.
    public var limit: Int?

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "mixing", summary: "x ← (1 − α s(τ)) x + α s(τ) y for every client's model y as it comes (FedAsync).",
        paper: "Xie, Koyejo, Gupta 2019, Asynchronous Federated Optimization",
        combinations:
            "cohort.count clients at work at any time, drawn evenly; plain and prox, the mean, any server optimiser "
            + "and encoding without error feedback; no privacy")
    /// α, s(τ) and τ_max.
    public static let parameters: [PartParameter<MixingPacing>] =
        [
            PartParameter(
                "alpha", \.alpha, "α: the share of a fresh client's model.", must: "a number above 0 and at most 1"
            ) { $0 > 0 && $0 <= 1 }
        ]
        + PartParameter.staleness(
            form: \.weight.form, slope: \.weight.slope, knee: \.weight.knee, limit: \.limit)

    /// α = 0.6 and s(τ) = 1 / √(1 + τ).
    public init() {}

    /// One update to a step.
    public var pacing: Pacing {
        .buffered(
            BufferedPacing(goal: 1, weight: weight, stalenessLimit: limit, use: .mixing(alpha: alpha)))
    }
}

extension PartParameter where Part: PacingPart {
    /// The parameters of s(τ) and τ_max.
    fileprivate static func staleness(
        form: any WritableKeyPath<Part, StalenessWeight.Form> & Sendable,
        slope: any WritableKeyPath<Part, Double> & Sendable, knee: any WritableKeyPath<Part, Int> & Sendable,
        limit: any WritableKeyPath<Part, Int?> & Sendable
    ) -> [PartParameter<Part>] {
        [
            PartParameter(
                "staleness", form,
                "s(τ): constant, polynomial: (1 + τ)^−slope, or hinge: 1 / (slope (τ − knee) + 1) beyond the knee."),
            PartParameter(
                "slope", slope, "How fast s(τ) falls.", must: "a number from 0 to 1000"
            ) { $0 >= 0 && $0 <= 1000 },
            PartParameter(
                "knee", knee, "With hinge: up to where it does not fall.",
                must: "a whole number from 0"
            ) { $0 >= 0 },
            PartParameter(
                "limit", value: limit,
                "The oldest model that an update may have started from, in steps; none for any.",
                must: "a whole number from 0, or none"
            ) { $0.map { $0 >= 0 } ?? true },
        ]
    }
}
