extension CoordinatorMachine {
    /// Draws the consequences of a fact for the rest of the coordinator: clients that failed cool down, invited ones
    /// that wait get their task, watchers hear of changes, and rounds open for which clients are there.
    mutating func settled(_ actions: [CoordinatorAction], at now: Instant) -> [CoordinatorAction] {
        var actions = actions
        actions += openRounds(at: now)
        for id in line {
            guard let reports = runs[id]?.reports else { continue }
            if !reports.isEmpty { runs[id]?.reports = RunMachine.ClientReports() }
            for client in reports.failed { registry.failed(client, at: now) }
            for client in reports.succeeded { registry.succeeded(client) }
            for (client, digest) in reports.counted {
                _ = registry.takeUploads(of: client) { $0.digest == digest }
            }
            for client in reports.invited { actions += handOut(id, to: client, at: now) }
            actions += tellWatchers(of: id, at: now)
        }
        return actions.compactMap { sparing($0) }
    }

    /// Whether a client can do a run's tasks.
    func suits(_ client: ClientID, _ run: RunID) -> Bool {
        registry.suits(client, runs[run]?.terms.needs ?? [])
    }

    private mutating func handOut(_ run: RunID, to client: ClientID, at now: Instant) -> [CoordinatorAction] {
        guard registry.entries[client]?.waitingCall != nil, suits(client, run),
            let task = runs[run]?.task(for: client, at: now),
            let call = registry.takeWaitingCall(of: client)
        else { return [] }
        registry.seen(client, at: now)
        return [.answer(call, .task(task))]
    }

    /// Takes the blobs out of a removal that are still needed: two updates may have the same bytes.
    mutating func sparing(_ action: CoordinatorAction) -> CoordinatorAction? {
        guard case .discard(let digests) = action else { return action }
        // To gather what is needed pays for many blobs, to look for one of them does not.
        let needed = digests.count > 1 ? referencedBlobs : nil
        let free = digests.filter { digest in
            needed.map { !$0.contains(digest) } ?? !runs.values.contains { $0.references(digest) }
        }
        discarding.formUnion(free)
        return free.isEmpty ? nil : .discard(free)
    }

    /// Tries to open the rounds that are wanted, each run in its turn.
    private mutating func openRounds(at now: Instant) -> [CoordinatorAction] {
        guard !isClosing else { return [] }
        var actions: [CoordinatorAction] = []
        for id in line where runs[id]?.wantsClients == true {
            if let attempt = runs[id]?.earliestOpening(at: now), attempt > now {
                wakeToOpenRounds(at: attempt)
                continue
            }
            actions += openRound(of: id, at: now)
        }
        return actions
    }

    private mutating func openRound(of id: RunID, at now: Instant) -> [CoordinatorAction] {
        guard let clients = runs[id]?.candidates else { return [] }
        // Whoever keeps to the window that it was given is there, also where there was no room for it to wait.
        let isFull = registry.waitingCount >= settings.waitingLimit
        let pace = settings.pace
        let away = isFull ? pace.busy(population: registry.count) : pace.idle(population: registry.count)
        let window = settings.presence + away.latest
        let needs = runs[id]?.terms.needs ?? []
        let asksForRegion = runs[id]?.weighsCarbon == true
        let present = clients.filter {
            registry.isPresent($0, at: now, within: window) && registry.suits($0, needs)
                && registry.isPlaced($0, asksForRegion: asksForRegion)
        }
        // Where the model moves as updates come, a run's own clients are at work while it chooses others.
        let others = runs.values.filter { $0.work != nil || $0.row.id != id && $0.holdsClients }
        var coolest: Instant?
        let available = present.filter { client in
            if let until = registry.coolsUntil(client, at: now) {
                coolest = coolest.map { min($0, until) } ?? until
                return false
            }
            return !others.contains { $0.occupies(client) }
        }
        let actions =
            runs[id]?.chooseClients(from: Array(available), presentCount: present.count, at: now) ?? []
        if actions.isEmpty {
            // Nobody may call in the meantime: those that cool down come back by themselves.
            if let coolest { wakeToOpenRounds(at: coolest) }
        } else if let place = line.firstIndex(of: id) {
            line.append(line.remove(at: place))
        }
        return actions
    }

    private mutating func wakeToOpenRounds(at instant: Instant) {
        if openTimers.insert(instant).inserted { deadlines.add(.openRounds, at: instant) }
    }

    private mutating func tellWatchers(of run: RunID, at now: Instant) -> [CoordinatorAction] {
        guard let calls = watchers[run], !calls.isEmpty, let revision = runs[run]?.revision,
            revision != toldRevisions[run]
        else { return [] }
        toldRevisions[run] = revision
        watchers[run] = []
        return calls.flatMap { answer($0, statusOf: run, at: now) }
    }

    func answer(_ call: CallID, statusOf run: RunID, at now: Instant) -> [CoordinatorAction] {
        guard let run = runs[run] else { return [.answer(call, .refused(.unknownRun(run)))] }
        return [.answer(call, .run(run.status(at: now)))]
    }
}
