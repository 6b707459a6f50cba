import TributaryCore

/// Rows of old rounds: those that are to be kept stay, and the others go.
extension Checks {
    /// The ledger is about to forget rows of a run's rounds before the given one.
    mutating func pruning(_ run: RunID, before round: RoundNumber, limit: Int) {
        let last = runs[run]?.lastRound ?? RoundNumber(0)
        let isOld = keptRounds.map { round.rawValue + $0 <= last.rawValue + 1 } ?? false
        require(isOld, "removal", "\(run): rows before \(round) are forgotten, and the last is \(last)")
        let isOver = runs[run]?.status == .completed || runs[run]?.status == .stopped
        let first = isOver ? nil : durable.rounds(of: run).last?.workFrom
        require(
            first.map { round <= $0 } ?? true, "removal",
            "\(run): rows before \(round) are forgotten, and work goes on from \(first ?? round)")
        inFlight.append(.pruning(run, before: round, limit: limit))
    }

    /// The ledger has forgotten so many rows.
    mutating func pruned(_ count: Int) {
        guard case .pruning(let run, let round, let limit)? = inFlight.last else { return }
        inFlight.removeLast()
        if count > 0 { inFlight = [] }
        let expected = forget(run, before: round, limit: limit)
        require(count == expected, "removal", "\(run): \(count) rows were forgotten, not \(expected)")
        guard count < limit else { return }
        for task in tasks(of: run, 0..<round.rawValue) {
            let isGone = durable.round(task) == nil && results(of: task) == 0
            require(isGone, "removal", "\(task) was to be forgotten, and is there")
        }
    }

    /// Forgets rows here as well, and sees to it that no later ones go with them; returns how many.
    @discardableResult
    mutating func forget(_ run: RunID, before round: RoundNumber, limit: Int) -> Int {
        let last = runs[run]?.lastRound ?? RoundNumber(0)
        let kept = tasks(of: run, round.rawValue..<(last.rawValue + 2))
        func state(_ task: TaskID) -> [Int] { [durable.round(task) == nil ? 0 : 1, results(of: task)] }
        let before = kept.map(state)
        let count = durable.prune(run, before: round, limit: limit)
        require(kept.map(state) == before, "removal", "\(run): rows of \(round) or later ones are gone")
        forgotten[run] = max(forgotten[run] ?? RoundNumber(0), round)
        return count
    }

    private func results(of task: TaskID) -> Int {
        durable.contributions(to: task).count + durable.evaluations(of: task).count
    }

    private func tasks(of run: RunID, _ rounds: Range<Int>) -> [TaskID] {
        rounds.flatMap { round in TaskKind.allCases.map { TaskID(run: run, round: RoundNumber(round), kind: $0) } }
            + durable.waves(of: run).filter { rounds.contains($0.round.rawValue) }
    }

    /// Whether nobody need remember any more what came of a task.
    func isForgotten(_ task: TaskID) -> Bool {
        forgotten[task.run].map { task.round < $0 } ?? false
    }
}
