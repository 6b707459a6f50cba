extension RunMachine {
    /// Begins a new run's privacy with its secret; returns what is to be written with the run. Nothing for a plan without.
    mutating func beginPrivacy(_ key: NoiseKey?) throws(PlanError) -> [LedgerEntry] {
        guard let figures = fitted.privacy else { return [] }
        guard let key else { preconditionFailure("a private run without a secret to make its noise from") }
        privateRun = try PrivateRun(row.id, figures, key: key)
        foreseeEnd()
        return privacyEntries
    }

    /// Goes on with a run's privacy as the ledger left it after `round`.
    mutating func recoverPrivacy(_ row: PrivacyRow?, after round: RoundNumber) throws(PlanError) {
        guard let figures = fitted.privacy else { return }
        privateRun = try PrivateRun(recovering: row, of: self.row.id, figures, after: round)
        foreseeEnd()
    }

    /// Tells the course how far the budget reaches.
    mutating func foreseeEnd() {
        if let last = privateRun?.lastRound { course.budgetCovers(roundsThrough: last) }
    }

    /// What goes to disk with a round's end, in one batch.
    func endBatch(_ end: RoundEndRow) -> [LedgerEntry] { [.roundEnded(end)] + privacyEntries }

    private var privacyEntries: [LedgerEntry] { privateRun.map { [.privacy($0.row)] } ?? [] }

    /// Those of the clients who are free whom privacy lets take part in the next training round.
    func admitted(_ available: [ClientID]) -> [ClientID] {
        guard let privateRun else { return available }
        return available.filter(privateRun.isEligible)
    }

    /// How these updates of a round are summed; nil for a run whose model is moved by their mean, as it has no privacy or they
    /// have their noise already.
    func privateSum(of round: RoundNumber, _ contributions: [ContributionRow]) -> PrivateSum? {
        // What a round wants is said by the plan, and not by who is there (`checkPrivacyOverNetwork`). Of those who are drawn
        // there may be any number.
        privateRun?.sum(
            of: round, contributions, parameterCount: parameterCount,
            goal: isSampled ? max(fitted.populationSize, contributions.count) : fitted.goal)
    }
}
