import TributaryMath

extension RunMachine {
    /// The task that waits for a client; nil if none does. A client that asks is at work from now on.
    mutating func task(for client: ClientID, at now: Instant) -> TaskDescription? {
        if let task = waveTask(for: client, at: now) { return task }
        // The round is not held on to while it changes: that would copy all of its clients.
        guard stage == .collecting, let round = open?.row, let solver = open?.solver,
            open?.machine.awaits(client) == true, !isPastBeginning(round)
        else { return nil }
        if open?.machine.leaseEnd(of: client) == nil {
            deadlines.add(.lease(round.id, client), at: now.advanced(by: plan.cohort.lease))
        }
        open?.machine.clientReturned(client, at: now)
        let sent = round.id.kind == .train ? sentVectors.reduce(0) { $0 + $1.byteCount } : 0
        if round.id.kind == .measure { ask?.given.insert(client) }
        open?.traffic.bytesDown += round.model.byteCount + sent
        noteGiven(to: client, bytes: round.model.byteCount + sent, at: now)
        return description(of: round, solver, for: client, timeLeft: timeLeft(for: client, round.id, at: now))
    }

    func description(
        of round: RoundRow, _ solver: LocalSolver, for client: ClientID, timeLeft: Duration
    ) -> TaskDescription {
        let id = round.id
        let number = UInt64(id.round.rawValue)
        let taskSeed =
            id.wave.map { seed.derived("local-training", number, client.rawValue, UInt64($0)) }
            ?? seed.derived("local-training", number, client.rawValue)
        var description = TaskDescription(
            id: id, model: round.model, modelVersion: round.modelVersion, modelName: plan.model, layout: layout,
            solver: id.kind == .train ? solver : scoringSolver(for: id.round), algorithm: plan.algorithm.rawValue,
            evaluationLimit: id.kind == .evaluate ? plan.evaluation.clientExamples : nil,
            seed: taskSeed.rawValue,
            updateEncoding: fitted.plainUpdateEncoding, compression: id.kind == .train ? fitted.updateCompression : nil,
            method: id.kind == .train ? taskMethod(for: client) : nil, updateBound: plan.server.updateBound,
            exampleLimit: plan.live.exampleLimit, lease: plan.cohort.lease, timeLeft: timeLeft,
            localNoise: id.kind == .train ? fitted.noiseRequest : nil)
        description.offersDifference = plan.strategy.download == .delta
        description.asksForTimes = id.kind == .train && asksForTimes
        // What is measured is the common model's.
        description.personal = id.kind == .measure ? nil : taskPersonal(for: client)
        return description
    }

    /// The time until the open round closes or, where it does not, the client's task.
    func timeLeft(for client: ClientID, _ task: TaskID, at now: Instant) -> Duration {
        let end = isBuffered(task) ? work?.tasks[client]?.closesAt : open?.machine.closesAt
        return max(.zero, end.map { now.duration(to: $0) } ?? .zero)
    }

    /// A client says that it is at work; whether the task goes on.
    mutating func heartbeat(from client: ClientID, task: TaskID, at now: Instant) -> Bool {
        if isBuffered(task) { return waveHeartbeat(from: client, task: task, at: now) }
        guard stage == .collecting, open?.row.id == task, open?.machine.awaits(client) == true else { return false }
        if open?.machine.leaseEnd(of: client) == nil {
            deadlines.add(.lease(task, client), at: now.advanced(by: plan.cohort.lease))
        }
        open?.machine.clientReturned(client, at: now)
        noteHeard(of: client, at: now)
        return true
    }

    /// A client gives its task back.
    mutating func gaveBack(_ client: ClientID, task: TaskID, cause: DropCause, at now: Instant) -> [CoordinatorAction] {
        if isBuffered(task) { return gaveBackToBuffer(client, task: task, cause: cause, at: now) }
        guard stage == .collecting, open?.row.id == task, open?.machine.awaits(client) == true else { return [] }
        let examination = cause == .failed && task.kind != .evaluate ? examineModel() : []
        if cause == .failed { reports.failed.append(client) }
        noteHeard(of: client, at: now)
        return examination + proceed(open?.machine.clientLost(client, cause: cause) ?? .wait, at: now)
    }

