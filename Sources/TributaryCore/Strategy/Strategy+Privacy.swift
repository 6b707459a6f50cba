extension Strategy {
    /// The mechanism that a plan names; nil if it names none. Refuses parts by which more of a client would get out than the
    /// noise is measured by.
    static func privacy(
        _ plan: Plan, _ method: any FederatedMethod, _ aggregation: Aggregation, _ catalogue: Catalogue
    ) throws(PlanError) -> RoundMechanism? {
        guard let text = plan.privacy.mechanism else {
            guard plan.privacy == Plan.Privacy() else {
                throw PlanError(
                    "privacy.epsilon, privacy.delta and privacy.population are for a privacy.mechanism, and there is none; say which, as in "
                        + "sampled:clip=0.5")
            }
            return nil
        }
        let mechanism = try catalogue.privacies.part(text).mechanism
        func refuse(_ what: String, _ way: String) -> PlanError {
            PlanError("privacy.mechanism is \(text.name), and \(what); \(way)")
        }
        if case .sampled = mechanism.kind, ![.poisson, .all].contains(plan.cohort.selection) {
            throw refuse(
                "its accounting is of a sample in which each client is by itself",
                "choose cohort.selection poisson, or all")
        }
        if plan.privacy.population != nil, !mechanism.isSampled {
            throw refuse(
                "privacy.population says of how many clients a random sample is drawn",
                "leave it out, or choose sampled")
        }
        guard [.uniform, .poisson, .all].contains(plan.cohort.selection) else {
            throw refuse(
                "cohort.selection \(plan.cohort.selection) goes by what clients report, which gets no noise",
                "choose uniform, poisson or all")
        }
        if plan.server.weighting == .examples || method.weighting == .examples {
            throw refuse(
                "weights by examples would let a client move more than its clipped update",
                "leave out server.weighting, or choose uniform")
        }
        guard method.form.messages.isEmpty, method.form.figures.isEmpty else {
            throw refuse(
                "strategy.method \(method.text.name) sends more than the update, which gets no noise",
                "choose plain or prox")
        }
        guard mechanism.kind == .local || method.form.isEmpty else {
            throw refuse(
                "strategy.method \(method.text.name) steps by how many took part, which gets no noise",
                "choose plain or prox, or noise of clients' own (local)")
        }
        guard aggregation.part.rule == nil else {
            throw refuse(
                "strategy.aggregation \(aggregation.part.text.name) is no sum that noise could be measured for",
                "leave out strategy.aggregation")
        }
        if case .local = mechanism.kind, plan.strategy.encoding.map({ $0.plain == nil }) == true {
            throw refuse("noise of its own makes an update that no encoding shortens", "leave out strategy.encoding")
        }
        return mechanism
    }
}
