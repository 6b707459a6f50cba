import TributaryCore
import TributaryStore

extension LedgerContract {
    /// Three steps of a model that moves as updates come, with ever more waves of clients to each: after them, work goes on
    /// from the second.
    func imageHoldsWaves(_ ledger: any Ledger, seed: UInt64) async throws {
        try await ledger.commit([.run(SampleLedger.runRow("a")), .run(SampleLedger.runRow("b"))])
        for number in 1...3 {
            for run in ["a", "b"] { try await open(waves: number * 5, round: number, of: run, in: ledger) }
            var end = SampleLedger.end("a", number)
            end.workFrom = number == 3 ? RoundNumber(2) : nil
            try await ledger.commit([.roundEnded(end)])
        }
        try await open(waves: 1, round: 4, of: "a", in: ledger)
        let image = try await ledger.load().image.runs[0]
        let wanted = (2...3).flatMap { round in (1...round * 5).map { [round, $0] } } + [[4, 1]]
        try hold(image.openRounds.map { [$0.id.round.rawValue, $0.id.wave ?? 0] } == wanted, "\(image.openRounds)")
        try hold(image.contributions.map { [$0.task.round.rawValue, $0.task.wave ?? 0] } == wanted, "other updates")
        try hold(image.contributions.allSatisfy { $0.place == place($0.task) }, "another place")
        try hold(image.lastEnd?.workFrom == RoundNumber(2), "work goes on from elsewhere")
        try await checkTasks(of: ledger)
        let run = SampleLedger.run("a")
        try hold(try await ledger.prune(run, before: RoundNumber(2), limit: 100) == 10, "other rows were forgotten")
        let after = try await ledger.load().image.runs[0]
        try hold(after == image, "what a coordinator needs was forgotten")
        try await ledger.commit([.roundEnded(SampleLedger.end("a", 3))])
        let scored = try await ledger.load().image.runs[0].openRounds.map(\.id)
        try hold(scored == [wave(1, of: "a", 4)], "nothing goes on, and \(scored) are open")
    }

    /// The updates for the tasks of some rounds, and one by its task.
    private func checkTasks(of ledger: any Ledger) async throws {
        let run = SampleLedger.run("a")
        let rows = try await ledger.contributions(forTasksOf: run, in: RoundNumber(1)...RoundNumber(2))
        try hold(
            rows.map(\.task) == (1...5).map { wave($0, of: "a", 1) } + (1...10).map { wave($0, of: "a", 2) }, "tasks")
        let known = try await ledger.contribution(to: wave(10, of: "a", 2), by: ClientID(10))
        try hold(known == rows.last, "a wave's update is not found")
        let unknown = try await ledger.contribution(to: wave(11, of: "a", 2), by: ClientID(10))
        try hold(unknown == nil, "a wave has another's update")
        let round = try await ledger.round(wave(2, of: "a", 2))
        try hold(round?.row == SampleLedger.round(wave(2, of: "a", 2)), "a wave is not found")
        try hold(try await ledger.round(SampleLedger.task("a", 2)) == nil, "waves are a round without waves")
    }

    private func wave(_ wave: Int, of run: String, _ round: Int) -> TaskID {
        var task = SampleLedger.task(run, round)
        task.wave = wave
        return task
    }

    private func place(_ task: TaskID) -> BufferPlace {
        BufferPlace(round: task.round.next, startedFrom: ModelVersion(task.round.rawValue - 1))
    }

    private func open(waves: Int, round: Int, of run: String, in ledger: any Ledger) async throws {
        for number in 1...waves {
            let task = wave(number, of: run, round)
            var row = SampleLedger.contribution(task, UInt64(number))
            row.place = place(task)
            try await ledger.commit([.roundOpened(SampleLedger.round(task)), .contribution(row)])
        }
    }
}
