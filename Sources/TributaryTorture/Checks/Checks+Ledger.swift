import TributaryCore
import TributaryStore

/// Rows: nothing that was committed is lost, nothing is there that was not written, and rows follow one another in order.
extension Checks {
    /// A group of batches is about to be written.
    mutating func committing(_ group: [[LedgerEntry]]) {
        inFlight.append(.group(group))
    }

    /// The group was written; the store said so of each batch, or that it was not.
    mutating func committed(_ outcomes: [Result<Void, StoreError>], world: World) {
        guard case .group(let group)? = inFlight.last else { return }
        var hasWritten = false
        for (batch, outcome) in zip(group, outcomes) {
            guard case .success = outcome else { continue }
            becameDurable(batch, world)
            hasWritten = true
        }
        if hasWritten { inFlight = [] }
    }

    /// A process has started and read the ledger: it must hold what was committed, and of one thing that was being written,
    /// or could not be, all; or, of a group, some first batches.
    mutating func recovered(_ contents: LedgerContents, world: World) {
        revisions = [:]
        var found: Write? = contents == durable ? .group([]) : nil
        for write in inFlight where found == nil { found = whatIsThere(of: write, in: contents) }
        inFlight = []
        switch found {
        case .group(let batches)?: for batch in batches { becameDurable(batch, world) }
        case .pruning(let run, let round, let limit)?: forget(run, before: round, limit: limit)
        case nil:
            violated("durability", "the ledger after a restart is not what was committed")
            durable = contents
        }
    }

    /// As much of a write as the ledger would have to hold to be what was found; nil if it would be so with none.
    private func whatIsThere(of write: Write, in contents: LedgerContents) -> Write? {
        switch write {
        case .group(let group): return beginning(of: group, in: contents).map { .group($0) }
        case .pruning(let run, let round, let limit):
            var expected = durable
            _ = expected.prune(run, before: round, limit: limit)
            return expected == contents ? write : nil
        }
    }

    /// The first batches of a group with which the ledger would be what was found; nil if it would be with none.
    private func beginning(of group: [[LedgerEntry]], in contents: LedgerContents) -> [[LedgerEntry]]? {
        var expected = durable
        var batches: [[LedgerEntry]] = []
        for batch in group {
            // A batch that conflicts was not written; those after it were.
            guard (try? expected.apply(batch)) != nil else { continue }
            batches.append(batch)
            if expected == contents { return batches }
        }
        return nil
    }

    private mutating func becameDurable(_ batch: [LedgerEntry], _ world: World) {
        for entry in batch { look(at: entry, world) }
        do {
            try durable.apply(batch)
        } catch {
            violated("exactly once", "\(error.task) of \(error.client) was recorded twice")
        }
        for entry in batch { if case .roundEnded(let row) = entry { ended(row, world) } }
        checkSpending(in: batch, world)
    }

    private mutating func look(at entry: LedgerEntry, _ world: World) {
        switch entry {
        case .client, .clientLeft, .evaluation: break
        case .run(let row): changed(row)
        case .roundOpened(let row): opened(row, world)
        case .contribution(let row): contributed(row, world)
        case .roundEnded, .privacy: break
        }
        if case .evaluation(let row) = entry {
            let submission = Submission(task: row.task, client: row.client, evaluation: row.evaluation)
            require(
                submissions.contains(submission), "own work", "\(row.task): a score that \(row.client) did not send")
        }
    }

    private mutating func changed(_ row: RunRow) {
        if runs[row.id] == nil, let plan = planned[row.id] {
            runs[row.id] = RunRecord(plan: plan.plan, model: plan.model, blob: row.initialModel)
        }
        let isOver = runs[row.id]?.status == .completed || runs[row.id]?.status == .stopped
        require(!isOver || runs[row.id]?.status == row.status, "final", "\(row.id) was over and is \(row.status)")
        runs[row.id]?.status = row.status
    }

