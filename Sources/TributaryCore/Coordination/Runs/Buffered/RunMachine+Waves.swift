import TributaryMath

/// Who is given which model, where the model moves as updates come.
extension RunMachine {
    /// Whether a task is one of those that are given out wave after wave.
    func isBuffered(_ task: TaskID) -> Bool { work != nil && task.kind == .train }

    /// The round whose step is due next.
    var nextRound: RoundNumber { course.lastRound.next }

    /// Whether updates may come to count in a round. When the run is to stop, only in one in which some do already.
    func mayCount(in round: RoundNumber) -> Bool {
        guard row.status == .active || row.status == .paused, round.rawValue <= plan.rounds else { return false }
        switch course.nextAction() {
        case .openRound: return true
        case .end(.interrupted): return round == nextRound && work?.isBegun(round) == true
        case .end: return false
        }
    }

    /// Where an update would count that started from a model of the given version; nil if it would nowhere.
    ///
    /// That is the open round or, while its model is made, the next: nobody has to wait for the disk.
    func place(startingFrom version: ModelVersion) -> BufferPlace? {
        guard let work else { return nil }
        var round = nextRound
        while work.isFull(round) { round = round.next }
        guard mayCount(in: round) else { return nil }
        // A step that is given up may be taken after all, should the row of its end be lost.
        let doubtful = stage == .ending && end?.summary.outcome != .committed ? 1 : 0
        let staleness =
            course.modelVersion.rawValue + doubtful + (round.rawValue - nextRound.rawValue) - version.rawValue
        if let limit = work.pacing.stalenessLimit, staleness > limit { return nil }
        return BufferPlace(round: round, startedFrom: version)
    }

    /// Whether there may be places for clients to begin at. None are invited while more updates wait than one step can take
    /// beside that which is being made.
    var wantsWorkers: Bool {
        guard let work, work.opening == nil, row.status == .active, diskRow.status == .active, !isStatusUnderWay,
            mayTrustModel, stage != .ending, case .openRound = course.nextAction(),
            let place = place(startingFrom: course.modelVersion),
            place.round <= nextRound.next
        else { return false }
        return work.concurrency.map { work.freePlaces(of: $0) > 0 } ?? true
    }

    /// Invites clients to the places that are free.
    mutating func inviteWorkers(
        from available: [ClientID], _ presentCount: Int, at now: Instant
    ) -> [CoordinatorAction] {
        guard wantsWorkers, let isQuiet = work?.isQuiet else { return [] }
        // Those at work go on whoever leaves; only to begin, enough must be there.
        guard !isQuiet || presentCount >= leastClients else {
            return wait(for: "clients: \(presentCount) of the \(leastClients) it needs are there")
        }
        guard let resolved = resolvedPlan(population: max(presentCount, plan.cohort.count ?? 1)) else { return [] }
        work?.concurrency = resolved.goal
        guard let places = work?.freePlaces(of: resolved.goal), let goal = work?.pacing.goal,
            let wave = work?.nextWave(of: nextRound, in: row.id)
        else { return [] }
        let ranking = CohortRanking(
            selection: .uniform, seed: seed.derived("wave", UInt64(wave.round.rawValue), UInt64(wave.wave ?? 0)))
        let willing = available.filter {
            work?.isWilling($0, in: wave.round, at: now) == true && !reports.failed.contains($0)
        }
        let cohort = ranking.cohort(of: places, from: willing)
        guard !cohort.isEmpty else { return wait(for: "clients: none is free") }
        let round = RoundRow(
            id: wave, cohort: cohort, goal: goal, quorum: goal, openedAt: now, modelVersion: course.modelVersion,
            model: model)
        work?.willOpen(round)
        changed()
        return [.persist([.roundOpened(round)], token(for: .wave))]
    }

    /// The wave is on disk: its clients may know of it.
    mutating func waveOpened(at now: Instant) -> [CoordinatorAction] {
        reports.invited += work?.opened(at: now) ?? []
        changed()
        return []
    }

    /// The wave could not be written.
    mutating func waveNotOpened(at now: Instant) -> [CoordinatorAction] {
        work?.notOpened()
        nextAttempt = now.advanced(by: settings.retryDelay)
        deadlines.add(.retry, at: now.advanced(by: settings.retryDelay))
        return followBuffer(at: now)
    }

    /// The task that waits for a client; nil if none does. A client that asks is at work from now on.
    mutating func waveTask(for client: ClientID, at now: Instant) -> TaskDescription? {
        guard isAtWork(client, at: now), let task = work?.tasks[client], let base = work?.bases[task.id.round] else {
            return nil
        }
        let leaseEnds = now.advanced(by: plan.cohort.lease)
        work?.set(client, .working(leaseEnds: leaseEnds))
        work?.traffic.bytesDown += base.model.byteCount
        let round = RoundRow(
            id: task.id, cohort: [], goal: 0, quorum: 0, openedAt: now, modelVersion: base.version, model: base.model)
        return description(
            of: round, solver(for: task.id.round), for: client,
            timeLeft: timeLeft(for: client, task.id, at: now))
    }

    /// A client says that it is at work; whether its task goes on.
    mutating func waveHeartbeat(from client: ClientID, task: TaskID, at now: Instant) -> Bool {
        guard work?.tasks[client]?.id == task, isAtWork(client, at: now) else { return false }
        let leaseEnds = now.advanced(by: plan.cohort.lease)
        work?.set(client, .working(leaseEnds: leaseEnds))
        return true
    }

    /// Whether a client's task goes on. That of a client that was silent for too long does while its place is not another's; one
    /// that was given back does not, and its client is invited anew, with the others.
    private func isAtWork(_ client: ClientID, at now: Instant) -> Bool {
        guard let work, let task = work.tasks[client], now < task.closesAt, place(startingFrom: task.version) != nil
        else {
            return false
        }
        switch task.state {
        case .working: return true
        case .lost(.stalled): return work.freePlaces(of: work.concurrency ?? plan.cohort.count ?? .max) > 0
        case .lost, .invited, .arrived, .answered: return false
        }
    }

    /// A client gives its task back.
    mutating func gaveBackToBuffer(
        _ client: ClientID, task: TaskID, cause: DropCause, at now: Instant
    ) -> [CoordinatorAction] {
        guard let known = work?.tasks[client], known.id == task, case .working = known.state else { return [] }
        if cause == .failed { reports.failed.append(client) }
        work?.participation.dropped[cause, default: 0] += 1
        work?.set(client, .lost(cause))
        if cause == .declined {
            let rest = now.advanced(by: settings.coolDown)
            work?.tasks[client]?.restsUntil = rest
            deadlines.add(.retry, at: rest)
        }
        return followBuffer(at: now) + (cause == .failed ? examineModel() : [])
    }

    /// Time has passed: leases and tasks may have come to their end.
    mutating func lookAtWorkers(at now: Instant) -> [CoordinatorAction] {
        var hasLost = false
        while let client = work?.takeDue(at: now) {
            guard let cause = work?.looked(at: client, now: now) else { continue }
            if cause == .stalled { reports.failed.append(client) }
            hasLost = true
        }
        return hasLost ? followBuffer(at: now) : []
    }
}
