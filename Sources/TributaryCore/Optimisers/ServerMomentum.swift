/// Momentum on the server (FedAvgM; Hsu 2019): v ← β v + Δ, then x ← x + η v, or with Nesterov's look-ahead
/// x ← x + η (β v + Δ).
///
/// There is no factor 1 − β: under a steady update steps grow to Δ/(1 − β). With β = 0 it is FedAvg, and keeps nothing.
public struct ServerMomentum: ServerOptimiser {
    /// β.
    public var beta = 0.9
    /// Whether the step looks ahead along the new v.
    public var isNesterov = false

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "momentum", summary: "v ← β v + Δ, x ← x + η v; with nesterov, x ← x + η (β v + Δ).",
        paper: "Hsu, Qi, Brown 2019, Measuring the Effects of Non-Identical Data Distribution for Federated Visual "
            + "Classification",
        combinations: "any other parts")
    /// β and the look-ahead.
    public static let parameters: [PartParameter<ServerMomentum>] = [
        PartParameter(
            "beta", \.beta, "β: what is left of the step before.", must: "a number from 0 up to, but not including, 1"
        ) { $0 >= 0 && $0 < 1 },
        PartParameter("nesterov", \.isNesterov, "Whether the step looks ahead along the new momentum."),
    ]

    /// Heavy-ball momentum with β = 0.9.
    public init() {}

    /// v, unless β is 0.
    public var stateForm: OptimiserStateForm {
        beta == 0 ? .none : OptimiserStateForm(name: "momentum-1", vectors: [.init("momentum")])
    }

    /// v ← β v + Δ; Δ ← η v, or η (β v + Δ).
    public func replace(_ update: inout MutableSpan<Double>, state: inout MutableSpan<Float>, _ context: StepContext) {
        let rate = context.learningRate
        guard beta != 0 else { return ServerSGD().replace(&update, state: &state, context) }
        for index in update.indices {
            // What is stored is rounded, what is stepped along is not.
            let momentum = beta * Double(state[index]) + update[index]
            state[index] = Float(momentum)
            update[index] = rate * (isNesterov ? beta * momentum + update[index] : momentum)
        }
    }
}
