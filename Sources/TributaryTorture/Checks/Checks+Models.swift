import TributaryCore
import TributaryWire

/// Models: each is the weighted mean of exactly its recorded contributions, bit for bit, and none shares its version.
extension Checks {
    /// The machine has a model made: of what was recorded, and enough of it.
    mutating func ordered(_ order: ModelOrder) {
        let id = TaskID(run: order.run, round: order.round, kind: .train)
        guard let run = runs[order.run] else { return violated("models", "\(id) of a run that is not there") }
        let recorded = recorded(in: order.round, of: order.run)
        if let pacing = run.pacing {
            require(order.round == run.lastRound.next, "models", "\(id): a model of a round that is not open")
            require(order.contributions == recorded, "exact sums", "\(id) is made of others than were recorded")
            require(order.base == run.blob, "models", "\(id) goes on from another model than the newest")
            require(order.state == run.stateBlobs, "models", "\(id) goes on from another state than the last step's")
            return require(recorded.count == pacing.goal, "quorum", "\(id) is a step of \(recorded.count)")
        }
        guard let open = run.open, open.id == id else {
            return violated("models", "\(id): a model of a round that is not open")
        }
        require(order.contributions == recorded, "exact sums", "\(id) is made of others than were recorded")
        require(order.base == open.model, "models", "\(id) goes on from another model than its clients")
        require(order.state == run.stateBlobs, "models", "\(id) goes on from another state than the last step's")
        require(
            order.method?.vectors ?? [] == run.methodBlobs, "models", "\(id) goes on from another state of its method")
        require(
            (open.quorum...open.goal).contains(recorded.count), "quorum",
            "\(id) commits \(recorded.count) contributions; the quorum is \(open.quorum), the goal \(open.goal)")
    }

    /// A round's end is on disk.
    mutating func ended(_ row: RoundEndRow, _ world: World) {
        let round = row.summary.round
        guard var run = runs[row.run] else { return violated("rounds", "\(row.run) is not there") }
        if round == run.lastRound {
            // Written again, with its scores: nothing else has changed.
            let isSame = row.model == run.blob && row.summary.modelVersion == run.version
            return require(isSame, "models", "\(row.run), \(round): another model was written over the first")
        }
        require(round == run.lastRound.next, "rounds", "\(row.run): \(round) ends after \(run.lastRound)")
        require(
            run.open?.id.round == round || run.pacing != nil, "rounds", "\(row.run): \(round) ends and was not open")
        let recorded = recorded(in: round, of: row.run)
        let quorum = run.pacing?.goal ?? run.open?.quorum
        run.privacy?.row.round = round
        spendLocally(row, &run)
        switch row.summary.outcome {
        case .committed:
            require(
                recorded.count >= quorum ?? .max, "quorum", "\(row.run), \(round) commits \(recorded.count)")
            commit(row, recorded, &run, world)
        case .abandoned:
            abandonedCount += 1
            require(row.model == run.blob, "models", "\(row.run), \(round) was given up and changed the model")
            require(
                row.summary.modelVersion == run.version, "versions", "\(row.run), \(round) was given up as a version")
            require(row.counted == nil, "methods", "\(row.run), \(round) was given up, and clients counted in it")
            let isDamaged = recorded.contains { isDestroyed($0.numbers.digest, world) || isUprooted($0, run, world) }
            require(
                recorded.count < quorum ?? 0 || isDamaged, "quorum",
                "\(row.run), \(round) was given up with \(recorded.count) contributions")
        }
        checkMethod(row, run, world)
        run.lastRound = round
        run.open = nil
        runs[row.run] = run
    }

    private mutating func commit(
        _ row: RoundEndRow, _ recorded: [ContributionRow], _ run: inout RunRecord, _ world: World
    ) {
        let round = row.summary.round
        modelCount += 1
        require(
            row.summary.modelVersion == run.version.next, "versions",
            "\(row.run), \(round): \(row.summary.modelVersion) follows \(run.version)")
        let terms = terms(recorded, run, world.archive)
        let optimiser = Recomputation.Optimiser(run.plan.algorithm, rate: run.plan.server.learningRate)
        let released = release(recorded, terms, of: row, &run) ?? aggregate(terms, run)
        let factor = meanFactor(recorded, run) * methodFactor(recorded, &run)
        var method = run.method
        let next = Recomputation.step(
            from: run.model, run.state, terms, meanFactor: factor, bound: run.bound, optimiser,
            mean: released, remembersMean: run.rule?.hasMemory == true, method: &method)
        run.method = method
        noteCounted(row, recorded, &run)
        guard let (model, state) = next else {
            return violated("exact sums", "\(row.run), \(round) cannot be summed exactly")
        }
        checkBytes(model, row.model, "\(row.run), \(round): the model", world)
        let blobs = row.optimiserState?.vectors.map(\.blob) ?? []
        require(blobs.count == state.count, "exact sums", "\(row.run), \(round): \(blobs.count) vectors are kept")
        for (vector, blob) in zip(state, blobs) {
            checkBytes(vector, blob, "\(row.run), \(round): what the optimiser keeps", world)
        }
        if run.pacing?.isMixing == true { run.formerModels[run.version] = run.model }
        run.state = state
        run.stateBlobs = blobs
        run.methodBlobs = row.method?.vectors.map(\.blob) ?? []
        run.model = model
        run.blob = row.model
        run.version = row.summary.modelVersion
    }

    /// What a robust rule makes of a round's updates: the product's own, which is tested against its definition elsewhere, on
    /// whole vectors in memory. nil for the mean, and for updates that it takes for none.
    private func aggregate(_ terms: [Recomputation.Term], _ run: RunRecord) -> [Double]? {
        guard let rule = run.rule else { return nil }
        let previous = rule.hasMemory ? (run.state.last ?? []).map(Double.init) : []
        return try? rule.aggregate(
            MemoryUpdates(terms.map(\.values), weights: terms.map(\.weight), previous: previous))
    }

    /// Whether a blob holds numbers that were computed here, and is on disk.
    mutating func checkBytes(_ values: [Float], _ blob: TensorBlob, _ what: String, _ world: World) {
        let bytes = TensorEncoding.float32.encoded(values)
        require(blob.digest == .sha256(of: bytes), "exact sums", "\(what) is not what its contributions make")
        require(isSafe(blob.digest, bytes, world), "durability", "\(what): its row is on disk before it")
    }

    /// A report is told of a round that has ended: it is on disk as told.
    mutating func published(_ run: RunID, _ end: RoundEndRow) {
        let isThere = durable.rounds(of: run).contains(end)
        require(isThere, "durability", "\(run), \(end.summary.round) was reported before it was on disk")
    }
}