    private mutating func opened(_ row: RoundRow, _ world: World) {
        if row.id.wave != nil { return openedWave(row) }
        guard let run = runs[row.id.run] else { return violated("rounds", "\(row.id) of a run that is not there") }
        require(row.model == run.blob, "models", "\(row.id) begins with another model than the newest")
        require(
            row.modelVersion == run.version, "versions", "\(row.id) begins at \(row.modelVersion), not \(run.version)")
        require(row.cohort == Array(Set(row.cohort)).sorted(), "cohort", "\(row.id): a client is there twice")
        require(row.quorum >= 1 && row.quorum <= row.goal, "cohort", "\(row.id): quorum \(row.quorum) of \(row.goal)")
        require(run.pacing == nil || row.id.kind == .evaluate, "waves", "\(row.id) has no wave")
        switch row.id.kind {
        case .train:
            require(run.open == nil, "one open round", "\(row.id) opens while another is open")
            require(run.status == .active, "orders", "\(row.id) opens while its run is \(run.status)")
            require(row.id.round == run.lastRound.next, "rounds", "\(row.id) follows \(run.lastRound)")
            runs[row.id.run]?.open = row
        case .evaluate:
            require(run.open == nil, "one open round", "\(row.id) opens while a training round is open")
            require(row.id.round == run.lastRound, "rounds", "\(row.id) scores another round than the last")
        }
        // Clients of the world never leave.
        let isKnown = row.cohort.allSatisfy { durable.client($0) != nil }
        require(isKnown, "cohort", "\(row.id) invites somebody who is not registered")
    }

    private mutating func contributed(_ row: ContributionRow, _ world: World) {
        let round = row.task.wave == nil ? runs[row.task.run]?.open : durable.round(row.task)
        guard let run = runs[row.task.run], let open = round, open.id == row.task else {
            return violated("own work", "\(row.task): a contribution to a round that is not open")
        }
        if row.task.wave != nil { checkPlace(of: row, open, run) }
        require(open.cohort.contains(row.client), "own work", "\(row.task): \(row.client) was not invited")
        let submission = Submission(task: row.task, client: row.client, update: row.update)
        require(submissions.contains(submission), "own work", "\(row.task): an update that \(row.client) did not send")
        checkReport(of: row, run)
        let count = row.update.outcome.exampleCount
        let weight = run.plan.server.weighting == .uniform || run.pacing?.isMixing == true ? 1 : count
        require(row.weight == weight, "weights", "\(row.task): \(row.client) weighs \(row.weight), not \(weight)")
        require(
            (1...run.plan.live.exampleLimit).contains(count), "weights", "\(row.task): \(count) examples were taken")
        guard let update = world.archive.update(of: row, parameterCount: run.updateLength) else {
            return violated("own work", "\(row.task): bytes that nobody has made")
        }
        let (own, message) = (update.values.prefix(run.model.count), update.values.dropFirst(run.model.count))
        let isSound =
            own.allSatisfy { $0.magnitude <= run.bound }
            && message.allSatisfy { $0.magnitude <= run.method.messageBound ?? 0 }
        require(
            isSound, "sound updates",
            "\(row.task): a coordinate of \(row.client) is no number within \(run.bound): \(update)")
        require(
            row.update.localNoise == run.noise, "privacy",
            "\(row.task): an update of \(row.client) counts with other noise than was asked for")
        require(update.values.count == run.updateLength, "sound updates", "\(row.task): an update of another length")
        require(
            isSafe(row.numbers.digest, update.keptBytes, world), "durability",
            "\(row.task): \(row.client)'s row is on disk before its bytes")
    }

    /// Whether a blob's bytes would be there if the machine lost power now, or are gone through no fault of ours.
    func isSafe(_ digest: BlobDigest, _ bytes: [UInt8], _ world: World) -> Bool {
        let path = CoordinatorNode.path(of: digest)
        return world.coordinator.disk.durableContent(of: path) == bytes || world.coordinator.disk.isRotten(path)
    }

    /// Whether a blob was destroyed by a fault: its loss is nobody's doing.
    func isDestroyed(_ digest: BlobDigest, _ world: World) -> Bool {
        world.coordinator.disk.isRotten(CoordinatorNode.path(of: digest))
    }
}
