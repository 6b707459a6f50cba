/// SCAFFOLD (Karimireddy et al. 2020): control variates take the drift out of local steps.
///
/// Each client keeps c_k, an estimate of its own gradient, and the server c, the mean of them all. A local step goes
/// along g − c_k + c: what is the client's own is taken away, what is everybody's put in its place, so that
/// clients step alike and the common optimum is a fixed point, which it is not for FedAvg.
///
/// Afterwards, by option 1, c_k⁺ = ∇F_k(x), a gradient more; by option 2, c_k⁺ = c_k − c + (x − y)/(K η), of the steps
/// that were taken anyway. Then x ← x + η_g mean(Δ) and c ← c + m/N mean(c_k⁺ − c_k): the cohort's size m divides the
/// updates, the population's N the control variates, so that c stays the mean of all c_k.
public struct ScaffoldMethod: FederatedMethod {
    /// 1 or 2.
    public var option = 2
    /// The largest magnitude of a coordinate of c_k⁺ − c_k.
    public var bound = 1000.0

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "scaffold", summary: "Local steps go along g − c_k + c; control variates c_k and c are kept.",
        paper: "Karimireddy et al. 2020, SCAFFOLD: Stochastic Controlled Averaging for Federated Learning",
        combinations: "any selection and server optimiser; uniform weighting; option 2 without local.momentum")
    /// The option and the bound.
    public static let parameters: [PartParameter<ScaffoldMethod>] = [
        PartParameter(
            "option", \.option, "c_k becomes: 1, the gradient at the model given; 2, the mean of the local steps.",
            must: "1 or 2"
        ) { $0 == 1 || $0 == 2 },
        PartParameter(
            "bound", \.bound,
            "The largest magnitude of a coordinate of a change of c_k; beyond it an update is refused.",
            must: "a number above 0 and at most 1e6"
        ) { $0 > 0 && $0 <= 1e6 && Float($0) > 0 },
    ]

    /// Option 2.
    public init() {}

    /// Any number of steps will do.
    public static var keepsPartialWork: Bool { true }
    /// Gradients gain c − c_k.
    public var correctsGradients: Bool { true }
    /// c is the mean of all c_k, each counting alike.
    public var weighting: UpdateWeighting? { .uniform }
    /// c and c_k; c goes down, c_k⁺ − c_k up.
    public var form: MethodForm {
        var form = MethodForm(name: "scaffold-1")
        (form.server, form.sentCount, form.memory) = (["control"], 1, ["control"])
        form.messages = [MethodForm.Message("control-change", bound: bound)]
        form.measure = option == 1 ? .gradient : .nothing
        return form
    }

    /// Option 2 takes the steps for a mean of gradients, which with momentum they are not.
    public func check(_ plan: Plan) throws(PlanError) {
        guard option == 1 || plan.local.momentum == 0 else {
            throw PlanError(
                "strategy.method scaffold with option=2 takes local steps for a mean of gradients, which they are not with "
                    + "local.momentum \(plan.local.momentum); give option=1 or leave out local.momentum")
        }
    }

    /// c − c_k.
    public func writeOffset(_ offset: inout MutableSpan<Float>, sent: Span<Float>, memory: Span<Float>) {
        for index in offset.indices { offset[index] = sent[index] - memory[index] }
    }

    /// The change of c_k, and c_k with it.
    public func finish(
        _ work: LocalWork, update: inout MutableSpan<Float>, memory: inout MutableSpan<Float>,
        message: inout MutableSpan<Float>
    ) -> [Double] {
        let path = Double(work.outcome.stepCount) * work.solver.learningRate
        let (sent, gradient) = (work.sent.span, work.gradient.span)
        for index in update.indices {
            let change =
                option == 1
                ? gradient[index] - memory[index] : Float(-Double(update[index]) / path) - sent[index]
            message[index] = change
            memory[index] += change
        }
        return []
    }

    /// m/N.
    public func advance(
        _ figures: inout [Double], by contributions: [MethodContribution], populationSize: Int
    ) -> [Double] { [Double(contributions.count) / Double(populationSize)] }

    /// c ← c + m/N mean(c_k⁺ − c_k); the update as it is.
    public func step(
        _ update: inout MutableSpan<Double>, message: Span<Double>, state: inout MutableSpan<Float>, factors: [Double]
    ) {
        let share = factors[0]
        for index in update.indices { state[index] = Float(Double(state[index]) + share * message[index]) }
    }
}
