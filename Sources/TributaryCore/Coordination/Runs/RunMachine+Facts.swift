extension RunMachine {
    /// A batch is on disk.
    mutating func persisted(_ number: UInt64, at now: Instant) -> [CoordinatorAction] {
        switch purposes.removeValue(forKey: number) {
        case .opening?: return opened(at: now)
        case .wave?: return waveOpened(at: now)
        case .result(let client, let task)?:
            return isBuffered(task) ? recordedInBuffer(client, at: now) : recorded(client, at: now)
        case .ending?: return ended(at: now)
        case .closing?: return closed(at: now)
        case .status(let calls, let written)?: return noted(written, calls, at: now)
        case nil: return []
        }
    }

    /// A batch could not be written. What depends on it is tried again, or was never said.
    mutating func persistFailed(_ number: UInt64, _ reason: String, at now: Instant) -> [CoordinatorAction] {
        guard let purpose = purposes.removeValue(forKey: number) else { return [] }
        let note = CoordinatorAction.note(row.id, "the ledger did not take a batch and will be asked again: \(reason)")
        switch purpose {
        case .opening:
            stage = open?.row.id.kind == .evaluate ? .scored : .idle
            open = nil
            nextAttempt = now.advanced(by: settings.retryDelay)
            // An operator may have asked meanwhile for the run to end after this round.
            return [note] + (stage == .idle ? endIfOver(at: now) : [])
        case .wave:
            return [note] + waveNotOpened(at: now)
        case .result(let client, let task):
            let refusal = CallRefusal.unavailable(reason, settings.storageRetry)
            return [note]
                + (isBuffered(task)
                    ? withdrawFromBuffer(client, refusal, at: now) : withdraw(client, refusal, at: now))
        case .ending, .closing:
            deadlines.add(.retry, at: now.advanced(by: settings.retryDelay))
        case .status(let calls, _):
            forgetStatus()
            deadlines.add(.retry, at: now.advanced(by: settings.retryDelay))
            return [note] + calls.map { .answer($0, .refused(.unavailable(reason, settings.storageRetry))) }
        }
        return [note]
    }

    /// A change of the run's status is on disk: whoever asks is told of it from now on.
    private mutating func noted(_ written: RunRow, _ calls: [CallID], at now: Instant) -> [CoordinatorAction] {
        diskRow = written
        changed()
        let status = status(at: now)
        // A stop that was asked for while a round was being opened is for now, if that round could not be opened.
        let end = stage == .idle ? endIfOver(at: now) : []
        return calls.map { .answer($0, .run(status)) } + [.publishStatus(row.id)] + end + clearBuffer()
    }

    /// A change of the run's status could not be written: it is as it was, unless a later change is still on its way.
    private mutating func forgetStatus() {
        guard !isStatusUnderWay else { return }
        row = diskRow
        course.stopRequested(diskRow.isStopRequested)
        changed()
    }

    /// Time has passed.
    mutating func timeAdvanced(to now: Instant) -> [CoordinatorAction] {
        var actions: [CoordinatorAction] = []
        while let timer = deadlines.takeDue(at: now) {
            switch timer {
            case .lease(let task, let client): actions += leaseDue(task, client, at: now)
            case .deadline(let task):
                guard stage == .collecting, open?.row.id == task else { continue }
                actions += proceed(open?.machine.deadlineChecked(at: now) ?? .wait, at: now)
            case .retry: actions += retry(at: now)
            }
        }
        return actions + lookAtWorkers(at: now)
    }

    private mutating func leaseDue(_ task: TaskID, _ client: ClientID, at now: Instant) -> [CoordinatorAction] {
        guard stage == .collecting, open?.row.id == task, let leaseEnd = open?.machine.leaseEnd(of: client) else {
            return []
        }
        guard leaseEnd <= now else {
            deadlines.add(.lease(task, client), at: leaseEnd)
            return []
        }
        reports.failed.append(client)
        return proceed(open?.machine.leaseChecked(of: client, at: now) ?? .wait, at: now)
    }

    /// Does again what the store did not take.
    private mutating func retry(at now: Instant) -> [CoordinatorAction] {
        switch stage {
        case .making: return isModelOrdered ? [] : makeModel(at: now)
        case .ending:
            guard let end, !isUnderWay(.ending) else { return [] }
            return [.persist(endBatch(end), token(for: .ending))]
        case .closing:
            guard let end, !isUnderWay(.closing) else { return [] }
            return [.persist([.roundEnded(end)], token(for: .closing))]
        case .idle: return advance(at: now)
        case .opening, .collecting, .scoring, .scored: return []
        }
    }

    private func isUnderWay(_ stage: Stage) -> Bool {
        purposes.values.contains { purpose in
            switch purpose {
            case .ending: stage == .ending
            case .closing: stage == .closing
            case .opening, .wave, .result, .status: false
            }
        }
    }
}

extension RunMachine {
    /// An operator wants no new rounds for now.
    mutating func paused(call: CallID, at now: Instant) -> [CoordinatorAction] {
        guard row.status == .active else { return already(.paused, call, at: now) }
        row.status = .paused
        dropAsk()
        return changedStatus(call)
    }

    /// An operator wants the run to go on.
    mutating func resumed(call: CallID, at now: Instant) -> [CoordinatorAction] {
        guard row.status == .paused || row.status == .failed else { return already(.active, call, at: now) }
        let hadFailed = row.status == .failed
        row.status = .active
        row.reason = ""
        nextAttempt = nil
        // What failed is tried again: the operator may have brought it back.
        damage = nil
        let again = hadFailed ? (stage == .making ? makeModel(at: now) : examineModel()) : []
        return changedStatus(call) + again + (stage == .idle ? advance(at: now) : [])
    }

    /// An operator wants the run to end after its open round.
    mutating func stopped(call: CallID, at now: Instant) -> [CoordinatorAction] {
        if row.status == .stopped || row.isStopRequested { return answerOnceNoted(call, at: now) }
        guard row.status != .completed else { return already(.stopped, call, at: now) }
        row.isStopRequested = true
        course.stopRequested()
        dropAsk()
        if row.status == .failed || stage == .idle && !hasBegunRound {
            row.status = .stopped
        }
        return changedStatus(call) + followBuffer(at: now)
    }

    private mutating func changedStatus(_ call: CallID) -> [CoordinatorAction] {
        changed()
        return [.persist([.run(row)], token(for: .status(calls: [call], written: row)))]
    }

    /// What an operator is told of a run that is as they want it, or that has ended otherwise.
    private mutating func already(
        _ wanted: RunRow.Status, _ call: CallID, at now: Instant
    ) -> [CoordinatorAction] {
        if row.status == wanted || diskRow.status != row.status { return answerOnceNoted(call, at: now) }
        return [.answer(call, .refused(.runEnded(row.id, row.status)))]
    }

    /// Answers with how the run is, when the last change of that which is on its way to disk has arrived there.
    private mutating func answerOnceNoted(_ call: CallID, at now: Instant) -> [CoordinatorAction] {
        for (number, purpose) in purposes.sorted(by: { $0.key > $1.key }) {
            guard case .status(let calls, let written) = purpose else { continue }
            purposes[number] = .status(calls: calls + [call], written: written)
            return []
        }
        return [.answer(call, .run(status(at: now)))]
    }
}