    /// A client hands in a result.
    mutating func submitted(
        _ result: TaskResult, for task: TaskID, by client: ClientID, call: CallID, at now: Instant
    ) -> [CoordinatorAction] {
        if isBuffered(task) { return submittedToBuffer(result, for: task, by: client, call: call, at: now) }
        // What candidates said counts for one round, which is under way now or over.
        if task.kind == .measure, open?.row.id != task { return [receipt(call, .late, isDuplicate: false)] }
        guard let id = open?.row.id, stage != .opening, id == task else {
            let isPast = task.round <= course.lastRound || task.round < open?.row.id.round ?? task.round
            return isPast ? [.recall(call, task, client)] : [receipt(call, .notInvited, isDuplicate: false)]
        }
        let isRepetition = open?.machine.hasAnswered(client) == true
        switch open?.machine.updateArrived(from: client, at: now) {
        case .answer(let answer)?:
            return [receipt(call, answer, isDuplicate: isRepetition)] + (isRepetition ? [] : discard(result))
        case .awaitFirstAnswer?:
            return keepWaiting(call, client, for: task)
        case .fold?:
            open?.pending[client] = PendingResult(result: result, calls: [call])
            noteHeard(of: client, at: now)
            return admit(result, from: client, at: now)
        case nil:
            return []
        }
    }

    /// More calls than one wait for the same receipt: a client that repeats itself. The newest few are kept.
    mutating func keepWaiting(_ call: CallID, _ client: ClientID, for task: TaskID) -> [CoordinatorAction] {
        let displaced = isBuffered(task) ? work?.pending[client]?.add(call) : open?.pending[client]?.add(call)
        return displaced.map { [.answer($0, .refused(.displaced))] } ?? []
    }

    private mutating func admit(_ result: TaskResult, from client: ClientID, at now: Instant) -> [CoordinatorAction] {
        guard let id = open?.row.id else { return [] }
        if let refusal = refusal(of: result, for: id.kind) { return refuse(client, because: refusal, at: now) }
        switch result {
        case .trained(let update):
            return [
                .check(
                    UpdateCheck(
                        task: id, client: client, blob: update.blob, parameterCount: parameterCount,
                        bound: fitted.arrivalBound, messageBounds: terms.form.messages.map { Float($0.bound) },
                        still: stillRanges))
            ]
        case .evaluated(let evaluation, let metrics, let own):
            let row = EvaluationRow(task: id, client: client, evaluation: evaluation, metrics: metrics, own: own)
            open?.pending[client]?.evaluation = row
            return [.persist([.evaluation(row)], token(for: .result(client, id)))]
        case .measured(let loss):
            ask?.losses[client] = loss
            return recorded(client, at: now)
        }
    }

    /// What can be said of a result without looking at its bytes.
    func refusal(of result: TaskResult, for kind: TaskKind) -> UpdateRefusal? {
        switch result {
        case .trained(let update):
            guard kind == .train, let sizes = fitted.updateSizes(update.blob.encoding, parameterCount)
            else { return .wrongSchema }
            // Whoever added no noise must not be counted as if it had.
            if let request = fitted.noiseRequest, update.localNoise != request { return .wrongSchema }
            guard sizes.contains(update.blob.byteCount) else { return .wrongSize }
            guard (1...plan.live.exampleLimit).contains(update.outcome.exampleCount) else { return .badWeight }
            let isFinite = update.outcome.meanLoss.isFinite && update.metrics.values.allSatisfy(\.isFinite)
            guard isFinite, update.encodingError?.isFinite != false else { return .notFinite }
            guard update.encodingError ?? 0 >= 0 else { return .outOfBound }
            return terms.form.refusal(of: update.method)
        case .evaluated(let evaluation, let metrics, let own):
            guard kind == .evaluate else { return .wrongSchema }
            guard evaluation.exampleCount >= 0, evaluation.exampleCount <= plan.live.exampleLimit,
                (0...evaluation.exampleCount).contains(evaluation.correctCount ?? 0)
            else { return .badWeight }
            guard evaluation.lossSum.isFinite, metrics.values.allSatisfy(\.isFinite) else { return .notFinite }
            return self.refusal(ofOwn: own, beside: evaluation)
        case .measured(let loss):
            guard kind == .measure else { return .wrongSchema }
            return loss.isFinite ? nil : .notFinite
        }
    }

