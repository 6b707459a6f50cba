import TributaryCore
import TributaryMath

/// Who takes part in a round.
struct Invitations: Sendable {
    /// The invited clients in ascending order.
    var cohort: [ClientID]
    /// Those who were sent the model to say its loss, and were not invited then.
    var asked: [ClientID] = []
}

extension Federation {
    /// Draws the clients of a round.
    func invitations(to round: RoundNumber, at start: Instant) async -> Invitations {
        let seed = self.seed.derived("cohort", UInt64(round.rawValue))
        let filter = CarbonFilter(energy, weight: plan.plan.energy.carbonWeight, at: start, seed: seed)
        let (population, limits, history) = (population, plan.participationLimits, state.selection.clients)
        let protected = plan.privacy.flatMap { privacy in state.privacy.map { (privacy: privacy, state: $0) } }
        let isFree: @Sendable (ClientID) -> Bool = { client in
            population.isAvailable(client, in: round) && limits.allow(history[client], in: round)
                && protected.map { $0.state.isEligible(client, under: $0.privacy) } ?? true
        }
        var drawn = await draw(round, seed) { client in
            isFree(client) && (filter.map { $0.lateness(of: client) <= 0 } ?? true)
        }
        if let filter, drawn.cohort.count < plan.inviteCount { fillUp(&drawn, by: filter, isFree) }
        return drawn
    }

    private func draw(
        _ round: RoundNumber, _ seed: Seed, isEligible: (ClientID) -> Bool
    ) async -> Invitations {
        guard let selector = plan.strategy.selector, let known else {
            let plain = CohortSelector(
                selection: plan.plan.cohort.selection, populationSize: plan.populationSize,
                inviteCount: plan.inviteCount)
            return Invitations(cohort: plain.cohort(seed: seed, isEligible: isEligible))
        }
        let eligible = (0..<plan.populationSize).map(ClientID.init(index:)).filter(isEligible)
        let question = SelectionRound(
            number: round, count: min(plan.inviteCount, eligible.count), eligible: eligible, population: known,
            state: state.selection)
        var stream = seed.stream()
        let candidates = selector.candidates(for: question, random: &stream)
        var invitations = Invitations(cohort: [])
        var losses: [Double] = []
        // Who is invited anyway need not be asked first.
        let asks = selector.form.measure == .candidateLosses && candidates.count > question.count
        if asks { losses = await self.losses(of: candidates) }
        invitations.cohort = selector.choose(question.count, of: candidates, losses: losses).sorted()
        precondition(
            Set(invitations.cohort).count == invitations.cohort.count && invitations.cohort.count <= question.count,
            "a selector chose a client twice, or too many")
        if asks { invitations.asked = Set(candidates).subtracting(invitations.cohort).sorted() }
        return invitations
    }

    /// F_k of the global model for each of the clients.
    private func losses(of clients: [ClientID]) async -> [Double] {
        let (trainer, weights) = (trainer, state.weights.values)
        return await pool.map(clients.count) { index, slot in
            trainer.loss(of: clients[index], at: weights, workspace: &slot.workspace)
        }
    }

    /// Gives the places that are left to clients who were passed over, those first who were the nearest to being considered.
    private func fillUp(_ drawn: inout Invitations, by filter: CarbonFilter, _ isFree: (ClientID) -> Bool) {
        var late: [(lateness: Double, client: ClientID)] = []
        for client in (0..<plan.populationSize).lazy.map(ClientID.init(index:)) {
            let lateness = filter.lateness(of: client)
            if lateness > 0, isFree(client) { late.append((lateness, client)) }
        }
        let chosen = late.sorted { $0 < $1 }.prefix(plan.inviteCount - drawn.cohort.count)
        drawn.cohort = (drawn.cohort + chosen.map(\.client)).sorted()
    }

    /// What a selector and its limits learn of a round.
    func selectionFacts(of cohort: [ClientID], _ contributions: Contributions) -> [SelectionFact] {
        let entries = Dictionary(uniqueKeysWithValues: contributions.entries.map { ($0.client, $0) })
        return cohort.map { client in
            let report = entries[client].map {
                SelectionFact.Report(
                    meanLoss: $0.outcome.meanLoss, rootMeanSquareLoss: $0.rootMeanSquareLoss, seconds: $0.seconds)
            }
            return SelectionFact(client: client, exampleCount: trainer.exampleCount(of: client), report: report)
        }
    }
}

extension SelectionPopulation {
    /// What a selector may know of a population before the first round; nil if there is no selector.
    init?<T: Trainer>(_ plan: ResolvedPlan, trainer: T, devices: DevicePopulation, bytesDown: Int, bytesUp: Int) {
        guard let selector = plan.strategy.selector else { return nil }
        let clients = (0..<plan.populationSize).map(ClientID.init(index:))
        let counts = clients.map { trainer.exampleCount(of: $0) }
        guard selector.form.usesSeconds else {
            self.init(exampleCounts: counts)
            return
        }
        let solver = plan.plainSolver(for: RoundNumber(1))
        let seconds = zip(clients, counts).map { client, count in
            let timeline = InvitationTimeline(
                profile: devices.profile(of: client), start: .start,
                exampleVisits: plan.strategy.exampleVisits(solver, shardSize: count), bytesDown: bytesDown,
                bytesUp: bytesUp)
            return timeline.trained.advanced(by: timeline.uploadTime).sinceStart.inSeconds
        }
        self.init(exampleCounts: counts, expectedSeconds: seconds)
    }
}
