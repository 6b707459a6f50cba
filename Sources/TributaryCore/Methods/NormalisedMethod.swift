/// FedNova (Wang et al. 2020): updates are averaged as if everybody had taken the same number of steps.
///
/// A client that takes more local steps moves further and so has a larger say, and FedAvg ends at the optimum of another
/// objective than the one it was given. Here an update is divided by ‖a_k‖₁, the number of gradients that are in
/// it, each by the weight with which local training passed it on; the mean of the quotients is multiplied by
/// τ_eff, the mean of all ‖a_k‖₁ (of the plain counts of steps where μ > 0). With the same ‖a_k‖₁ for all it is FedAvg.
public struct NormalisedMethod: FederatedMethod {
    /// μ: a proximal term as in FedProx; 0 for none.
    public var mu = 0.0

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "nova", summary: "Updates count by step: Δ ← τ_eff mean(Δ_k / ‖a_k‖₁).",
        paper: "Wang et al. 2020, Tackling the Objective Inconsistency Problem in Heterogeneous Federated Optimization",
        combinations: "any other parts; local.momentum and mu are taken into account")
    /// μ.
    public static let parameters: [PartParameter<NormalisedMethod>] = [
        PartParameter(
            "mu", \.mu, "μ: the pull towards the model that a client started from, as in prox.",
            must: "a number from 0 to 1e6"
        ) { $0 >= 0 && $0 <= 1e6 }
    ]

    /// Without a proximal term.
    public init() {}

    /// Different amounts of work are what it is for.
    public static var keepsPartialWork: Bool { true }
    /// Gradients gain a term if μ is above 0.
    public var correctsGradients: Bool { mu > 0 }
    /// ‖a_k‖₁ and the steps.
    public var form: MethodForm {
        var form = MethodForm(name: "nova-1")
        // Far more than anybody takes; what a client claims beyond that would throw the model out of single precision.
        (form.figures, form.figureRange) = (["normaliser", "steps"], 0...1e12)
        return form
    }

    /// Sets μ.
    public func adjust(_ solver: inout LocalSolver, figures: [Double]) { solver.proximal = mu }

    /// Δ_k / ‖a_k‖₁.
    public func finish(
        _ work: LocalWork, update: inout MutableSpan<Float>, memory: inout MutableSpan<Float>,
        message: inout MutableSpan<Float>
    ) -> [Double] {
        let normaliser = Self.normaliser(steps: work.outcome.stepCount, work.solver)
        for index in update.indices { update[index] = Float(Double(update[index]) / normaliser) }
        return [normaliser, Double(work.outcome.stepCount)]
    }

    /// τ_eff.
    public func advance(
        _ figures: inout [Double], by contributions: [MethodContribution], populationSize: Int
    ) -> [Double] { [contributions.mean(of: mu > 0 ? 1 : 0)] }

    /// Δ ← τ_eff Δ.
    public func step(
        _ update: inout MutableSpan<Double>, message: Span<Double>, state: inout MutableSpan<Float>, factors: [Double]
    ) {
        for index in update.indices { update[index] *= factors[0] }
    }

    /// ‖a‖₁ after so many steps: the sum of the magnitudes with which single gradients are in x − y, over η.
    ///
    /// A gradient moves the model by 1 in its own step. From there on, momentum moves it on and the proximal term
    /// takes it back: v ← ρ v − η μ z, z ← z + v. Since all gradients go the same way, only at other times, one of
    /// them followed over all steps gives the weights of all.
    package static func normaliser(steps: Int, _ solver: LocalSolver) -> Double {
        if solver.momentum == 0, solver.proximal == 0 { return Double(steps) }
        var (velocity, moved, sum) = (1.0, 1.0, 0.0)
        for _ in 0..<steps {
            sum += abs(moved)
            velocity = solver.momentum * velocity - solver.learningRate * solver.proximal * moved
            moved += velocity
        }
        return sum
    }
}
