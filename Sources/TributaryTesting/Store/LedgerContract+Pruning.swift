import TributaryCore
import TributaryStore

extension LedgerContract {
    /// Four ended rounds and an open one, of two runs; the first two of one of them are forgotten.
    func pruningForgets(_ ledger: any Ledger) async throws {
        for run in ["a", "b"] {
            try await ledger.commit([.run(SampleLedger.runRow(run))])
            for number in 1...5 { try await write(round: number, of: run, to: ledger) }
        }
        let before = (try await ledger.load().image, try await contributions(ledger, "b"))
        let run = SampleLedger.run("a")
        // Three updates, a score and two openings a round.
        for (asked, wanted) in [(4, 4), (0, 0), (5, 5), (100, 3), (100, 0)] {
            let count = try await ledger.prune(run, before: RoundNumber(3), limit: asked)
            try hold(count == wanted, "\(count) rows were forgotten, not \(wanted)")
        }
        try hold(try await contributions(ledger, "a") == [nil, nil, 3, 3, 3], "other rounds were forgotten")
        let late = try await ledger.contribution(to: SampleLedger.task("a", 2), by: ClientID(1))
        try hold(late == nil, "an update is still there")
        let score = try await ledger.hasEvaluation(of: SampleLedger.task("a", 2, .evaluate), by: ClientID(1))
        try hold(!score, "a score is still there")
        let ends = try await ledger.rounds(of: run, after: RoundNumber(0), limit: 9)
        try hold(ends.map(\.summary.round.rawValue) == [1, 2, 3, 4], "the ends of rounds were forgotten")
        _ = try await ledger.prune(run, before: RoundNumber(99), limit: 1000)
        try hold(try await contributions(ledger, "a") == [nil, nil, nil, 3, 3], "the last rounds were forgotten")
        try hold(try await ledger.prune(SampleLedger.run("c"), before: RoundNumber(9), limit: 9) == 0, "a run of none")
        let after = (try await ledger.load().image, try await contributions(ledger, "b"))
        try hold(before == after, "what a coordinator needs, or another run, is changed")
        await ledger.close()
        do {
            _ = try await ledger.prune(run, before: RoundNumber(9), limit: 9)
            throw ContractViolation("a closed ledger forgets")
        } catch let error as StoreError {
            try hold(error.code == .closed, "a closed ledger throws \(error.code)")
        }
    }

    private func write(round number: Int, of run: String, to ledger: any Ledger) async throws {
        let (train, evaluate) = (SampleLedger.task(run, number), SampleLedger.task(run, number, .evaluate))
        try await ledger.commit(
            [.roundOpened(SampleLedger.round(train))]
                + (1...3).map { .contribution(SampleLedger.contribution(train, $0)) })
        if number == 5 { return }
        try await ledger.commit([
            .roundEnded(SampleLedger.end(run, number)), .roundOpened(SampleLedger.round(evaluate)),
            .evaluation(SampleLedger.evaluation(evaluate, 1)),
        ])
    }

    /// How many updates of each round there are; nil for one that was never opened.
    private func contributions(_ ledger: any Ledger, _ run: String) async throws -> [Int?] {
        var counts: [Int?] = []
        for number in 1...5 {
            counts.append(try await ledger.round(SampleLedger.task(run, number))?.contributions.count)
        }
        return counts
    }
}