    /// An update was looked at.
    mutating func checked(_ check: UpdateCheck, _ verdict: UpdateVerdict, at now: Instant) -> [CoordinatorAction] {
        if isBuffered(check.task) { return checkedForBuffer(check, verdict, at: now) }
        guard open?.row.id == check.task, let pending = open?.pending[check.client],
            case .trained(let update) = pending.result, update.blob == check.blob, pending.contribution == nil
        else { return [] }
        switch verdict {
        case .decoded(let decoded):
            open?.pending[check.client]?.decoded = decoded.numbers
            return [.check(check.naming(decoded))]
        case .sound(let norm):
            guard let weight = weight(of: check.client, update) else {
                return refuse(check.client, because: .badWeight, at: now)
            }
            var row = ContributionRow(
                task: check.task, client: check.client, update: update, decoded: pending.decoded, weight: weight,
                norm: norm, acceptedAt: now)
            row.work = workNote(of: check.client, at: now)
            open?.pending[check.client]?.contribution = row
            return [.persist([.contribution(row)], token(for: .result(check.client, check.task)))]
        case .refused(let refusal):
            return refuse(check.client, because: refusal, at: now)
        case .missing:
            return withdraw(check.client, .updateMissing(check.blob.digest), at: now)
        case .failed(let reason):
            return withdraw(check.client, .unavailable(reason, settings.storageRetry), at: now)
        }
    }

    /// A result is on disk, or need not be: it counts.
    mutating func recorded(_ client: ClientID, at now: Instant) -> [CoordinatorAction] {
        guard let pending = open?.pending.removeValue(forKey: client) else { return [] }
        open?.contributions[client] = pending.contribution
        open?.traffic.bytesUp += pending.contribution?.update.blob.byteCount ?? 0
        open?.evaluations[client] = pending.evaluation
        reports.succeeded.append(client)
        if let update = pending.contribution?.update { reports.counted.append((client, update.blob.digest)) }
        changed()
        // Of a compressed update its numbers are kept.
        let answers = receipts(pending.calls, .accepted) + (pending.decoded == nil ? [] : discard(pending.result))
        return answers + proceed(open?.machine.updateFolded(from: client) ?? .wait, at: now)
    }

    private mutating func refuse(
        _ client: ClientID, because refusal: UpdateRefusal, at now: Instant
    ) -> [CoordinatorAction] {
        guard let pending = open?.pending.removeValue(forKey: client) else { return [] }
        reports.failed.append(client)
        let progress = open?.machine.updateRefused(from: client, because: refusal, at: now) ?? .wait
        return receipts(pending.calls, .refused(refusal)) + discard(pending.result) + proceed(progress, at: now)
    }

    /// The result could not be taken, through no fault of the client's: it may hand it in again.
    mutating func withdraw(_ client: ClientID, _ refusal: CallRefusal, at now: Instant) -> [CoordinatorAction] {
        guard let id = open?.row.id, let pending = open?.pending.removeValue(forKey: client) else { return [] }
        deadlines.add(.lease(id, client), at: now.advanced(by: plan.cohort.lease))
        let progress = open?.machine.updateWithdrawn(from: client, at: now) ?? .wait
        return pending.calls.map { .answer($0, .refused(refusal)) } + proceed(progress, at: now)
    }

    func receipts(_ calls: [CallID], _ answer: RoundMachine.Answer) -> [CoordinatorAction] {
        calls.enumerated().map { receipt($0.element, answer, isDuplicate: $0.offset > 0) }
    }

    func receipt(_ call: CallID, _ answer: RoundMachine.Answer, isDuplicate: Bool) -> CoordinatorAction {
        .answer(call, .receipt(answer, isDuplicate: isDuplicate, retry: .now))
    }

    /// Clears away an update's bytes that do not count (any more). Where all is kept, not at once: the digest is the client's word, and may
    /// be that of an old model that must stay. What nothing on disk names, the sweep takes.
    func discard(_ result: TaskResult) -> [CoordinatorAction] {
        guard case .trained(let update) = result, !settings.keepsUpdates else { return [] }
        return [.discard([update.blob.digest])]
    }
}
