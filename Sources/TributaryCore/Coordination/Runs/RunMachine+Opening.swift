import TributaryMath

extension RunMachine {
    /// Tries to open the round, or the evaluation, that the run wants.
    ///
    /// - Parameters:
    ///   - available: clients of the target that are there and free.
    ///   - presentCount: clients of the target that are there, those at work for others included.
    mutating func chooseClients(from available: [ClientID], presentCount: Int, at now: Instant) -> [CoordinatorAction] {
        self.presentCount = presentCount
        // Looking for clients takes time in proportion to their number: it must not take all of it.
        nextAttempt = now.advanced(by: max(settings.attemptInterval, .microseconds(5 * clients.count)))
        if work != nil, stage != .scored { return inviteWorkers(from: available, presentCount, at: now) }
        return stage == .scored
            ? openEvaluation(for: available, presentCount, at: now)
            : openTraining(for: available, presentCount, at: now)
    }

    private mutating func openTraining(
        for free: [ClientID], _ presentCount: Int, at now: Instant
    ) -> [CoordinatorAction] {
        guard case .openRound(let round) = course.nextAction() else { return [] }
        let available = admitted(free)
        guard presentCount >= leastClients else {
            return wait(for: "\(clientKind): \(presentCount) of the \(leastClients) it needs are there")
        }
        guard let resolved = resolvedPlan(population: presentCount) else { return [] }
        let eligible = eligible(available, in: round)
        let cohort = drawCohort(of: resolved.inviteCount, from: eligible, for: round)
        // A small sample is a round like any other, and not to hold it would bias the sampling; a small choice is not.
        let isSample = plan.cohort.selection == .poisson && eligible.count >= resolved.quorum
        guard cohort.count >= resolved.quorum || isSample else {
            return wait(
                for: "clients: \(eligible.count) are free\(passedOver(free, available, eligible)), and the quorum is "
                    + "\(resolved.quorum)")
        }
        let limits = resolved.limits(invited: cohort.count)
        return open(
            RoundRow(
                id: TaskID(run: row.id, round: round, kind: .train), cohort: cohort, goal: limits.goal,
                quorum: limits.quorum, openedAt: now, modelVersion: course.modelVersion, model: model,
                populationSize: terms.form.isEmpty ? nil : clients.count))
    }

    /// What sort of clients the run is for.
    private var clientKind: String {
        if asksForNoise { return "clients that add noise of their own" }
        return asksForOwnModels ? "clients that know how to have models of their own" : "clients"
    }

    /// Why there are fewer clients to choose from than are free; empty if there are not.
    private func passedOver(_ free: [ClientID], _ admitted: [ClientID], _ eligible: [ClientID]) -> String {
        var reasons: [String] = []
        if admitted.count < free.count {
            reasons.append("\(free.count - admitted.count) more have had their share of the open tree of noise")
        }
        if eligible.count < admitted.count {
            reasons.append("\(admitted.count - eligible.count) more are beyond the limits on participation")
        }
        return reasons.isEmpty ? "" : " (" + reasons.joined(separator: "; ") + ")"
    }

    private mutating func openEvaluation(
        for available: [ClientID], _ presentCount: Int, at now: Instant
    ) -> [CoordinatorAction] {
        guard let end else { return [] }
        let round = end.summary.round
        let ranking = CohortRanking(
            selection: .uniform, seed: seed.derived("federated-evaluation", UInt64(round.rawValue)))
        let cohort = ranking.cohort(of: plan.evaluation.federatedClients, from: available)
        guard !cohort.isEmpty else { return waitForScores(of: round, presentCount, at: now) }
        scoringWait = nil
        return open(
            RoundRow(
                id: TaskID(run: row.id, round: round, kind: .evaluate), cohort: cohort, goal: cohort.count, quorum: 1,
                openedAt: now, modelVersion: course.modelVersion, model: model))
    }

    /// Nobody is free to score the model. Those who are there are waited for, as they come free before long; and so, after
    /// a start of the coordinator, is anybody, as nobody had the time to come. Else the run goes on, or ends, without.
    private mutating func waitForScores(
        of round: RoundNumber, _ presentCount: Int, at now: Instant
    ) -> [CoordinatorAction] {
        let patience = min(plan.cohort.deadline, settings.scoringPatience)
        var waiting = scoringWait ?? ScoringWait(end: now.advanced(by: patience), nextLook: now)
        let mayCome = presentCount > 0 || now < beganAt.advanced(by: patience)
        if mayCome, now < waiting.end, !row.isStopRequested {
            if now >= waiting.nextLook {
                // That somebody is no longer there is no fact that would be told.
                waiting.nextLook = min(now.advanced(by: settings.presence), waiting.end)
                deadlines.add(.retry, at: waiting.nextLook)
            }
            scoringWait = waiting
            return wait(for: "clients to score the model")
        }
        scoringWait = nil
        hasFederatedScore = true
        askedClientsAfter = round
        return continueScoring(at: now)
    }

    private mutating func open(_ round: RoundRow) -> [CoordinatorAction] {
        open = OpenRound(
            row: round, solver: solver(for: round.id.round),
            machine: RoundMachine(round: round.id.round, limits: limits(of: round)))
        stage = .opening
        changed()
        return [.persist([.roundOpened(round)], token(for: .opening))]
    }

    /// The round is on disk: its clients may know of it.
    mutating func opened(at now: Instant) -> [CoordinatorAction] {
        guard stage == .opening, let row = open?.row else { return [] }
        stage = .collecting
        // What is left in it belongs to earlier rounds.
        deadlines = DeadlineQueue()
        let progress = open?.machine.cohortSelected(row.cohort, at: now) ?? .wait
        startTimers(of: row, closesAt: now.advanced(by: plan.cohort.deadline), at: now)
        reports.invited += row.cohort
        changed()
        return proceed(progress, at: now)
    }

    /// Waits for the leases and the deadline of a round whose cohort has just been invited.
    mutating func startTimers(of round: RoundRow, closesAt: Instant, at now: Instant) {
        deadlines.add(.deadline(round.id), at: closesAt)
        let leaseEnds = now.advanced(by: plan.cohort.lease)
        for client in round.cohort { deadlines.add(.lease(round.id, client), at: leaseEnds) }
    }

    func limits(of round: RoundRow) -> RoundMachine.Limits {
        let goal = max(round.goal, 1)
        return RoundMachine.Limits(
            goal: goal, quorum: min(max(round.quorum, 1), goal), deadline: plan.cohort.deadline,
            lease: plan.cohort.lease)
    }

    /// The fewest clients that must be there.
    var leastClients: Int {
        if let least = plan.live.minClients { return least }
        if let count = plan.cohort.count { return count }
        if case .count(let quorum) = plan.cohort.quorum { return quorum }
        return 1
    }

    /// The plan for a population; nil, with the reason noted, if it does not fit.
    mutating func resolvedPlan(population: Int) -> ResolvedPlan? {
        if let resolved, resolved.value.populationSize == population { return resolved.value }
        do {
            // Privacy has its figures once and for all, whoever is there.
            var plan = plan
            plan.privacy = Plan.Privacy()
            resolved = Shared(try ResolvedPlan(plan, populationSize: max(population, 1), isOpen: true))
        } catch {
            resolved = nil
            _ = wait(for: error.description)
        }
        return resolved?.value
    }

    mutating func wait(for what: String) -> [CoordinatorAction] {
        if waitsFor != what {
            waitsFor = what
            changed()
        }
        return []
    }
}
