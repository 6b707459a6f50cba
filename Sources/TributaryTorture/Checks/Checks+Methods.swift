import TributaryCore

/// Runs with a method: what came with updates, what is made of it, and what the server keeps.
extension Checks {
    /// An update was accepted with just the figures that its run's method has.
    mutating func checkReport(of row: ContributionRow, _ run: RunRecord) {
        guard !run.method.isEmpty else {
            return require(row.update.method == nil, "methods", "\(row.task): figures that nobody asked for")
        }
        let figures = row.update.method?.figures
        let isSound = figures?.count == run.method.figureCount && figures?.allSatisfy { $0.magnitude <= 1e100 } == true
        require(isSound, "methods", "\(row.task): \(row.client) counts with \(figures?.description ?? "no figures")")
    }

    /// Whether an update weighs what it should: what its client said of its examples, or λ in 2^20ths.
    func isWeighed(_ row: ContributionRow, _ run: RunRecord) -> Bool {
        if let lambda = run.method.lambda {
            let share = lambda.values[row.client, default: 0] * 1_048_576
            return row.weight >= 1 && abs(Double(row.weight) - max(1, share)) < 0.51
        }
        let isUniform = run.plan.server.weighting == .uniform || run.pacing?.isMixing == true
        return row.weight == (isUniform ? 1 : row.update.outcome.exampleCount)
    }

    /// A round is open: where λ is over its population, that is in its row, with all who are invited.
    mutating func checkPopulation(of row: RoundRow, _ run: inout RunRecord) {
        guard run.method.lambda != nil else {
            return require(row.population == nil, "methods", "\(row.id): a population that nobody asked for")
        }
        let population = row.population ?? []
        let isSound =
            population == Array(Set(population)).sorted() && population.count == row.populationSize
            && Set(row.cohort).isSubset(of: population) && population.allSatisfy { durable.client($0) != nil }
        require(isSound, "methods", "\(row.id): a population of \(population.count)")
        run.method.lambda?.begin(population)
    }

    /// What a committed round's mean is multiplied by; brings what the server keeps up to date.
    mutating func methodFactor(_ recorded: [ContributionRow], _ run: inout RunRecord) -> Double {
        // What was accepted without its figures is a violation already.
        guard recorded.allSatisfy({ ($0.update.method?.figures.count ?? 0) == run.method.figureCount }) else {
            return 1
        }
        let size = run.open?.populationSize ?? 0
        require(
            run.method.isEmpty ? run.open?.populationSize == nil : size >= run.open?.cohort.count ?? 1, "methods",
            "\(run.open?.id.description ?? ""): a population of \(size)")
        run.method.lambda?.commit(recorded.map { ($0.client, $0.update.method?.figures.first ?? 0) })
        return run.method.factor(
            recorded.map { ($0.weight, $0.update.method?.figures ?? []) }, populationSize: max(size, 1),
            parameterCount: run.model.count)
    }

    /// A client was given a task: it was told the last round before it whose model has an update of its.
    mutating func given(_ task: TaskDescription, _ client: ClientID) {
        guard let run = runs[task.id.run], let asked = task.method else { return }
        let last = run.method.hasMemories ? run.counted[client]?.last { $0 < task.id.round } : nil
        require(
            asked.countedRound == last, "methods",
            "\(task.id): \(client) is told \(asked.countedRound?.description ?? "nothing"), and counted in "
                + "\(last?.description ?? "none")")
    }

    /// Notes whose updates are in a committed model, which the round's end says for clients that have to know.
    mutating func noteCounted(_ row: RoundEndRow, _ recorded: [ContributionRow], _ run: inout RunRecord) {
        let clients = run.method.hasMemories ? recorded.map(\.client) : nil
        require(row.counted == clients, "methods", "\(row.run), \(row.summary.round): other clients counted")
        for client in clients ?? [] { run.counted[client, default: []].append(row.summary.round) }
    }

    /// What a round's end says that the server keeps is what was computed here.
    mutating func checkMethod(_ row: RoundEndRow, _ run: RunRecord, _ world: World) {
        let isThere = (row.method != nil) == (!run.method.isEmpty && run.version > ModelVersion(0))
        require(isThere, "methods", "\(row.run), \(row.summary.round): \(row.method?.form ?? "nothing") is kept")
        guard let kept = row.method else { return }
        if let lambda = run.method.lambda {
            checkLambda(kept, lambda, row)
        } else {
            require(
                kept.figures.map(\.bitPattern) == run.method.figures.map(\.bitPattern), "methods",
                "\(row.run), \(row.summary.round): keeps \(kept.figures), not \(run.method.figures)")
        }
        let isWhole = kept.vectors.count == run.method.vectors.count
        require(isWhole, "methods", "\(row.run), \(row.summary.round): keeps \(kept.vectors.count) vectors")
        for (values, vector) in zip(run.method.vectors, kept.vectors) {
            checkBytes(values, vector.blob, "\(row.run), \(row.summary.round): what its method keeps", world)
        }
    }

    /// λ is kept by client, as it was after the last committed round.
    private mutating func checkLambda(_ kept: MethodStateRow, _ lambda: Recomputation.Lambda, _ row: RoundEndRow) {
        let clients = kept.clients ?? []
        let isSame =
            clients.count == kept.figures.count && clients.count == lambda.kept.count
            && zip(clients, kept.figures).allSatisfy { abs($1 - (lambda.kept[$0] ?? .infinity)) < 1e-9 }
        require(isSame, "methods", "\(row.run), \(row.summary.round): keeps another λ, \(kept.figures)")
    }
}
