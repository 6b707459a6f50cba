import TributaryCore

/// Rounds whose clients are drawn in secret: only those are invited who were drawn, and no round is given up for who was.
extension Checks.RunRecord {
    /// Whether clients are drawn so.
    var isSampled: Bool { privacy?.figures.mechanism.isSampled == true }
}

extension Checks {
    /// A round opens for nobody who is not drawn by the secret, the round and its own identity: computed by other arithmetic
    /// than the machine's.
    mutating func checkDraw(_ row: RoundRow, _ run: RunRecord) {
        guard let secret = run.privacy?.row.key, let count = run.plan.cohort.count,
            let population = run.plan.privacy.population
        else { return violated("draws", "\(row.id) is drawn by nothing that is known") }
        let key = secret.derived("draw", UInt64(row.id.round.rawValue))
        for client in row.cohort {
            let (low, high) = (UInt32(truncatingIfNeeded: client.rawValue), UInt32(client.rawValue >> 32))
            var stream = NoiseStream(key: key, nonce: SIMD3(4, low, high))
            let isDrawn = Double(stream.next()) * 0x1p-64 < Double(count) / Double(population)
            require(isDrawn || count == population, "draws", "\(row.id) invites \(client), which is not drawn")
        }
        require(
            row.quorum == 0 && row.goal == row.cohort.count, "draws",
            "\(row.id): quorum \(row.quorum), goal \(row.goal) of \(row.cohort.count)")
    }

    /// A round lasts its time, whoever was drawn for it and has answered.
    mutating func checkLength(of round: RoundNumber, _ run: RunRecord, _ world: World) {
        guard run.isSampled, let begin = run.openSince, let id = run.open?.id else { return }
        let least = Nanoseconds.seconds(run.plan.cohort.deadline.inSeconds)
        require(world.now - begin >= least, "draws", "\(id) ended \(world.now - begin) ns after it began")
    }

    /// A round of such a run was given up: it costs what any does.
    func payForAbandoned(_ round: RoundNumber, _ run: inout RunRecord) {
        guard run.isSampled, let figures = run.privacy?.figures else { return }
        run.privacy?.row.state.begin(round, under: figures)
    }

    /// The most contributions that a sum has room for.
    func mostContributions(_ recorded: [ContributionRow], _ run: RunRecord) -> Int {
        guard run.isSampled else { return run.plan.cohort.count ?? 0 }
        return max(run.plan.privacy.population ?? 0, recorded.count)
    }
}
