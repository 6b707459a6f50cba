/// q-FedAvg (Li et al. 2020): clients train as for FedAvg, and those with a large loss count for more.
///
/// The paper draws clients in proportion to their examples; here they are drawn as `cohort.selection` says.
public struct FairAveraging: FederatedMethod {
    /// q.
    public var q = 1.0
    /// L; 0 is one over the clients' learning rate.
    public var lipschitz = 0.0

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "qfedavg", summary: "Updates count by F_k^q; Δ ← Σ F_k^q Δ_k / Σ h_k.", paper: FairStep.paper,
        combinations: "any selection, local solver and server optimiser; uniform weighting")
    /// q and L.
    public static let parameters: [PartParameter<FairAveraging>] = [FairStep.q(\.q), FairStep.lipschitz(\.lipschitz)]

    /// q = 1.
    public init() {}

    /// F^q takes the place of weights.
    public var weighting: UpdateWeighting? { .uniform }
    /// h_k; the loss is measured.
    public var form: MethodForm { FairStep.form }

    /// F^q Δ_k, and h_k/L.
    public func finish(
        _ work: LocalWork, update: inout MutableSpan<Float>, memory: inout MutableSpan<Float>,
        message: inout MutableSpan<Float>
    ) -> [Double] { FairStep(q: q, lipschitz: lipschitz).finish(work, update: &update, scale: 1) }

    /// m / Σ h_k.
    public func advance(
        _ figures: inout [Double], by contributions: [MethodContribution], populationSize: Int
    ) -> [Double] { FairStep.factors(contributions) }

    /// Δ ← Δ m / Σ h_k.
    public func step(
        _ update: inout MutableSpan<Double>, message: Span<Double>, state: inout MutableSpan<Float>, factors: [Double]
    ) { FairStep.step(&update, factors) }
}
