extension Pacing {
    /// Refuses what is not defined where clients start from different models, or has no place there yet.
    func check(
        _ plan: Plan, _ name: String, _ method: any FederatedMethod, _ compression: Compression?,
        _ aggregation: Aggregation
    ) throws(PlanError) {
        guard case .buffered(let buffered) = self else { return }
        func refuse(_ what: String, _ way: String) -> PlanError {
            PlanError("strategy.pacing is \(name), and \(what); \(way)")
        }
        guard plan.cohort.selection == .uniform, plan.cohort.overSelection == 1 else {
            throw refuse(
                "who works next is drawn evenly, one by one",
                "choose cohort.selection uniform, and leave out cohort.over-selection")
        }
        guard plan.cohort.participationCap == nil, plan.cohort.participationGap == nil, plan.energy == Plan.Energy()
        else {
            throw refuse(
                "limits on participation, and energy, are counted by rounds",
                "leave out cohort.participation-cap, cohort.participation-gap and energy")
        }
        guard method.form.isEmpty else {
            throw refuse(
                "strategy.method \(method.text.name) is defined for rounds in which all start from one model",
                "choose plain or prox")
        }
        guard plan.privacy.mechanism == nil else {
            throw refuse("privacy.mechanism counts rounds", "leave out one of the two")
        }
        guard compression?.hasErrorFeedback != true else {
            throw refuse(
                "error feedback needs to know whether the last update counted before the next is made",
                "add strategy.error-feedback: false, or choose an encoding without bias such as qsgd:4")
        }
        guard aggregation.part.rule?.hasMemory != true else {
            throw refuse(
                "strategy.aggregation \(aggregation.part.text.name) goes on from the aggregate of the round before",
                "choose another")
        }
        if case .mixing = buffered.use, aggregation.part.rule != nil {
            throw refuse("there is one update to a step", "leave out strategy.aggregation")
        }
    }
}
