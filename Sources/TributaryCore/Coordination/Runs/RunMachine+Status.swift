extension RunMachine {
    /// How the run is: only what is on disk. What is on its way there shows when it has arrived, so that nobody is told of
    /// an end that a crash takes back.
    func status(at now: Instant) -> RunStatus {
        // Who is asked only what its loss is, is not invited yet.
        let open = open?.row.id.kind == .measure ? nil : open
        return RunStatus(
            row: diskRow, activity: activity, revision: revision, lastRound: lastSummary, plannedRounds: plan.rounds,
            modelVersion: lastSummary?.modelVersion ?? ModelVersion(0), model: model,
            invitedCount: open?.row.cohort.count ?? work?.busyCount ?? 0,
            contributionCount: open?.machine.contributionCount ?? work?.counted[nextRound]?.count ?? 0,
            registeredCount: clients.count,
            presentCount: presentCount)
    }

    private var activity: RunStatus.Activity {
        switch diskRow.status {
        case .paused where open == nil: return .paused
        case .completed: return .completed
        case .stopped: return .stopped
        case .failed: return .failed(diskRow.reason)
        case .active, .paused: break
        }
        switch stage {
        case .idle where work?.isQuiet == false && row.status == diskRow.status: return .training
        case .idle where row.status != diskRow.status: return .waiting("the ledger to note that it is \(row.status)")
        case .idle: return .waiting(waitsFor)
        case .scoring, .scored, .closing: return .evaluating
        case .opening, .collecting: return collecting
        case .making, .ending: return .training
        }
    }

    private var collecting: RunStatus.Activity {
        switch open?.row.id.kind {
        case .evaluate: .evaluating
        case .measure: .waiting(askProgress)
        case .train, nil: .training
        }
    }

    /// Whether a client is at work for this run, or about to be.
    func occupies(_ client: ClientID) -> Bool {
        // Whoever is at work on what cannot count any more is as good as free.
        if let work, work.occupies(client), mayCount(in: nextRound) || work.pending[client] != nil { return true }
        if isCandidate(client) { return true }
        guard let open, stage == .collecting || stage == .opening else { return false }
        return stage == .opening
            ? Self.place(of: client, in: open.row.cohort) != nil
            : open.machine.awaits(client) || open.pending[client] != nil
    }

    /// Whether a model is being made: of a run that has failed none is.
    var isMakingModel: Bool { stage == .making && (row.status == .active || row.status == .paused) }

    /// Whether a client's result of a task would be looked at.
    func awaits(_ client: ClientID, for task: TaskID) -> Bool {
        if isBuffered(task) { return work?.tasks[client].map { $0.id == task && $0.isAwaited } ?? false }
        return stage == .collecting && open?.row.id == task && open?.machine.awaits(client) == true
    }

    /// Whether a blob is a model, or a vector of the method's, that a client has been told to fetch.
    func serves(_ digest: BlobDigest, to client: ClientID) -> Bool {
        if let work, work.serves(digest, to: client) { return true }
        guard let open else { return false }
        let isSent = open.row.model.digest == digest || sentVectors.contains { $0.digest == digest }
        return isSent && open.machine.isInvited(client)
    }

    /// How the numbers of a model are written, if it may go out as its difference to another: to one of the former models of
    /// this run that are kept, and to no other blob, so that nobody learns of those.
    func differenceEncoding(of digest: BlobDigest, to base: BlobDigest) -> TensorEncoding? {
        guard plan.strategy.download == .delta, digest != base,
            let former = formerModels.first(where: { $0.digest == base }),
            let model = referencedModels.first(where: { $0.digest == digest }),
            model.encoding == former.encoding, model.byteCount == former.byteCount
        else { return nil }
        return model.encoding
    }

    /// The update that a client is to send; nil if none is expected of it.
    func expectedUpdate(from client: ClientID) -> ExpectedUpdate? {
        if let task = work?.tasks[client], task.isUnanswered, task.state != .invited,
            task.state == .arrived || place(startingFrom: task.version) != nil
        {
            return expectedUpdate(for: task.id)
        }
        guard stage == .collecting, let open, open.row.id.kind == .train,
            open.machine.awaits(client) || open.pending[client] != nil
        else { return nil }
        return expectedUpdate(for: open.row.id)
    }

    private func expectedUpdate(for task: TaskID) -> ExpectedUpdate {
        ExpectedUpdate(
            task: task, byteCount: fitted.plainUpdateSize(parameterCount),
            compressedSizes: fitted.updateCompression.flatMap { fitted.updateSizes($0.encoding, parameterCount) })
    }

    /// Whether the run has need of a blob.
    func references(_ digest: BlobDigest) -> Bool {
        if referencedModels.contains(where: { $0.digest == digest }) { return true }
        if let work { return work.updates.contains(digest) }
        guard let open else { return false }
        return open.contributions.values.contains { $0.numbers.digest == digest }
            || open.pending.values.contains { $0.digests.contains(digest) }
    }

    /// The models that the run has need of.
    var referencedModels: [TensorBlob] {
        [row.initialModel, model] + formerModels + (end?.blobs ?? []) + [open?.row.model].compactMap(\.self)
            + (optimiserState?.vectors.map(\.blob) ?? []) + (methodState?.vectors.map(\.blob) ?? [])
            + (work?.bases.values.map(\.model) ?? [])
    }

    /// The updates that the run has need of.
    var referencedUpdates: Set<BlobDigest> {
        if let work { return work.updates }
        guard let open else { return [] }
        var digests = Set(open.contributions.values.map(\.numbers.digest))
        for pending in open.pending.values { digests.formUnion(pending.digests) }
        return digests
    }
}

/// An update that a client is to send.
struct ExpectedUpdate: Sendable {
    /// What for.
    let task: TaskID
    /// Its size as plain numbers.
    let byteCount: Int
    /// The sizes that it may have compressed; nil if that is not asked for.
    let compressedSizes: ClosedRange<Int>?

    /// Whether it may have this size.
    func mayHave(_ byteCount: Int) -> Bool {
        byteCount == self.byteCount || compressedSizes?.contains(byteCount) == true
    }
}
