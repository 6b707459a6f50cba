import TributaryMath

/// What becomes of updates, where the model moves as they come.
extension RunMachine {
    /// A client hands in a result.
    mutating func submittedToBuffer(
        _ result: TaskResult, for id: TaskID, by client: ClientID, call: CallID, at now: Instant
    ) -> [CoordinatorAction] {
        guard let task = work?.tasks[client], task.id == id else {
            return id.round <= nextRound
                ? [.recall(call, id, client)] : [receipt(call, .notInvited, isDuplicate: false)]
        }
        switch task.state {
        case .answered(let answer):
            work?.participation.duplicates += 1
            return [receipt(call, answer, isDuplicate: true)]
        case .arrived:
            work?.participation.duplicates += 1
            return keepWaiting(call, client, for: id)
        case .invited:
            return [receipt(call, .notInvited, isDuplicate: false)]
        case .working, .lost:
            work?.set(client, .arrived)
            work?.pending[client] = PendingResult(result: result, calls: [call])
            guard now < task.closesAt, place(startingFrom: task.version) != nil else {
                return comesTooLate(client, at: now)
            }
            return admitToBuffer(result, for: id, from: client, at: now)
        }
    }

    private mutating func admitToBuffer(
        _ result: TaskResult, for id: TaskID, from client: ClientID, at now: Instant
    ) -> [CoordinatorAction] {
        guard case .trained(let update) = result else {
            return refuseInBuffer(client, because: .wrongSchema, at: now)
        }
        if let refusal = refusal(of: result, for: .train) { return refuseInBuffer(client, because: refusal, at: now) }
        return [
            .check(
                UpdateCheck(
                    task: id, client: client, blob: update.blob, parameterCount: parameterCount,
                    bound: Float(plan.server.updateBound)))
        ]
    }

    /// An update was looked at. Only now is it said where it counts: what could not be used takes nobody's place.
    mutating func checkedForBuffer(
        _ check: UpdateCheck, _ verdict: UpdateVerdict, at now: Instant
    ) -> [CoordinatorAction] {
        guard let task = work?.tasks[check.client], task.id == check.task, let pending = work?.pending[check.client],
            case .trained(let update) = pending.result, update.blob == check.blob, pending.contribution == nil
        else { return [] }
        switch verdict {
        case .decoded(let decoded):
            work?.pending[check.client]?.decoded = decoded.numbers
            return [.check(check.naming(decoded))]
        case .sound(let norm):
            guard let place = place(startingFrom: task.version) else { return comesTooLate(check.client, at: now) }
            let weight =
                work?.pacing.isMixing == true
                ? 1 : fitted.strategy.weighting.weight(exampleCount: update.outcome.exampleCount)
            let row = ContributionRow(
                task: check.task, client: check.client, update: update, decoded: pending.decoded, weight: weight,
                norm: norm, acceptedAt: now, place: place)
            work?.pending[check.client]?.contribution = row
            work?.willWrite(row)
            return [.persist([.contribution(row)], token(for: .result(check.client, check.task)))]
        case .refused(let refusal):
            return refuseInBuffer(check.client, because: refusal, at: now)
        case .missing:
            return withdrawFromBuffer(check.client, .updateMissing(check.blob.digest), at: now)
        case .failed(let reason):
            return withdrawFromBuffer(check.client, .unavailable(reason, settings.storageRetry), at: now)
        }
    }

    /// An update is on disk: it counts.
    mutating func recordedInBuffer(_ client: ClientID, at now: Instant) -> [CoordinatorAction] {
        guard let pending = work?.pending.removeValue(forKey: client), let row = pending.contribution else { return [] }
        work?.written(row, isOnDisk: true)
        work?.set(client, .answered(.accepted))
        work?.traffic.bytesUp += row.update.blob.byteCount
        reports.succeeded.append(client)
        reports.counted.append((client, row.update.blob.digest))
        changed()
        // Of a compressed update its numbers are kept.
        let answers = receipts(pending.calls, .accepted) + (pending.decoded == nil ? [] : discard(pending.result))
        return answers + followBuffer(at: now)
    }

    private mutating func refuseInBuffer(
        _ client: ClientID, because refusal: UpdateRefusal, at now: Instant
    ) -> [CoordinatorAction] {
        reports.failed.append(client)
        return settle(client, .refused(refusal), refusal.dropCause, at: now)
    }

