/// x ← x + η_g Δ (FedAvg). With η_g = 1 it is model averaging.
public struct ServerSGD: ServerOptimiser {
    /// What there is to know of it.
    public static let about = PartDescription(
        name: "sgd", summary: "x ← x + η Δ; with a server learning rate of 1, model averaging.",
        paper: "McMahan et al. 2017, Communication-Efficient Learning of Deep Networks from Decentralized Data",
        combinations: "any other parts")
    /// It has none but the server's learning rate.
    public static let parameters: [PartParameter<ServerSGD>] = []

    /// The step along the mean update.
    public init() {}

    /// Δ ← η Δ.
    public func replace(_ update: inout MutableSpan<Double>, state: inout MutableSpan<Float>, _ context: StepContext) {
        // A product with 1 changes no bit.
        guard context.learningRate != 1 else { return }
        for index in update.indices { update[index] *= context.learningRate }
    }
}
