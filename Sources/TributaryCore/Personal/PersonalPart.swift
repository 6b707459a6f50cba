/// The part of a strategy that gives every client a model of its own, beside the global one.
public protocol PersonalPart: StrategyPart {
    /// How clients come to their models.
    var personalisation: Personalisation { get }
}

/// How clients come to models of their own, which never leave them.
public enum Personalisation: Hashable, Sendable {
    /// Each trains the final global model further on its own data.
    case fineTuning(epochs: Int, rateFactor: Double)
    /// Each trains a model of its own whenever it takes part, pulled towards the model that it was given (Ditto).
    case ditto(lambda: Double, epochs: Int, rateFactor: Double)
    /// Some tensors stay with each client. They train for so many epochs before the others do (FedRep), or with them (FedPer).
    case ownHead(HeadSelection, epochs: Int?)
    /// Each mixes a model of its own with the shared one (APFL); rates are over the clients' learning rate in the round.
    case mixture(share: Double, shareRate: Double, rateFactor: Double)

    /// Whether clients keep something from one round to the next.
    public var keepsModels: Bool { if case .fineTuning = self { false } else { true } }
}

/// Fine-tuning: train together, then everybody alone.
public struct FineTuning: PersonalPart {
    /// E_p.
    public var epochs = 1
    /// Over the clients' learning rate in the last round.
    public var rateFactor = 1.0

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "fine-tuning", summary: "Every client trains the final global model further on its own data.",
        paper: "Yu, Bagdasaryan, Shmatikov 2020, Salvaging Federated Learning by Local Adaptation",
        combinations: "any other parts")
    /// Epochs and rate.
    public static let parameters: [PartParameter<FineTuning>] = [.epochs(\.epochs), .rate(\.rateFactor)]

    /// One epoch at the clients' own rate.
    public init() {}

    /// Fine-tuning.
    public var personalisation: Personalisation { .fineTuning(epochs: epochs, rateFactor: rateFactor) }
}

/// Ditto: v ← v − η (∇F_k(v) + λ (v − x)) beside any way of training x.
public struct Ditto: PersonalPart {
    /// λ.
    public var lambda = 0.1
    /// Passes over a client's data for v, each time that it takes part.
    public var epochs = 1
    /// Over the clients' learning rate in the round.
    public var rateFactor = 1.0

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "ditto", summary: "Every client keeps v and trains it with each round: v ← v − η (∇F(v) + λ (v − x)).",
        paper: "Li, Hu, Beirami, Smith 2021, Ditto: Fair and Robust Federated Learning Through Personalization",
        combinations:
            "any method, aggregation, encoding, privacy and server optimiser; rounds (strategy.pacing synchronous)")
    /// λ, epochs and rate.
    public static let parameters: [PartParameter<Ditto>] = [
        PartParameter(
            "lambda", \.lambda, "λ: how strongly v is pulled towards x; 0 is training alone.", must: "a number from 0"
        ) { $0 >= 0 && $0.isFinite },
        .epochs(\.epochs), .rate(\.rateFactor),
    ]

    /// λ = 0.1, one epoch.
    public init() {}

    /// Ditto.
    public var personalisation: Personalisation { .ditto(lambda: lambda, epochs: epochs, rateFactor: rateFactor) }
}

extension PartParameter where Part: PersonalPart {
    fileprivate static func epochs(_ keyPath: any WritableKeyPath<Part, Int> & Sendable) -> Self {
        PartParameter(
            "epochs", keyPath, "Passes over a client's data for its own model.", must: "a whole number from 1 to 1000"
        ) { $0 >= 1 && $0 <= 1000 }
    }

    static func rate(_ keyPath: any WritableKeyPath<Part, Double> & Sendable) -> Self {
        PartParameter(
            "rate", keyPath, "The learning rate for it, over that of local training.", must: "a number above 0"
        ) { $0 > 0 && $0.isFinite }
    }
}
