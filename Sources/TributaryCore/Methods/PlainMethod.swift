/// Nothing beside averaging (FedAvg).
public struct PlainMethod: FederatedMethod {
    /// What there is to know of it.
    public static let about = PartDescription(
        name: "plain", summary: "Nothing beside averaging.", paper: ServerSGD.about.paper,
        combinations: "any other parts")
    /// It has none.
    public static let parameters: [PartParameter<PlainMethod>] = []

    /// Plain averaging.
    public init() {}
}
