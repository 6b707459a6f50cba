extension CoordinatorMachine {
    /// A batch is on disk.
    public mutating func persisted(_ token: PersistToken, at now: Instant) -> [CoordinatorAction] {
        guard let run = token.run else { return settled(changed(token.number, at: now), at: now) }
        return settled(runs[run]?.persisted(token.number, at: now) ?? [], at: now)
    }

    /// A batch could not be written.
    public mutating func persistFailed(
        _ token: PersistToken, _ reason: String, at now: Instant
    ) -> [CoordinatorAction] {
        guard let run = token.run else {
            guard let change = changes.removeValue(forKey: token.number) else { return [] }
            if case .register(let row, _) = change { registrationEnded(of: row.id) }
            return [.answer(change.call, .refused(.unavailable(reason, settings.storageRetry)))]
        }
        return settled(runs[run]?.persistFailed(token.number, reason, at: now) ?? [], at: now)
    }

    /// An update was looked at.
    public mutating func updateChecked(
        _ check: UpdateCheck, _ verdict: UpdateVerdict, at now: Instant
    ) -> [CoordinatorAction] {
        var verdict = verdict
        if case .decoded(let update) = verdict, discarding.contains(update.numbers.digest) {
            verdict = .failed("blob \(update.numbers.digest), of the same numbers, is about to go with another update")
        }
        return settled(runs[check.task.run]?.checked(check, verdict, at: now) ?? [], at: now)
    }

    /// The ledger was asked whether it holds a client's result of an earlier round.
    public func recalled(_ call: CallID, isThere: Bool) -> [CoordinatorAction] {
        [.answer(call, .receipt(isThere ? .accepted : .late, isDuplicate: isThere, retry: .now))]
    }

    /// A model was made, or could not be.
    public mutating func modelMade(
        _ result: ModelResult, for run: RunID, _ round: RoundNumber, at now: Instant
    ) -> [CoordinatorAction] {
        settled(runs[run]?.modelMade(result, of: round, at: now) ?? [], at: now)
    }

    /// A model was looked at in the store.
    public mutating func modelExamined(
        _ model: TensorBlob, _ condition: ModelCondition, for run: RunID, at now: Instant
    ) -> [CoordinatorAction] {
        settled(runs[run]?.modelExamined(model, condition, at: now) ?? [], at: now)
    }

    /// A model scored so on the run's test set; nil if it could not be scored.
    public mutating func scored(
        _ score: Score?, for run: RunID, _ round: RoundNumber, at now: Instant
    ) -> [CoordinatorAction] {
        settled(runs[run]?.scored(score, of: round, at: now) ?? [], at: now)
    }

    /// A sweep is about to remove blobs that no row names; the answer is those that it may. Then say `discarded`.
    public mutating func claiming(_ orphans: [BlobDigest]) -> [BlobDigest] {
        let needed = referencedBlobs
        let free = orphans.filter { !needed.contains($0) }
        discarding.formUnion(free)
        return free
    }

    /// Blobs are gone.
    public mutating func discarded(_ digests: [BlobDigest]) {
        discarding.subtract(digests)
    }

    /// Time has passed.
    public mutating func timeAdvanced(to now: Instant) -> [CoordinatorAction] {
        var actions: [CoordinatorAction] = []
        while let timer = deadlines.takeDue(at: now) {
            switch timer {
            case .pollEnds(let client, let call):
                guard registry.entries[client]?.waitingCall == call else { continue }
                _ = registry.takeWaitingCall(of: client)
                registry.seen(client, at: now)
                actions.append(.answer(call, .noTask(settings.pace.idle(population: registry.count))))
            case .watchEnds(let run, let call):
                guard let place = watchers[run]?.firstIndex(of: call) else { continue }
                watchers[run]?.remove(at: place)
                actions += answer(call, statusOf: run, at: now)
            case .openRounds:
                openTimers = openTimers.filter { $0 > now }
            }
        }
        for id in line where runs[id]?.nextDeadline.map({ $0 <= now }) == true {
            actions += runs[id]?.timeAdvanced(to: now) ?? []
        }
        return settled(actions, at: now)
    }

    /// The coordinator goes down: calls that wait are sent away, and no new rounds are opened. What is on its way to disk
    /// comes to its end.
    public mutating func closing(at now: Instant) -> [CoordinatorAction] {
        isClosing = true
        let window = settings.pace.busy(population: registry.count)
        var actions: [CoordinatorAction] = []
        for client in registry.entries.keys.sorted() {
            guard let call = registry.takeWaitingCall(of: client) else { continue }
            actions.append(.answer(call, .noTask(window)))
        }
        for (run, calls) in watchers.sorted(by: { $0.key < $1.key }) {
            for call in calls { actions += answer(call, statusOf: run, at: now) }
        }
        watchers = [:]
        return actions
    }

    /// Whether something is on its way to disk, so that going down must wait for it.
    public var isBusy: Bool {
        !changes.isEmpty
            || runs.values.contains { run in
                !run.purposes.isEmpty || run.open?.pending.isEmpty == false || run.work?.pending.isEmpty == false
                    || run.isMakingModel
            }
    }
}

extension CoordinatorMachine.ClientChange {
    var call: CallID {
        switch self {
        case .register(_, let call), .renew(_, let call), .leave(_, let call), .createRun(_, let call): call
        }
    }
}
