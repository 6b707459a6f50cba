/// FedDyn (Acar et al. 2021): each client's loss is regularised anew every time, so that local optima come to agree with
/// the common one.
///
/// A client minimises F_k(y) − ⟨g_k, y⟩ + α/2 ‖y − x‖², where g_k is its estimate of ∇F_k where it last arrived, and then
/// g_k ← g_k − α (y − x). The server keeps h, the mean of all g_k: h ← h − α m/N mean(y − x), and x ← mean(y) − h/α.
/// Where it comes to rest, the mean of all gradients is zero. Nothing but the model goes either way.
public struct DynamicMethod: FederatedMethod {
    /// α.
    public var alpha = 0.1

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "dyn", summary: "Clients minimise F_k(y) − ⟨g_k, y⟩ + α/2 ‖y − x‖²; the server steps to mean(y) − h/α.",
        paper: "Acar et al. 2021, Federated Learning Based on Dynamic Regularization",
        combinations: "any selection; uniform weighting; server optimiser sgd with a learning rate of 1")
    /// α.
    public static let parameters: [PartParameter<DynamicMethod>] = [
        PartParameter(
            "alpha", \.alpha, "α: the pull towards the model that a client started from; small, as 0.1 to 0.001.",
            must: "a number from 1e-9 to 1e6"
        ) { $0 >= 1e-9 && $0 <= 1e6 }
    ]

    /// α = 0.1.
    public init() {}

    /// Local optima may be approximate.
    public static var keepsPartialWork: Bool { true }
    /// Gradients gain −g_k + α (y − x).
    public var correctsGradients: Bool { true }
    /// h is the mean of all g_k, each counting alike.
    public var weighting: UpdateWeighting? { .uniform }
    /// h and g_k.
    public var form: MethodForm {
        var form = MethodForm(name: "dyn-1")
        (form.server, form.memory) = (["h"], ["gradient"])
        return form
    }

    /// The server's step is the method's own.
    public func check(_ plan: Plan) throws(PlanError) {
        let optimiser = plan.strategy.optimiser?.name ?? plan.algorithm.optimiser ?? ServerSGD.about.name
        guard optimiser == ServerSGD.about.name else {
            throw PlanError(
                "strategy.method dyn has a server step of its own, and the server optimiser is \(optimiser); leave out "
                    + "strategy.optimiser")
        }
        guard (plan.server.learningRate ?? 1) == 1, plan.server.schedule == .constant else {
            throw PlanError(
                "strategy.method dyn steps all the way, with a server.learning-rate of 1 and a constant server.schedule; "
                    + "leave them out")
        }
    }

    /// Sets α.
    public func adjust(_ solver: inout LocalSolver, figures: [Double]) { solver.proximal = alpha }

    /// −g_k.
    public func writeOffset(_ offset: inout MutableSpan<Float>, sent: Span<Float>, memory: Span<Float>) {
        for index in offset.indices { offset[index] = -memory[index] }
    }

    /// g_k ← g_k − α (y − x).
    public func finish(
        _ work: LocalWork, update: inout MutableSpan<Float>, memory: inout MutableSpan<Float>,
        message: inout MutableSpan<Float>
    ) -> [Double] {
        for index in update.indices {
            memory[index] = Float(Double(memory[index]) - alpha * Double(update[index]))
        }
        return []
    }

    /// α m/N.
    public func advance(
        _ figures: inout [Double], by contributions: [MethodContribution], populationSize: Int
    ) -> [Double] { [alpha * Double(contributions.count) / Double(populationSize)] }

    /// h ← h − α m/N Δ, Δ ← Δ − h/α.
    public func step(
        _ update: inout MutableSpan<Double>, message: Span<Double>, state: inout MutableSpan<Float>, factors: [Double]
    ) {
        let share = factors[0]
        for index in update.indices {
            // What is stored is rounded, what is stepped along is not.
            let mean = Double(state[index]) - share * update[index]
            state[index] = Float(mean)
            update[index] -= mean / alpha
        }
    }
}
