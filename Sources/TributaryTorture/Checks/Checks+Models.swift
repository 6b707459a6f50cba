import TributaryCore
import TributaryWire

/// Models: each is the server's step along the weighted mean of exactly its recorded contributions, bit for bit, and none
/// shares its version.
extension Checks {
    /// The machine has a model made: of what was recorded, and enough of it.
    mutating func ordered(_ order: ModelOrder) {
        let id = TaskID(run: order.run, round: order.round, kind: .train)
        guard let run = runs[order.run], let open = run.open, open.id == id else {
            return violated("models", "\(id): a model of a round that is not open")
        }
        let recorded = durable.contributions(to: id)
        require(order.contributions == recorded, "exact sums", "\(id) is made of others than were recorded")
        require(order.base == open.model, "models", "\(id) goes on from another model than its clients")
        require(
            order.state == run.stateRow?.vectors.map(\.blob) ?? [], "models",
            "\(id) goes on from another state of the server optimiser than the round before left")
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
            let isSame =
                row.model == run.blob && row.optimiserState == run.stateRow && row.summary.modelVersion == run.version
            return require(isSame, "models", "\(row.run), \(round): another model was written over the first")
        }
        require(round == run.lastRound.next, "rounds", "\(row.run): \(round) ends after \(run.lastRound)")
        require(run.open?.id.round == round, "rounds", "\(row.run): \(round) ends and was not open")
        let recorded = durable.contributions(to: TaskID(run: row.run, round: round, kind: .train))
        switch row.summary.outcome {
        case .committed:
            commit(row, recorded, &run, world)
        case .abandoned:
            abandonedCount += 1
            let isSame = row.model == run.blob && row.optimiserState == run.stateRow
            require(isSame, "models", "\(row.run), \(round) was given up and changed the model")
            require(
                row.summary.modelVersion == run.version, "versions", "\(row.run), \(round) was given up as a version")
            let isDamaged = recorded.contains { isDestroyed($0.update.blob.digest, world) }
            require(
                recorded.count < run.open?.quorum ?? 0 || isDamaged, "quorum",
                "\(row.run), \(round) was given up with \(recorded.count) contributions")
        }
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
        require(
            recorded.count >= run.open?.quorum ?? .max, "quorum", "\(row.run), \(round) commits \(recorded.count)")
        let terms = recorded.compactMap { row in
            world.archive.updates[row.update.blob.digest]?.first.map {
                Recomputation.Term(weight: row.weight, values: $0.values)
            }
        }
        let mean = Recomputation.mean(
            of: terms, count: run.model.count, bound: Float(run.plan.server.updateBound))
        guard let mean else { return violated("exact sums", "\(row.run), \(round) cannot be summed exactly") }
        let step = run.fitted.serverStep(for: round, making: run.version.next)
        _ = step.advance(&run.model, state: &run.state, along: mean)
        require(run.model, row.model, "the model of \(recorded.count) contributions", row, world)
        let names = row.optimiserState?.vectors.map(\.name) ?? []
        require(names == run.state.names, "models", "\(row.run), \(round) keeps \(names), not \(run.state.names)")
        for (place, vector) in (row.optimiserState?.vectors ?? []).enumerated() where names == run.state.names {
            require(Array(run.state.vector(place)), vector.blob, "the server optimiser's \(vector.name)", row, world)
        }
        run.blob = row.model
        run.stateRow = row.optimiserState
        run.version = row.summary.modelVersion
    }

    /// What a row names has the bytes of what was computed here, and they are on disk.
    private mutating func require(
        _ values: [Float], _ blob: TensorBlob, _ what: String, _ row: RoundEndRow, _ world: World
    ) {
        let bytes = TensorEncoding.float32.encoded(values)
        require(
            blob.digest == .sha256(of: bytes), "exact sums",
            "\(row.run), \(row.summary.round): \(what) is not what follows from what was recorded")
        require(
            isSafe(blob.digest, bytes, world), "durability",
            "\(row.run), \(row.summary.round): its row is on disk before \(what)")
    }

    /// A report is told of a round that has ended: it is on disk as told.
    mutating func published(_ run: RunID, _ end: RoundEndRow) {
        let isThere = durable.rounds(of: run).contains(end)
        require(isThere, "durability", "\(run), \(end.summary.round) was reported before it was on disk")
    }
}

extension Checks.RunRecord {
    /// A run that was just begun; nil if its plan cannot be run.
    init?(_ plan: Plan, _ model: [Float], _ blob: TensorBlob) {
        guard let fitted = try? ResolvedPlan(plan, populationSize: max(plan.cohort.count ?? 1, 1)) else { return nil }
        let form = fitted.strategy.optimiser.stateForm
        self.init(
            plan: plan, fitted: fitted, model: model, blob: blob,
            state: OptimiserState(initial: form, parameterCount: model.count))
    }
}
