import TributaryCore

/// Private runs: every model that is released is on disk with its price, once, and is what its contributions and the run's
/// secret make, however often its round was played.
extension Checks {
    /// What a committed round lets out in place of the mean, made on whole vectors as a simulation makes it; nil for a run
    /// without privacy.
    mutating func release(
        _ recorded: [ContributionRow], _ terms: [Recomputation.Term], of end: RoundEndRow, _ run: inout RunRecord
    ) -> [Double]? {
        guard run.noise == nil, let (figures, before) = run.privacy else { return nil }
        var row = before
        let round = end.summary.round
        row.state.begin(round, under: figures)
        let most = run.plan.cohort.count ?? 0
        let limits = row.state.sumLimits(under: figures, contributions: most, populationSize: most)
        let clip = row.state.clip(under: figures)
        let sum = UpdateSum(
            parameterCount: run.model.count, bound: limits.bound, weightLimit: limits.weightLimit)
        guard var sum else { return nil }
        for term in terms {
            var update = term.values
            _ = clip.clip(&update)
            require(
                sum.add(update, weight: term.weight) == nil && term.weight == 1, "privacy",
                "\(end.run), \(round): an update that cannot be summed")
        }
        let mean = row.state.release(
            sum, within: recorded.count { $0.norm <= clip.bound }, from: recorded.map(\.client), in: round,
            under: figures, keys: RoundKeys(run: row.key, contributions: recorded))
        row.round = round
        run.privacy = (figures, row)
        privateCount += 1
        let isSaid = end.summary.privacy?.epsilon == row.state.spent.flatMap { $0.epsilon.isFinite ? $0.epsilon : nil }
        require(isSaid, "privacy", "\(end.run), \(round) says another epsilon than was spent")
        return mean
    }

    /// Where clients add the noise, every round that ends has cost what it may have shown, also one that was given up.
    mutating func spendLocally(_ end: RoundEndRow, _ run: inout RunRecord) {
        guard run.noise != nil, let (figures, before) = run.privacy else { return }
        var row = before
        row.state.begin(end.summary.round, under: figures)
        if end.summary.outcome == .committed { privateCount += 1 }
        run.privacy = (figures, row)
        let isSaid = end.summary.privacy?.epsilon == row.state.spent.flatMap { $0.epsilon.isFinite ? $0.epsilon : nil }
        require(isSaid, "privacy", "\(end.run), \(end.summary.round) says another epsilon than was spent")
    }

    /// After a batch, the ledger says of a run's privacy what was spent on all that it says was released.
    mutating func checkSpending(in batch: [LedgerEntry], _ world: World) {
        for entry in batch {
            guard case .privacy(let row) = entry else { continue }
            if runs[row.run]?.privacy == nil, row.round == RoundNumber(0) { beginPrivacy(row, world) }
            require(
                runs[row.run]?.privacy?.row == row, "privacy",
                "\(row.run) has not spent what its rounds have cost, or has another secret: after \(row.round)")
        }
        for (id, run) in runs.sorted(by: { $0.key < $1.key }) where run.plan.privacy.mechanism != nil {
            let (known, last) = (durable.privacy(of: id)?.round, durable.rounds(of: id).last?.summary.round)
            require(
                known == last ?? RoundNumber(0), "privacy",
                "\(id): what was spent is known after \(String(describing: known)), its last round is "
                    + "\(String(describing: last))")
        }
    }

    private mutating func beginPrivacy(_ row: PrivacyRow, _ world: World) {
        guard let plan = runs[row.run]?.plan,
            let figures = try? ResolvedPlan(plan, populationSize: plan.cohort.count ?? 1, isOpen: true).privacy,
            let state = try? PrivacyState(figures)
        else { return violated("privacy", "\(row.run) has spent something, and is not private") }
        let key = Scenario.Run.noiseKey(of: row.run, seed: world.seed)
        runs[row.run]?.privacy = (figures, PrivacyRow(run: row.run, round: RoundNumber(0), state: state, key: key))
    }
}
