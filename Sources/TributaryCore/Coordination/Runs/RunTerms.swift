/// What does not change while a coordinator knows a run.
///
/// Behind one reference, as machines are copied wherever they are looked at, and plans have many parts.
final class RunTerms: Sendable {
    let plan: Plan
    /// The plan for the smallest population it allows: for all that does not depend on the population.
    let fitted: ResolvedPlan
    let layout: TensorLayout
    /// What the method keeps, sends and measures.
    let form: MethodForm
    /// What it asks of clients; nil for nothing.
    let method: TaskMethod?
    /// The figures that it begins with.
    let initialFigures: [Double]
    /// What the personalisation asks of clients; nil without any.
    let personal: PersonalTerms?
    let settings: CoordinatorMachine.Settings
    /// Whether clients add noise to their own updates. Then the run's tasks are for those only who can.
    var asksForNoise: Bool { needs.contains(.noise) }
    /// What its tasks ask that not all clients can.
    let needs: TaskNeeds
    /// When this coordinator began to know the run: at its own start, if it found the run in the ledger.
    let beganAt: Instant
    /// What of energy is counted, and when rounds begin; nil if the plan says nothing of it.
    let energy: RunEnergy?

    init(
        plan: Plan, fitted: ResolvedPlan, layout: TensorLayout, personal: PersonalTerms?,
        settings: CoordinatorMachine.Settings, beganAt: Instant, energy: RunEnergy?
    ) {
        (self.plan, self.fitted, self.layout, self.personal) = (plan, fitted, layout, personal)
        (self.settings, self.beganAt, self.energy) = (settings, beganAt, energy)
        let method = fitted.strategy.method
        form = method.form
        self.method =
            form.isEmpty ? nil : TaskMethod(method.text, form: form.name, messageBounds: form.messages.map(\.bound))
        // The same for every population, but where each client has one of its own: these are of a round's population.
        initialFigures = method.initialFigures(populationSize: 1)
        var needs: TaskNeeds = []
        if fitted.noiseRequest != nil { needs.insert(.noise) }
        if fitted.strategy.selector?.form.measure == .candidateLosses { needs.insert(.losses) }
        if personal != nil { needs.insert(.ownModels) }
        self.needs = needs
    }
}

/// A value behind a reference.
final class Shared<Value: Sendable>: Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}

extension RunMachine {
    var plan: Plan { terms.plan }
    var fitted: ResolvedPlan { terms.fitted }
    var layout: TensorLayout { terms.layout }
    var settings: CoordinatorMachine.Settings { terms.settings }
    var asksForNoise: Bool { terms.asksForNoise }
    var beganAt: Instant { terms.beganAt }
}