    /// An update that nowhere counts: its task was over, or its model is too old, or the run ends.
    private mutating func comesTooLate(_ client: ClientID, at now: Instant) -> [CoordinatorAction] {
        settle(client, .late, .late, at: now)
    }

    private mutating func settle(
        _ client: ClientID, _ answer: RoundMachine.Answer, _ cause: DropCause, at now: Instant
    ) -> [CoordinatorAction] {
        guard let pending = work?.pending.removeValue(forKey: client) else { return [] }
        work?.set(client, .answered(answer))
        work?.participation.dropped[cause, default: 0] += 1
        changed()
        return receipts(pending.calls, answer) + discard(pending.result) + followBuffer(at: now)
    }

    /// An update could not be taken, through no fault of its client's: it may hand it in again.
    mutating func withdrawFromBuffer(
        _ client: ClientID, _ refusal: CallRefusal, at now: Instant
    ) -> [CoordinatorAction] {
        guard let pending = work?.pending.removeValue(forKey: client) else { return [] }
        if let row = pending.contribution { work?.written(row, isOnDisk: false) }
        let leaseEnds = now.advanced(by: plan.cohort.lease)
        work?.set(client, .working(leaseEnds: leaseEnds))
        return pending.calls.map { .answer($0, .refused(refusal)) } + followBuffer(at: now)
    }
}

/// Steps of the model.
extension RunMachine {
    /// Takes the step that is due, or gives it up if the run is to end and it cannot come any more.
    mutating func followBuffer(at now: Instant) -> [CoordinatorAction] {
        guard let work, row.status == .active || row.status == .paused else { return [] }
        if isTrainingFull, stage != .idle { return cutScoringShort(at: now) }
        guard stage == .idle else { return [] }
        let count = work.counted[nextRound]?.count ?? 0
        if count >= work.pacing.goal { return makeModel(at: now) }
        guard case .end = course.nextAction() else { return [] }
        guard work.isBegun(nextRound) else { return advance(at: now) }
        guard work.writing[nextRound] == nil else { return [] }
        let mayStillCome = mayCount(in: nextRound) ? work.busyCount + work.pending.count : 0
        return count + mayStillCome < work.pacing.goal ? endRound(.abandoned, at: now) : []
    }

    /// Nothing counts any more once the disk has it that the run is over.
    mutating func clearBuffer() -> [CoordinatorAction] {
        guard diskRow.status == .completed || diskRow.status == .stopped, let garbage = work?.clear() else { return [] }
        return settings.keepsUpdates || garbage.isEmpty ? [] : [.discard(garbage.sorted())]
    }

    /// Whether a round is open that must end before the run does.
    var hasBegunRound: Bool {
        guard let work else { return false }
        return work.isBegun(nextRound)
    }

    /// s(τ) of each of the updates, for a step from the newest model.
    func scales(of contributions: [ContributionRow]) -> [Double] {
        guard let work else { return [] }
        return stalenesses(of: contributions).map { work.pacing.weight($0) }
    }

    /// How the updates are mixed into the newest model; nil where they are put together, and where a ledger that has lost rows
    /// does not say what each started from. That is kept until the step is on disk.
    func mixing(of contributions: [ContributionRow]) -> ModelMixing? {
        guard let work, case .mixing(let alpha) = work.pacing.use else { return nil }
        let bases = contributions.compactMap { work.bases[$0.task.round]?.model }
        guard bases.count == contributions.count else { return nil }
        return ModelMixing(
            shares: stalenesses(of: contributions).map { alpha * work.pacing.weight($0) }, bases: bases)
    }

    /// τ of each of the updates: how many steps the newest model is ahead of the one that it started from.
    func stalenesses(of contributions: [ContributionRow]) -> [Int] {
        contributions.map { course.modelVersion.rawValue - ($0.place?.startedFrom ?? course.modelVersion).rawValue }
    }

    /// What the mean is multiplied by: 1 / mean s, each update with its weight, where old updates are to make no smaller steps.
    func meanScale(_ contributions: [ContributionRow], _ scales: [Double]) -> Double {
        guard case .mean(isNormalised: true)? = work?.pacing.use else { return 1 }
        let weight = contributions.reduce(0.0) { $0 + Double($1.weight) }
        let scaled = zip(contributions, scales).reduce(0.0) { $0 + Double($1.0.weight) * $1.1 }
        return scaled > 0 ? weight / scaled : 1
    }
}
