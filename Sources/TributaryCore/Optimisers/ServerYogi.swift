/// FedYogi (Reddi 2021): v ← v − (1 − β₂) Δ² sign(v − Δ²), x ← x + η m / (√v + τ).
public struct ServerYogi: ServerOptimiser {
    /// β₁.
    public var beta1 = 0.9
    /// β₂.
    public var beta2 = 0.99
    /// τ.
    public var tau = 1e-3
    /// What v starts from.
    public var v0 = 0.0
    /// What makes up for moments that start from zero.
    public var biasCorrection = BiasCorrection.none

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "yogi", summary: "v ← v − (1 − β₂) Δ² sign(v − Δ²), x ← x + η m / (√v + τ).", paper: AdaptiveStep.paper,
        combinations: AdaptiveStep.combinations)
    /// β₁, β₂, τ, what v starts from, and the correction of the start.
    public static let parameters: [PartParameter<ServerYogi>] = [
        AdaptiveParameters.beta1(\.beta1), AdaptiveParameters.beta2(\.beta2), AdaptiveParameters.tau(\.tau),
        AdaptiveParameters.v0(\.v0), AdaptiveParameters.correction(\.biasCorrection),
    ]

    /// β₁ = 0.9, β₂ = 0.99, τ = 0.001, v from 0, no correction.
    public init() {}

    /// 0.01: a step's length is about η.
    public var defaultLearningRate: Double { 0.01 }
    /// v, and m unless β₁ is 0.
    public var stateForm: OptimiserStateForm { AdaptiveStep.form("yogi-1", beta1: beta1, v0: v0) }

    /// Refuses to correct a start that needs no correction.
    public func checkParameters() throws(PlanError) { try AdaptiveStep.check(biasCorrection, v0: v0) }

    /// Takes the step.
    public func replace(_ update: inout MutableSpan<Double>, state: inout MutableSpan<Float>, _ context: StepContext) {
        var step = AdaptiveStep(beta1: beta1, tau: tau, rate: context.learningRate)
        step.correct(biasCorrection, beta2: beta2, at: context)
        let rest = 1 - beta2
        step.replace(&update, state: &state) { old, square in
            let change = rest * square
            return old > square ? old - change : old < square ? old + change : old
        }
    }
}
