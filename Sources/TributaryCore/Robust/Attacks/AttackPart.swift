/// An attack as plans of simulations name it: what adversaries do instead of honest work.
public protocol AttackPart: StrategyPart {
    /// What they send in a round with so many contributions, of which so many are theirs; nil if they send what they
    /// trained.
    func attack(contributions: Int, adversaries: Int) -> Attack?
    /// What they do to their labels before they train; nil for nothing.
    var labelFlip: LabelFlip? { get }
    /// Whether the attack is made from the honest updates of the round, so that it waits for them.
    static var needsHonestStatistics: Bool { get }
}

extension AttackPart {
    /// Nothing.
    public var labelFlip: LabelFlip? { nil }
    /// It does not.
    public static var needsHonestStatistics: Bool { false }
}

private let simulations = "simulations, with faults.adversaries and any aggregation"

/// −scale · the own update.
public struct SignFlipPart: AttackPart {
    /// The factor.
    public var scale = 1.0

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "sign-flip", summary: "Send −scale times the own update.",
        paper: "Li, Xu, Chen, Giannakis, Ling 2019, RSA: Byzantine-Robust Stochastic Aggregation",
        combinations: simulations)
    /// The factor.
    public static let parameters: [PartParameter<SignFlipPart>] = [.positive("scale", \.scale, "The factor.")]

    /// The same length backwards.
    public init() {}

    /// The attack.
    public func attack(contributions: Int, adversaries: Int) -> Attack? { .signFlip(scale: scale) }
}

/// factor · the own update.
public struct ScalingPart: AttackPart {
    /// The factor.
    public var factor = 10.0

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "scaling", summary: "Send a multiple of the own update.",
        paper: "Bagdasaryan, Veit, Hua, Estrin, Shmatikov 2020, How To Backdoor Federated Learning",
        combinations: simulations)
    /// The factor.
    public static let parameters: [PartParameter<ScalingPart>] = [.positive("factor", \.factor, "The factor.")]

    /// Ten times.
    public init() {}

    /// The attack.
    public func attack(contributions: Int, adversaries: Int) -> Attack? { .scaling(factor: factor) }
}

/// Normal deviates around the own update.
public struct GaussianPart: AttackPart {
    /// The standard deviation of each coordinate.
    public var deviation = 1.0

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "gaussian", summary: "Send the own update with normal noise on every coordinate.",
        paper: "Blanchard, El Mhamdi, Guerraoui, Stainer 2017, Machine Learning with Adversaries",
        combinations: simulations)
    /// The noise.
    public static let parameters: [PartParameter<GaussianPart>] = [
        .positive("deviation", \.deviation, "The noise's standard deviation.")
    ]

    /// Deviation 1.
    public init() {}

    /// The attack.
    public func attack(contributions: Int, adversaries: Int) -> Attack? { .gaussian(deviation: deviation) }
}

/// "A little is enough": the honest mean less z deviations.
public struct LittleIsEnoughPart: AttackPart {
    /// z; 0 for as much as is likely to pass.
    public var deviations = 0.0

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "little-is-enough", summary: "Send the honest mean less z standard deviations of each coordinate.",
        paper: "Baruch, Baruch, Goldberg 2019, A Little Is Enough", combinations: simulations)
    /// z.
    public static let parameters: [PartParameter<LittleIsEnoughPart>] = [
        PartParameter(
            "deviations", \.deviations, "z; 0 for the paper's, by the round's numbers.", must: "a number from 0"
        ) { $0 >= 0 && $0.isFinite }
    ]
    /// The mean and the deviations of the others.
    public static let needsHonestStatistics = true

    /// The paper's z.
    public init() {}

    /// The attack. Where the adversaries are a majority anyway, or nobody is honest, z is 1.
    public func attack(contributions: Int, adversaries: Int) -> Attack? {
        if deviations > 0 { return .littleIsEnough(deviations: deviations) }
        let lacking = contributions / 2 + 1 - adversaries
        guard lacking >= 1, lacking < contributions - adversaries else { return .littleIsEnough(deviations: 1) }
        return .littleIsEnough(
            deviations: Attack.littleIsEnoughDeviations(contributions: contributions, adversaries: adversaries))
    }
}

/// −scale · the honest mean.
public struct InnerProductPart: AttackPart {
    /// The factor.
    public var scale = 1.0

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "inner-product", summary: "Send −scale times the honest mean.",
        paper: "Xie, Koyejo, Gupta 2020, Fall of Empires", combinations: simulations)
    /// The factor.
    public static let parameters: [PartParameter<InnerProductPart>] = [.positive("scale", \.scale, "The factor.")]
    /// The mean of the others.
    public static let needsHonestStatistics = true

    /// The mean itself, backwards.
    public init() {}

    /// The attack.
    public func attack(contributions: Int, adversaries: Int) -> Attack? { .innerProduct(scale: scale) }
}

/// Honest work on wrong labels.
public struct LabelFlipPart: AttackPart {
    /// The class that passes as another; −1 for all.
    public var from = -1
    /// What it passes as.
    public var to = 0

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "label-flip", summary: "Train on wrong labels: y becomes C − 1 − y, or one class passes as another.",
        paper: "Tolpegin, Truex, Gursoy, Liu 2020, Data Poisoning Attacks Against Federated Learning Systems",
        combinations: "simulations with classes whose clients share no examples")
    /// Which labels.
    public static let parameters: [PartParameter<LabelFlipPart>] = [
        PartParameter("from", \.from, "The class that passes as another; -1 turns all around.", must: "-1 or a class") {
            $0 >= -1 && $0 < 65_536
        },
        PartParameter("to", \.to, "The class it passes as.", must: "a class") { $0 >= 0 && $0 < 65_536 },
    ]

    /// All turned around.
    public init() {}

    /// None: the update is what came of training.
    public func attack(contributions: Int, adversaries: Int) -> Attack? { nil }
    /// The wrong labels.
    public var labelFlip: LabelFlip? { from < 0 ? .reversed : .one(from: from, to: to) }
}

extension PartParameter {
    fileprivate static func positive(
        _ name: String, _ keyPath: any WritableKeyPath<Part, Double> & Sendable, _ summary: String
    ) -> PartParameter {
        PartParameter(name, keyPath, summary, must: "a number above 0") { $0 > 0 && $0.isFinite }
    }
}
