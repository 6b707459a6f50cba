extension ResolvedPlan {
    /// Refuses a selector that is not for so many clients or this cohort, and limits that leave rounds without a quorum.
    ///
    /// - Parameter isOpen: clients come and go, so that nobody knows whether they will be enough for the limits.
    func checkSelection(isOpen: Bool) throws(PlanError) {
        try checkSelector()
        try checkParticipationLimits(isOpen: isOpen)
    }

    private func checkSelector() throws(PlanError) {
        guard let selector = strategy.selector else { return }
        guard populationSize <= SelectionPopulation.limit else {
            throw PlanError(
                "cohort.selection \(selector.text.name) looks at every client in every round: it is for up to "
                    + "\(SelectionPopulation.limit) clients, and there are \(populationSize); choose uniform or lower "
                    + "data.clients")
        }
        try selector.check(plan, inviteCount: inviteCount)
    }

    private func checkParticipationLimits(isOpen: Bool) throws(PlanError) {
        guard participationLimits.isLimited else { return }
        let perRound = max(quorum, 1)
        if plan.cohort.selection == .all {
            throw PlanError(
                "cohort.selection all invites everybody to every round, which cohort.participation-cap and "
                    + "cohort.participation-gap forbid; leave them out or choose another selection")
        }
        guard !isOpen else { return }
        if let cap = plan.cohort.participationCap, perRound * plan.rounds > populationSize * min(cap, plan.rounds) {
            throw PlanError(
                "cohort.participation-cap is \(cap): \(populationSize) clients cannot make a quorum of \(perRound) in "
                    + "\(plan.rounds) rounds; raise it, or lower rounds or cohort.quorum")
        }
        if let gap = plan.cohort.participationGap, perRound * min(gap, plan.rounds) > populationSize {
            throw PlanError(
                "cohort.participation-gap is \(gap): \(populationSize) clients cannot make a quorum of \(perRound) in "
                    + "\(min(gap, plan.rounds)) rounds one after another; lower it or cohort.quorum")
        }
    }
}
