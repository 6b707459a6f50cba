/// FedPer: the last layers stay with their clients, the rest is averaged; all of it trains together.
public struct FedPer: PersonalPart {
    /// The tensors that stay.
    public var head = HeadSelection.layers(1)

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "fedper",
        summary: "The last layers stay with each client, and train with those below, which are averaged.",
        paper: "Arivazhagan et al. 2019, Federated Learning with Personalization Layers",
        combinations: Self.combinations)
    /// The head.
    public static let parameters: [PartParameter<FedPer>] = [.head(\.head)]

    /// The last layer stays.
    public init() {}

    /// A head that trains with the rest.
    public var personalisation: Personalisation { .ownHead(head, epochs: nil) }
}

/// FedRep: in a round a client first trains its head on the layers below as they came, then these under that head.
public struct FedRep: PersonalPart {
    /// The tensors that stay.
    public var head = HeadSelection.layers(1)
    /// Passes over a client's data for the head alone.
    public var headEpochs = 10

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "fedrep",
        summary: "The last layers stay with each client, and train before those below, which are averaged.",
        paper: "Collins et al. 2021, Exploiting Shared Representations for Personalized Federated Learning",
        combinations: FedPer.combinations)
    /// The head, and how long it trains.
    public static let parameters: [PartParameter<FedRep>] = [
        .head(\.head),
        PartParameter(
            "head-epochs", \.headEpochs, "Passes in which the head alone trains, before the local work on the rest.",
            must: "a whole number from 1 to 1000"
        ) { $0 >= 1 && $0 <= 1000 },
    ]

    /// The last layer stays, and trains for ten epochs.
    public init() {}

    /// A head that trains first.
    public var personalisation: Personalisation { .ownHead(head, epochs: headEpochs) }
}

extension FedPer {
    fileprivate static let combinations =
        "methods plain and prox, any aggregation, encoding (over a network f32, f16 or bf16) and server optimiser; rounds; no "
        + "privacy, no selection by losses"
}

extension PartParameter where Part: PersonalPart {
    fileprivate static func head(_ keyPath: any WritableKeyPath<Part, HeadSelection> & Sendable) -> Self {
        PartParameter(
            "head", value: keyPath, "What stays with each client: the last layers, or tensors.",
            must: HeadSelection.form
        ) { _ in true }
    }
}
