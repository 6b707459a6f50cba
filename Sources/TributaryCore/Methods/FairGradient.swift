/// q-FedSGD (Li et al. 2020): a full gradient a client and round, and clients with a large loss count for more.
public struct FairGradient: FederatedMethod {
    /// q.
    public var q = 1.0
    /// L; 0 is one over the clients' learning rate.
    public var lipschitz = 0.0

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "qfedsgd", summary: "Gradients count by F_k^q; Δ ← −Σ F_k^q ∇F_k / Σ h_k.", paper: FairStep.paper,
        combinations: "any selection and server optimiser; uniform weighting; local work is fixed")
    /// q and L.
    public static let parameters: [PartParameter<FairGradient>] = [FairStep.q(\.q), FairStep.lipschitz(\.lipschitz)]

    /// q = 1.
    public init() {}

    /// F^q takes the place of weights.
    public var weighting: UpdateWeighting? { .uniform }
    /// h_k; the loss is measured.
    public var form: MethodForm { FairStep.form }

    /// Local work is one full-batch step.
    public func check(_ plan: Plan) throws(PlanError) {
        guard plan.local.isOneFullStep, plan.local.momentum == 0 else {
            throw PlanError(
                "strategy.method qfedsgd is one full-batch gradient a client and round; leave out local.epochs, "
                    + "local.steps, local.batch-size and local.momentum, or choose qfedavg")
        }
    }

    /// One full-batch step: its difference is −η ∇F_k.
    public func adjust(_ solver: inout LocalSolver, figures: [Double]) {
        (solver.work, solver.batchSize) = (.steps(1), nil)
    }

    /// F^q ∇F_k, and h_k, both over L.
    public func finish(
        _ work: LocalWork, update: inout MutableSpan<Float>, memory: inout MutableSpan<Float>,
        message: inout MutableSpan<Float>
    ) -> [Double] {
        let step = FairStep(q: q, lipschitz: lipschitz)
        return step.finish(work, update: &update, scale: work.solver.learningRate * step.lipschitz(work.solver))
    }

    /// m / Σ h_k.
    public func advance(
        _ figures: inout [Double], by contributions: [MethodContribution], populationSize: Int
    ) -> [Double] { FairStep.factors(contributions) }

    /// Δ ← Δ m / Σ h_k.
    public func step(
        _ update: inout MutableSpan<Double>, message: Span<Double>, state: inout MutableSpan<Float>, factors: [Double]
    ) { FairStep.step(&update, factors) }
}
