import TributaryCore
import TributaryStore

extension LedgerContract {
    func rowsAreKept(_ ledger: any Ledger) async throws {
        let (train, evaluate) = (SampleLedger.task("a", 1), SampleLedger.task("a", 1, .evaluate))
        let (client, run) = (SampleLedger.client(3), SampleLedger.runRow("a"))
        let (round, scoring) = (SampleLedger.round(train), SampleLedger.round(evaluate))
        let update = SampleLedger.contribution(train, 3)
        let score = SampleLedger.evaluation(evaluate, 3)
        try await ledger.commit([.client(client), .run(run), .roundOpened(round)])
        try await ledger.commit([.contribution(update)])
        try await ledger.commit([.roundOpened(scoring), .evaluation(score)])
        let wanted = LedgerImage(
            clients: [client],
            runs: [
                LedgerImage.Run(
                    row: run, openRounds: [round, scoring], contributions: [update], evaluations: [score])
            ])
        let image = try await ledger.load().image
        try hold(image == wanted, "\(image)")
        try hold(try await ledger.contribution(to: train, by: client.id) == update, "another update")
        try hold(try await ledger.contribution(to: train, by: ClientID(4)) == nil, "an update from nobody")
        try hold(try await ledger.contribution(to: evaluate, by: client.id) == nil, "an update for another task")
        try hold(try await ledger.hasEvaluation(of: evaluate, by: client.id), "no score")
        try hold(try await !ledger.hasEvaluation(of: train, by: client.id), "a score for another task")
        try await ledger.commit([.clientLeft(client.id)])
        try hold(try await ledger.load().image.clients.isEmpty, "the client did not leave")
    }

    /// A diverged client's loss is not a number; that must not be in the way of its round's record.
    func notANumberIsKept(_ ledger: any Ledger) async throws {
        let task = SampleLedger.task("a", 1)
        let update = SampleLedger.contribution(task, 1, loss: .infinity)
        var end = SampleLedger.end("a", 1)
        end.summary.trainLoss = .nan
        try await ledger.commit([.contribution(update), .roundEnded(end)])
        try hold(try await ledger.contribution(to: task, by: ClientID(1)) == update, "infinity is lost")
        let found = try await ledger.rounds(of: SampleLedger.run("a"), after: RoundNumber(0), limit: 1)
        try hold(found.first?.summary.trainLoss?.isNaN == true, "NaN is lost")
    }

    func conflictLeavesNothing(_ ledger: any Ledger) async throws {
        let (train, evaluate) = (SampleLedger.task("a", 1), SampleLedger.task("a", 1, .evaluate))
        let update = LedgerEntry.contribution(SampleLedger.contribution(train, 1))
        let score = LedgerEntry.evaluation(SampleLedger.evaluation(evaluate, 1))
        try await ledger.commit([.run(SampleLedger.runRow("a")), update, score])
        let before = try await ledger.load().image
        let other = LedgerEntry.contribution(SampleLedger.contribution(train, 2))
        for batch in [
            [update], [score], [.contribution(SampleLedger.contribution(train, 1, loss: 7))],
            [other, .client(SampleLedger.client(9)), .clientLeft(ClientID(1)), update],
            [.roundEnded(SampleLedger.end("a", 1)), .run(SampleLedger.runRow("b")), score], [other, other],
        ] as [[LedgerEntry]] {
            try await holdFailure(.conflict, ledger, batch)
            try hold(try await ledger.load().image == before, "something of \(batch) was written")
            try hold(try await ledger.contribution(to: train, by: ClientID(2)) == nil, "an update was written")
        }
        try await ledger.commit([other])
    }

