import TributaryMath

/// What a run knows of clients from the rounds they were invited to: what selectors and limits on participation go by.
///
/// It changes with the end of a round, and the end's row has the change (`RoundEndRow.selection`): a coordinator that starts
/// again puts the changes of all ends together. Who was invited to a round is in the round's row, so no crash draws another cohort.
struct KnownClients: Sendable {
    var state: SelectionState
    /// n_k, as clients last said.
    var exampleCounts: [ClientID: Int] = [:]

    /// Nothing, before a run's first round.
    init(_ plan: ResolvedPlan) {
        state = SelectionState(initial: plan)
        // Also a selector that keeps nothing goes by n_k, which only clients can say.
        if state.form.isEmpty, plan.strategy.selector != nil { state.form = SelectionState.participation }
    }

    /// Takes in what a round changed. Changes of another form, as of another version of Tributary, are passed over.
    mutating func apply(_ change: SelectionChange) {
        guard change.form == state.form, change.figures.count == state.figures.count else { return }
        state.figures = change.figures
        for client in change.clients {
            state.clients[client.id] = SelectionState.History(
                invitations: client.invitations, lastRound: client.lastRound, figures: client.figures)
            if let count = client.exampleCount { exampleCounts[client.id] = count }
        }
    }
}

extension RunMachine {
    /// Those of the clients whom the limits on participation let take part in a round.
    func eligible(_ clients: [ClientID], in round: RoundNumber) -> [ClientID] {
        let limits = fitted.participationLimits
        guard limits.isLimited else { return clients }
        return clients.filter { limits.allow(known.state.clients[$0], in: round) }
    }

    /// Draws a round's cohort, in ascending order, out of those who may be invited.
    ///
    /// - Parameters:
    ///   - eligible: those who are considered, and those who get places that are left.
    ///   - answers: what candidates have said; nil if none were asked.
    func drawCohort(
        of count: Int, quorum: Int, from eligible: (clean: [ClientID], late: [ClientID]), for round: RoundNumber,
        by answers: CandidateAsk?
    ) -> [ClientID] {
        let selector = fitted.strategy.selector
        if let answers, let selector {
            return answers.cohort(of: count, quorum: quorum, from: eligible.clean + eligible.late, by: selector)
        }
        let cohort = selector.flatMap { selector in
            candidates(for: round, of: count, from: eligible.clean).map {
                selector.choose(min(count, eligible.clean.count), of: $0, losses: [])
            }
        }
        let drawn =
            cohort
            ?? CohortRanking(selection: plan.cohort.selection, seed: drawSeed(round))
            .cohort(of: count, from: eligible.clean)
        return (drawn + eligible.late.prefix(max(0, count - drawn.count))).sorted()
    }

    func drawSeed(_ round: RoundNumber) -> Seed { seed.derived("cohort", UInt64(round.rawValue)) }

    /// Those whom the run's selector considers for a round, in its order; nil without a selector.
    func candidates(for round: RoundNumber, of count: Int, from eligible: [ClientID]) -> [ClientID]? {
        guard let selector = fitted.strategy.selector else { return nil }
        let question = SelectionRound(
            number: round, count: min(count, eligible.count), eligible: eligible.sorted(),
            population: SelectionPopulation(reported: known.exampleCounts), state: known.state)
        var stream = drawSeed(round).stream()
        return selector.candidates(for: question, random: &stream)
    }

    private static var largestLoss: Double { 1e100 }

    /// The open training round has ended: notes what its clients did. Returns what is to be kept of that; nil for nothing.
    mutating func noteParticipation() -> SelectionChange? {
        guard !known.state.form.isEmpty, let round = open else { return nil }
        let cohort = round.row.cohort
        let facts = cohort.map { client in
            let row = round.contributions[client]
            if let row { known.exampleCounts[client] = row.update.outcome.exampleCount }
            let report = row.map {
                // Losses are the client's word: what is made of them has to stay within what a row can hold.
                SelectionFact.Report(
                    meanLoss: min(max($0.update.outcome.meanLoss, -Self.largestLoss), Self.largestLoss),
                    seconds: max(0, round.row.openedAt.duration(to: $0.acceptedAt).inSeconds))
            }
            return SelectionFact(client: client, exampleCount: known.exampleCounts[client] ?? 0, report: report)
        }
        known.state.roundEnded(round.row.id.round, facts, selector: fitted.strategy.selector)
        return SelectionChange(known.state, of: cohort, exampleCounts: known.exampleCounts)
    }
}
