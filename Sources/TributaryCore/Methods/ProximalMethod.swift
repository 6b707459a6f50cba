/// FedProx (Li et al. 2020): a client minimises F_k(y) + μ/2 ‖y − x‖² as far as it gets.
///
/// Every gradient gains μ (y − x), which holds local models near the one they started from, and the work of clients that
/// run out of time is used as far as it went. With μ = 0 and everybody in time it is FedAvg to the bit.
///
/// With `adaptive`, μ follows the paper's heuristic: it grows by 0.1 whenever the training loss has risen, and shrinks by
/// 0.1 when it has fallen five times running. The loss is that of the round's clients at the model they were given.
public struct ProximalMethod: FederatedMethod {
    /// μ; with `adaptive`, what it starts from.
    public var mu = 0.1
    /// Whether μ follows the training loss.
    public var isAdaptive = false

    static let paper = "Li et al. 2020, Federated Optimization in Heterogeneous Networks"
    /// What there is to know of it.
    public static let about = PartDescription(
        name: "prox", summary: "Every gradient gains μ (y − x); partial work is used.", paper: paper,
        combinations: "any other parts")
    /// μ, and whether it adapts.
    public static let parameters: [PartParameter<ProximalMethod>] = [
        PartParameter(
            "mu", \.mu, "μ: the pull towards the model that a client started from.", must: "a number from 0 to 1e6"
        ) { $0 >= 0 && $0 <= 1e6 },
        PartParameter("adaptive", \.isAdaptive, "Whether μ follows the training loss, by steps of 0.1."),
    ]

    /// μ = 0.1, fixed.
    public init() {}

    /// Partial work is what it is for.
    public static var keepsPartialWork: Bool { true }
    /// Gradients gain a term.
    public var correctsGradients: Bool { mu > 0 || isAdaptive }
    /// The loss, if μ follows it.
    public var form: MethodForm {
        guard isAdaptive else { return .none }
        var form = MethodForm(name: "prox-1")
        (form.figures, form.measure) = (["loss"], .loss)
        return form
    }

    /// μ, the loss before, and how often it has fallen running.
    public func initialFigures(populationSize: Int) -> [Double] { isAdaptive ? [mu, .infinity, 0] : [] }

    /// Sets μ.
    public func adjust(_ solver: inout LocalSolver, figures: [Double]) {
        solver.proximal = isAdaptive ? figures[0] : mu
    }

    /// The loss.
    public func finish(
        _ work: LocalWork, update: inout MutableSpan<Float>, memory: inout MutableSpan<Float>,
        message: inout MutableSpan<Float>
    ) -> [Double] { isAdaptive ? [work.loss] : [] }

    /// μ ← μ + 0.1 if the loss has risen; μ ← max(0, μ − 0.1) if it has fallen five times running.
    public func advance(
        _ figures: inout [Double], by contributions: [MethodContribution], populationSize: Int
    ) -> [Double] {
        guard isAdaptive else { return [] }
        let loss = contributions.mean(of: 0)
        if loss > figures[1] {
            (figures[0], figures[2]) = (figures[0] + 0.1, 0)
        } else if loss < figures[1] {
            figures[2] += 1
            if figures[2] == 5 { (figures[0], figures[2]) = (max(0, figures[0] - 0.1), 0) }
        }
        figures[1] = loss
        return []
    }
}