    /// What was spent changes with the round that it was spent on, and with nothing else.
    func spendingIsReplaced(_ ledger: any Ledger) async throws {
        let (first, second) = (SampleLedger.privacy("a", after: 0), SampleLedger.privacy("a", after: 1))
        try await ledger.commit([.run(SampleLedger.runRow("a")), .privacy(first)])
        try await ledger.commit([.run(SampleLedger.runRow("b"))])
        func spent() async throws -> [PrivacyRow?] { try await ledger.load().image.runs.map(\.privacy) }
        try hold(try await spent() == [first, nil], "another row, or one of another run")
        let task = SampleLedger.task("a", 1)
        let update = LedgerEntry.contribution(SampleLedger.contribution(task, 1))
        try await ledger.commit([update])
        try await holdFailure(.conflict, ledger, [.privacy(second), update])
        try hold(try await spent() == [first, nil], "a price was paid by a batch that was refused")
        try await ledger.commit([.roundEnded(SampleLedger.end("a", 1)), .privacy(second)])
        try hold(try await spent() == [second, nil], "the row was not replaced")
        try hold(try await spent().first??.key.bytes == second.key.bytes, "another secret")
    }

    func endsAreInOrder(_ ledger: any Ledger) async throws {
        for round in [2, 1, 10, 3] { try await ledger.commit([.roundEnded(SampleLedger.end("a", round))]) }
        try await ledger.commit([.roundEnded(SampleLedger.end("b", 4))])
        func rounds(_ after: Int, _ limit: Int) async throws -> [Int] {
            try await ledger.rounds(of: SampleLedger.run("a"), after: RoundNumber(after), limit: limit)
                .map(\.summary.round.rawValue)
        }
        try hold(try await rounds(0, 100) == [1, 2, 3, 10], "not [1, 2, 3, 10]")
        try hold(try await rounds(1, 2) == [2, 3], "not [2, 3]")
        try hold(try await rounds(10, 2) == [], "not []")
        try hold(try await rounds(0, 0) == [], "a limit of 0 is passed over")
        let scored = SampleLedger.end("a", 10, accuracy: 0.5)
        try await ledger.commit([.roundEnded(scored)])
        let last = try await ledger.rounds(of: SampleLedger.run("a"), after: RoundNumber(9), limit: 1)
        try hold(last == [scored], "a row that is written again is not replaced")
    }

    func imageHoldsOpenRounds(_ ledger: any Ledger) async throws {
        try await ledger.commit([.run(SampleLedger.runRow("b")), .run(SampleLedger.runRow("a"))])
        for round in 1...3 {
            let (train, evaluate) = (SampleLedger.task("a", round), SampleLedger.task("a", round, .evaluate))
            try await ledger.commit([.roundOpened(SampleLedger.round(train))])
            try await ledger.commit([.contribution(SampleLedger.contribution(train, 1))])
            let end = SampleLedger.end("a", round, isScored: round != 3, accuracy: round == 2 ? 0.5 : nil)
            try await ledger.commit([.roundEnded(end), .roundOpened(SampleLedger.round(evaluate))])
            try await ledger.commit([.evaluation(SampleLedger.evaluation(evaluate, 1))])
        }
        let image = try await ledger.load().image
        try hold(image.runs.map(\.row.id.rawValue) == ["b", "a"], "runs in another order")
        let run = image.runs[1]
        try hold(run.lastEnd?.summary.round == RoundNumber(3), "another last end")
        try hold(run.lastTest?.accuracy == 0.5, "another last test")
        try hold(run.openRounds.map(\.id) == [SampleLedger.task("a", 3, .evaluate)], "\(run.openRounds)")
        try hold(run.contributions.isEmpty && run.evaluations.map(\.task.round) == [RoundNumber(3)], "other work")
        try await ledger.commit([.roundEnded(SampleLedger.end("a", 3))])
        try hold(try await ledger.load().image.runs[1].openRounds.isEmpty, "a scored round is open")
    }

    func blobsAreNamed(_ ledger: any Ledger) async throws {
        let task = SampleLedger.task("a", 4)
        let update = SampleLedger.contribution(task, 1)
        try await ledger.commit([
            .run(SampleLedger.runRow("a")), .roundOpened(SampleLedger.round(task)), .contribution(update),
            .roundEnded(SampleLedger.end("a", 4)),
        ])
        let wanted = Set([0, 3, 4, 1004, 2004, 3004].map { SampleLedger.digest($0) } + [update.update.blob.digest])
        let named = try await ledger.namedBlobs()
        try hold(named == wanted, "\(named)")
    }
}
