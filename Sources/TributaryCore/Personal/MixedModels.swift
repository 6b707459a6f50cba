/// APFL: a client's model is a mixture of one of its own and the shared one.
public struct MixedModels: PersonalPart {
    /// α, to begin with.
    public var alpha = 0.5
    /// Whether α goes on from there by its gradient.
    public var isAdaptive = true
    /// η_α over the learning rate of local training, which is what the paper has.
    public var alphaRate = 1.0
    /// The learning rate of v, over that of local training.
    public var rateFactor = 1.0

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "apfl", summary: "A client's model is α v + (1 − α) w, of its own and the shared one; α adapts.",
        paper: "Deng, Kamani, Mahdavi 2020, Adaptive Personalized Federated Learning",
        combinations: "methods plain and prox, any aggregation, encoding, privacy and server optimiser; rounds")
    /// α, how it adapts, and the rate of v.
    public static let parameters: [PartParameter<MixedModels>] = [
        PartParameter(
            "alpha", \.alpha, "α: the share of the client's own part, to begin with.", must: "a number from 0 to 1"
        ) { $0 >= 0 && $0 <= 1 },
        PartParameter("adaptive", \.isAdaptive, "Whether α goes on by its gradient, once a round."),
        PartParameter(
            "alpha-rate", \.alphaRate, "The learning rate of α, over that of local training.", must: "a number above 0"
        ) { $0 > 0 && $0.isFinite },
        .rate(\.rateFactor),
    ]

    /// α = 0.5, which adapts.
    public init() {}

    /// APFL.
    public var personalisation: Personalisation {
        .mixture(share: alpha, shareRate: isAdaptive ? alphaRate : 0, rateFactor: rateFactor)
    }
}
