extension CoordinatorMachine {
    /// An operator creates a run. The same run again is found, not made twice.
    ///
    /// - Parameter noiseKey: a fresh secret from a cryptographic generator, which a plan with privacy needs.
    public mutating func creating(
        _ row: RunRow, noiseKey: NoiseKey? = nil, call: CallID, at now: Instant
    ) -> [CoordinatorAction] {
        if isClosing { return [.answer(call, .refused(.closing(busyWindow)))] }
        if leftOut.contains(row.id) { return [.answer(call, .refused(.runExists(row.id)))] }
        if let known = runs[row.id] {
            guard known.row.isSameRun(as: row) else { return [.answer(call, .refused(.runExists(row.id)))] }
            return answer(call, statusOf: row.id, at: now)
        }
        let isUnderWay = changes.values.contains { change in
            if case .createRun(let run, _) = change { run.row.id == row.id } else { false }
        }
        if isUnderWay { return [.answer(call, .refused(.runExists(row.id)))] }
        if let refusal = refusalOfChange(call) { return [refusal] }
        do throws(PlanError) {
            var run = try RunMachine(row, settings: settings, at: now)
            let privacy = try run.beginPrivacy(noiseKey)
            return [.persist([.run(row)] + privacy, token(for: .createRun(run, call)))]
        } catch {
            return [.answer(call, .refused(.badPlan(error.description)))]
        }
    }

    /// How a run is; nil if there is none of that name.
    public func status(of run: RunID, at now: Instant) -> RunStatus? { runs[run]?.status(at: now) }

    /// How all runs are, by name.
    public func allStatuses(at now: Instant) -> [RunStatus] {
        runs.values.map { $0.status(at: now) }.sorted { $0.row.id < $1.row.id }
    }

    /// An operator wants to know when a run has changed since the revision that it knows.
    public mutating func watching(
        _ run: RunID, known revision: UInt64, waiting wait: Duration, call: CallID, at now: Instant
    ) -> [CoordinatorAction] {
        guard let current = runs[run]?.revision, current == revision, wait > .zero, !isClosing else {
            return answer(call, statusOf: run, at: now)
        }
        watchers[run, default: []].append(call)
        toldRevisions[run] = current
        deadlines.add(.watchEnds(run, call), at: now.advanced(by: min(wait, settings.longestWait)))
        return []
    }

    /// An operator wants no new rounds of a run for now.
    public mutating func pausing(_ run: RunID, call: CallID, at now: Instant) -> [CoordinatorAction] {
        guard runs[run] != nil else { return [.answer(call, .refused(.unknownRun(run)))] }
        if let refusal = refusalOfChange(call, of: run) { return [refusal] }
        return settled(runs[run]?.paused(call: call, at: now) ?? [], at: now)
    }

    /// An operator wants a run to go on.
    public mutating func resuming(_ run: RunID, call: CallID, at now: Instant) -> [CoordinatorAction] {
        guard runs[run] != nil else { return [.answer(call, .refused(.unknownRun(run)))] }
        if let refusal = refusalOfChange(call, of: run) { return [refusal] }
        return settled(runs[run]?.resumed(call: call, at: now) ?? [], at: now)
    }

    /// An operator wants a run to end after its open round.
    public mutating func stopping(_ run: RunID, call: CallID, at now: Instant) -> [CoordinatorAction] {
        guard runs[run] != nil else { return [.answer(call, .refused(.unknownRun(run)))] }
        if let refusal = refusalOfChange(call, of: run) { return [refusal] }
        return settled(runs[run]?.stopped(call: call, at: now) ?? [], at: now)
    }

    /// The blobs that runs have need of: what a sweep of the blob store must leave alone.
    public var referencedBlobs: Set<BlobDigest> {
        var digests: Set<BlobDigest> = []
        for run in runs.values {
            digests.formUnion(run.referencedModels.map(\.digest))
            digests.formUnion(run.referencedUpdates)
        }
        return digests
    }

    /// Whether the ledger holds runs that this software does not understand.
    public var hasLeftOutRuns: Bool { !leftOut.isEmpty }
    /// Registered clients.
    public var clientCount: Int { registry.count }
    /// Calls that wait for a task.
    public var waitingCount: Int { registry.waitingCount }
}

extension RunRow {
    /// Whether another row describes the same run, whatever has become of it since.
    fileprivate func isSameRun(as other: RunRow) -> Bool {
        (plan, target, tensors, initialModel) == (other.plan, other.target, other.tensors, other.initialModel)
    }
}
