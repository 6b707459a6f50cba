import TributaryCore

/// What must hold.
extension CoordinatorWorld {
    mutating func checkPromise(_ answer: CoordinatorAnswer, _ call: Call) {
        // What candidates say of their loss is for the moment.
        guard case .submit(let client, let task) = call, task.id.kind != .measure,
            case .receipt(.accepted, _, _) = answer
        else { return }
        let isTrained = ledger.contributions(to: task.id).contains { $0.client == client }
        let isScored = ledger.evaluations(of: task.id).contains { $0.client == client }
        if !isTrained, !isScored { violations.append("\(task.id) of \(client) was accepted and is not on disk") }
        accepted.insert(Contribution(task: task.id, client: client))
    }

    mutating func checkOrder(_ order: ModelOrder) {
        if isBuffered { return checkStep(order) }
        let id = TaskID(run: order.run, round: order.round, kind: .train)
        if order.contributions != ledger.contributions(to: id) {
            violations.append("\(id) is made of other contributions than were recorded")
        }
        guard let row = ledger.round(id) else { return violations.append("\(id) was never opened") }
        if order.contributions.count < row.quorum || order.contributions.count > row.goal {
            violations.append("\(id) commits \(order.contributions.count) contributions")
        }
        if order.base != row.model { violations.append("\(id) goes on from another model than its clients") }
        let last = ledger.rounds(of: order.run).last { $0.summary.round < order.round }
        if order.state != last?.optimiserState?.vectors.map(\.blob) ?? [] {
            violations.append("\(id) goes on from another state than the round before left")
        }
        if order.method?.vectors ?? [] != last?.method?.vectors.map(\.blob) ?? [] {
            violations.append("\(id) goes on from another state of its method than the round before left")
        }
        if order.step.context.number != row.modelVersion.next.rawValue {
            violations.append("\(id) is step \(order.step.context.number) and makes \(row.modelVersion.next)")
        }
        checkSum(order, id)
    }

    /// No two sums have the same noise, but for one that is made again.
    private mutating func checkSum(_ order: ModelOrder, _ id: TaskID) {
        guard let sum = order.privacy else { return }
        if let earlier = sums[sum.noise], earlier != (id.round, order.contributions) {
            violations.append("\(id) has the noise of \(earlier.round), which was a sum of other updates")
        }
        let made = sums.first { $0.value == (id.round, order.contributions) }
        if let made, made.key != sum.noise { violations.append("\(id) has other noise than before") }
        sums[sum.noise] = (id.round, order.contributions)
    }

    /// What was spent goes to disk with what it was spent on.
    mutating func checkPrivacy() {
        guard let run = ledger.image.runs.first, let privacy = run.privacy else { return }
        if privacy.round != run.lastEnd?.summary.round ?? RoundNumber(0) {
            violations.append("what was spent is known after \(privacy.round), and not after the last end")
        }
    }

    /// A client was given a task: it was told the last round before it whose model has an update of its.
    mutating func checkTask(_ task: TaskDescription, of client: ClientID) {
        guard let method = task.method else { return }
        let ends = ledger.rounds(of: task.id.run).filter { $0.summary.round < task.id.round }
        let vectors = (ends.last?.method?.vectors ?? []).map(\.blob)
        if method.text.name == "scaffold", method.vectors != vectors {
            violations.append("\(task.id) sends other vectors than the round before left")
        }
        // A task may be over by the time that it arrives: then its model may not be read either.
        let isOver = !machine.mayRead(task.model.digest, client)
        for vector in method.vectors where !isOver && !machine.mayRead(vector.digest, client) {
            violations.append("\(task.id) sends a vector that its client may not read")
        }
        let keepsMemories = ends.contains { $0.counted != nil }
        let last = ends.last { end in
            let id = TaskID(run: task.id.run, round: end.summary.round, kind: .train)
            return end.summary.outcome == .committed && ledger.contributions(to: id).contains { $0.client == client }
        }
        if method.countedRound != (keepsMemories ? last?.summary.round : nil) {
            violations.append("\(client) is told of another round than \(last?.summary.round.rawValue ?? 0)")
        }
    }

    func isNeeded(_ digest: BlobDigest) -> Bool {
        ledger.image.runs.contains { run in
            let isOver = run.row.status == .completed || run.row.status == .stopped
            return run.row.initialModel.digest == digest || run.lastEnd?.blobs.contains { $0.digest == digest } == true
                || !isOver && run.openRounds.contains { $0.model.digest == digest && isOpen($0, run) }
                || !isOver && run.openRounds.contains { $0.model.digest == digest && isMixedFrom($0, run) }
                || run.contributions.contains { row in
                    let hasEnded = row.place.map { $0.round <= run.lastEnd?.summary.round ?? RoundNumber(0) } ?? false
                    return row.numbers.digest == digest && !hasEnded
                }
        }
    }

    /// Whether a client may still ask for its task of a wave.
    private func isOpen(_ wave: RoundRow, _ run: LedgerImage.Run) -> Bool {
        wave.cohort.contains { client in !run.contributions.contains { $0.task == wave.id && $0.client == client } }
    }

    /// Whether an update that waits for its step is to be mixed into the newest model from that of a wave.
    private func isMixedFrom(_ wave: RoundRow, _ run: LedgerImage.Run) -> Bool {
        guard case .mixing? = pacing?.use else { return false }
        let last = run.lastEnd?.summary.round ?? RoundNumber(0)
        return run.contributions.contains { $0.task == wave.id && $0.place.map { $0.round > last } ?? false }
    }

    mutating func checkBounds() {
        if calls.count > 4096 { violations.append("calls pile up") }
        guard let status = machine.status(of: Self.run, at: now) else { return }
        if isBuffered {
            checkWorkers()
        } else if status.contributionCount > status.invitedCount {
            violations.append("more contributions than clients")
        }
        checkShown(status)
    }

    /// What an operator may see of a run is on disk, so that no crash takes it back.
    private mutating func checkShown(_ status: RunStatus) {
        let shown = Shown(row: status.row, round: status.lastRound?.round)
        guard shown != lastShown else { return }
        lastShown = shown
        let disk = ledger.image.runs.first
        if status.row != disk?.row { violations.append("an operator sees \(status.row.status) before it is on disk") }
        if let round = shown.round, round != disk?.lastEnd?.summary.round {
            violations.append("an operator sees the end of \(round) before it is on disk")
        }
    }
}
