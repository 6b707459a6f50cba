extension CoordinatorMachine {
    /// A client asks for a task, and would wait for one.
    ///
    /// - Parameters:
    ///   - abilities: what it says that it can do of what not all clients can.
    ///   - energy: what it says of its electricity.
    public mutating func polled(
        by client: ClientID, waiting wait: Duration, abilities: TaskNeeds = [],
        energy: EnergyStatement = EnergyStatement(), call: CallID, at now: Instant
    ) -> [CoordinatorAction] {
        guard registry[client] != nil else { return [.answer(call, .refused(.unknownClient))] }
        registry.polled(client, abilities, energy, at: now)
        for id in line where runs[id]?.countsEnergy == true { runs[id]?.stated(energy, by: client) }
        if isClosing { return [.answer(call, .noTask(busyWindow))] }
        for id in line where suits(client, id) {
            if let task = runs[id]?.task(for: client, at: now) {
                return settled([.answer(call, .task(task))], at: now)
            }
        }
        if let until = registry.coolsUntil(client, at: now) {
            let window = settings.pace.after(now.duration(to: until), population: registry.count)
            return settled([.answer(call, .noTask(window))], at: now)
        }
        guard wait > .zero else {
            return settled([.answer(call, .noTask(settings.pace.idle(population: registry.count)))], at: now)
        }
        var actions: [CoordinatorAction] = []
        if let displaced = registry.takeWaitingCall(of: client) {
            actions.append(.answer(displaced, .refused(.displaced)))
        }
        guard registry.waitingCount < settings.waitingLimit else {
            return settled(actions + [.answer(call, .noTask(busyWindow))], at: now)
        }
        _ = registry.wait(client, call: call)
        deadlines.add(.pollEnds(client, call), at: now.advanced(by: min(wait, settings.longestWait)))
        return settled(actions, at: now)
    }

    /// A call's connection has gone away: nobody waits for its answer.
    public mutating func callGone(_ call: CallID, of client: ClientID?) {
        if let client, registry.entries[client]?.waitingCall == call { _ = registry.takeWaitingCall(of: client) }
        for run in watchers.keys { watchers[run]?.removeAll { $0 == call } }
    }

    /// What a client at work is told.
    public struct HeartbeatAnswer: Hashable, Sendable {
        /// Whether the task goes on; if not, the client stops working on it.
        public var goesOn: Bool
        /// How long it may stay silent from now.
        public var lease: Duration
        /// The time until the round closes.
        public var timeLeft: Duration
    }

    /// A client says that it is still at work.
    public mutating func heartbeat(from client: ClientID, task: TaskID, at now: Instant) -> HeartbeatAnswer {
        registry.seen(client, at: now)
        guard runs[task.run]?.heartbeat(from: client, task: task, at: now) == true, let run = runs[task.run] else {
            return HeartbeatAnswer(goesOn: false, lease: .zero, timeLeft: .zero)
        }
        return HeartbeatAnswer(
            goesOn: true, lease: run.plan.cohort.lease, timeLeft: run.timeLeft(for: client, task, at: now))
    }

    /// A client hands in a result.
    public mutating func submitted(
        _ result: TaskResult, for task: TaskID, by client: ClientID, call: CallID, at now: Instant
    ) -> [CoordinatorAction] {
        registry.seen(client, at: now)
        if isClosing { return [.answer(call, .refused(.closing(busyWindow)))] }
        // Bytes on their way out would be gone by the time the model is made. A repetition needs none.
        if case .trained(let update) = result, discarding.contains(update.blob.digest),
            runs[task.run]?.awaits(client, for: task) == true
        {
            return [.answer(call, .refused(.updateMissing(update.blob.digest)))]
        }
        guard runs[task.run] != nil else {
            return [.answer(call, .receipt(.notInvited, isDuplicate: false, retry: .now))]
        }
        return settled(
            runs[task.run]?.submitted(result, for: task, by: client, call: call, at: now) ?? [], at: now)
    }

    /// A client gives a task back: it failed, declined, or has no data.
    public mutating func gaveBack(
        _ task: TaskID, by client: ClientID, cause: DropCause, call: CallID, at now: Instant
    ) -> [CoordinatorAction] {
        registry.seen(client, at: now)
        var actions = runs[task.run]?.gaveBack(client, task: task, cause: cause, at: now) ?? []
        actions = settled(actions, at: now)
        let rest = registry.coolsUntil(client, at: now).map { now.duration(to: $0) } ?? settings.coolDown
        return actions + [.answer(call, .noTask(settings.pace.after(rest, population: registry.count)))]
    }

    /// Whether a client may read a blob: only models of rounds that it is invited to.
    public func mayRead(_ digest: BlobDigest, _ client: ClientID) -> Bool {
        runs.values.contains { $0.serves(digest, to: client) }
    }

    /// How the numbers of a model are written, if somebody may have it by its difference to another model of its run.
    ///
    /// - Parameter client: who asks, and may have the model only while it is invited; nil for an operator.
    public func differenceEncoding(
        of digest: BlobDigest, to base: BlobDigest, for client: ClientID?
    ) -> TensorEncoding? {
        for run in runs.values where client.map({ run.serves(digest, to: $0) }) ?? true {
            if let encoding = run.differenceEncoding(of: digest, to: base) { return encoding }
        }
        return nil
    }
}
