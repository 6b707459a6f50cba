/// FedAdagrad (Reddi 2021): v ← v + Δ², x ← x + η m / (√v + τ).
public struct ServerAdagrad: ServerOptimiser {
    /// β₁: 0 is no momentum.
    public var beta1 = 0.0
    /// τ.
    public var tau = 1e-3
    /// What v starts from.
    public var v0 = 0.0

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "adagrad", summary: "v ← v + Δ², x ← x + η m / (√v + τ).", paper: AdaptiveStep.paper,
        combinations: AdaptiveStep.combinations)
    /// β₁, τ and what v starts from.
    public static let parameters: [PartParameter<ServerAdagrad>] = [
        AdaptiveParameters.beta1(\.beta1), AdaptiveParameters.tau(\.tau), AdaptiveParameters.v0(\.v0),
    ]

    /// β₁ = 0, τ = 0.001, v from 0.
    public init() {}

    /// 0.1: a step's length is about η at first and shrinks from there.
    public var defaultLearningRate: Double { 0.1 }
    /// v, and m unless β₁ is 0.
    public var stateForm: OptimiserStateForm { AdaptiveStep.form("adagrad-1", beta1: beta1, v0: v0) }

    /// Takes the step.
    public func replace(_ update: inout MutableSpan<Double>, state: inout MutableSpan<Float>, _ context: StepContext) {
        let step = AdaptiveStep(beta1: beta1, tau: tau, rate: context.learningRate)
        step.replace(&update, state: &state) { old, square in old + square }
    }
}
