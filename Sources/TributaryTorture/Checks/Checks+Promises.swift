import TributaryCore

/// Promises: what is said is on disk, and is never taken back. Removal: nothing goes that a row still needs.
extension Checks {
    /// A client is about to send a result.
    mutating func willSend(_ result: TaskResult, _ task: TaskID, _ client: ClientID) {
        switch result {
        case .trained(let update): submissions.insert(Submission(task: task, client: client, update: update))
        case .evaluated(let evaluation, _, _):
            submissions.insert(Submission(task: task, client: client, evaluation: evaluation))
        case .measured: break
        }
    }

    /// A client begins to work.
    mutating func working(on task: TaskID, _ client: ClientNode) {
        require(
            client.disk.result?.finished.id != task, "resume",
            "\(client.id) works again on \(task), whose result it keeps")
    }

    /// The coordinator answers a call: what it says must be on disk.
    mutating func answered(_ request: Request, _ answer: CoordinatorAnswer, world: World) {
        switch (request.content, answer) {
        // What candidates say of their loss is for the moment.
        case (.submit(let task, _), .receipt) where task.kind == .measure: break
        case (.submit(let task, _), .receipt(.accepted, _, _)):
            acceptedCount += 1
            accepted.insert(Key(task: task, client: request.client))
            checkAccepted(task, request.client, world)
        case (.submit(let task, _), .receipt(let receipt, _, _)):
            let wasAccepted = accepted.contains(Key(task: task, client: request.client))
            require(
                !wasAccepted || isForgotten(task), "promises",
                "\(task): \(request.client) was accepted, and is told \(receipt) now")
        case (.register(let registration), .registered):
            let isThere = durable.client(registration.id) != nil
            require(isThere, "durability", "\(registration.id) is told that it is registered, and is not on disk")
        case (.poll, .task(let task)) where task.id.kind == .measure: checkAsk(task)
        case (.poll, .task(let task)):
            let isInvited = durable.round(task.id)?.cohort.contains(request.client) ?? false
            require(
                isInvited, "durability", "\(task.id): \(request.client) is told of it, and no row on disk invites it")
        case (_, .run(let status)): checkStatus(status)
        default: break
        }
    }

    private mutating func checkAccepted(_ task: TaskID, _ client: ClientID, _ world: World) {
        // It was there when the ledger was asked.
        if isForgotten(task) { return }
        switch task.kind {
        case .train:
            guard let row = durable.contribution(to: task, by: client) else {
                return violated("durability", "\(task): \(client) is told accepted, and no row is on disk")
            }
            let isOpen =
                row.place.map { $0.round > runs[task.run]?.lastRound ?? $0.round }
                ?? (runs[task.run]?.open?.id == task)
            let count = runs[task.run]?.updateLength ?? 0
            let bytes = world.archive.update(of: row, parameterCount: count)?.keptBytes ?? []
            require(
                !isOpen || isSafe(row.numbers.digest, bytes, world), "durability",
                "\(task): \(client) is told accepted, and its bytes are not on disk")
        case .evaluate:
            let isThere = durable.evaluation(of: task, by: client) != nil
            require(isThere, "durability", "\(task): \(client) is told accepted, and no row is on disk")
        case .measure: break
        }
    }

    /// Candidates are asked about the newest model, before their round is opened.
    private mutating func checkAsk(_ task: TaskDescription) {
        guard let run = runs[task.id.run] else { return violated("rounds", "\(task.id) of a run that is not there") }
        require(
            run.open == nil && task.id.round == run.lastRound.next, "rounds",
            "\(task.id) is asked while \(run.open?.id.description ?? "none") is open, after \(run.lastRound)")
        require(task.model == run.blob, "models", "\(task.id) is about another model than the newest")
    }

    private mutating func checkStatus(_ status: RunStatus) {
        let id = status.row.id
        require(status.revision >= revisions[id] ?? 0, "revisions", "\(id): revisions go backwards")
        revisions[id] = status.revision
        if status.row.status == .completed || status.row.status == .stopped {
            require(
                runs[id]?.status == status.row.status, "durability", "\(id) is said to be over, and is not on disk")
        }
    }

    /// A client was told what became of its result.
    mutating func received(_ receipt: RoundMachine.Answer, _ task: TaskID, _ client: ClientNode) {
        // Of what candidates said nothing is kept.
        guard receipt == .accepted, task.kind != .measure, !isForgotten(task) else { return }
        let isThere =
            durable.contribution(to: task, by: client.id) != nil
            || durable.evaluation(of: task, by: client.id) != nil
        require(isThere, "durability", "\(client.id) heard that \(task) was accepted, and no row is on disk")
    }

    /// Blobs are about to be removed.
    mutating func removing(_ digests: [BlobDigest], _ how: String) {
        guard !digests.isEmpty else { return }
        let needed = neededBlobs
        for digest in digests where needed.contains(digest) {
            violated("removal", "\(how) removes \(digest), which a row needs")
        }
    }

    /// What a coordinator that started now would need.
    private var neededBlobs: Set<BlobDigest> {
        var needed: Set<BlobDigest> = keepsUpdates ? durable.namedBlobs : []
        for run in durable.runImages {
            needed.insert(run.row.initialModel.digest)
            if let end = run.lastEnd {
                needed.insert(end.model.digest)
                needed.formUnion(end.optimiserState?.vectors.map(\.blob.digest) ?? [])
                needed.formUnion(end.method?.vectors.map(\.blob.digest) ?? [])
            }
            let isOver = run.row.status == .completed || run.row.status == .stopped
            let counted = Set(run.contributions.map { Key(task: $0.task, client: $0.client) })
            for round in run.openRounds {
                // The model of a wave, while one of its clients may ask for its task.
                let isOpen = round.cohort.contains { !counted.contains(Key(task: round.id, client: $0)) }
                if round.id.wave == nil || isOpen && !isOver { needed.insert(round.model.digest) }
            }
            if !isOver {
                let last = run.lastEnd?.summary.round ?? RoundNumber(0)
                let waiting = run.contributions.filter {
                    $0.task.kind == .train && ($0.place?.round ?? last.next) > last
                }
                needed.formUnion(waiting.map(\.numbers.digest))
            }
        }
        return needed
    }
}
