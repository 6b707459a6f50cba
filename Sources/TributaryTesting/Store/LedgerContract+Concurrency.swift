import TributaryCore
import TributaryStore

extension LedgerContract {
    /// Two callers each try to write every update: one of them is to succeed.
    func concurrentBatches(_ ledger: any Ledger) async throws {
        let task = SampleLedger.task("a", 1)
        try await ledger.commit([.run(SampleLedger.runRow("a")), .roundOpened(SampleLedger.round(task))])
        let written = await withTaskGroup { group in
            for index in 0..<400 {
                group.addTask {
                    let update = LedgerEntry.contribution(SampleLedger.contribution(task, UInt64(index / 2)))
                    let client = LedgerEntry.client(SampleLedger.client(UInt64(index)))
                    return (try? await ledger.commit([client, update])) != nil ? index : nil
                }
            }
            return await group.reduce(into: Set<Int>()) { if let index = $1 { $0.insert(index) } }
        }
        try hold(written.count == 200, "\(written.count) of 400 batches were written, not 200")
        let image = try await ledger.load().image
        try hold(image.runs[0].contributions.map(\.client.index) == Array(0..<200), "not every update is there once")
        try hold(Set(image.clients.map(\.id.index)) == written, "clients of refused batches, or not of all others")
        await ledger.close()
        let later = try await opened(again: ledger)
        try hold(try await later.load().image == image, "something is lost")
        await later.close()
    }

    /// Whether a cancelled caller is told of success or failure, it is the truth.
    func cancelledLearns(_ ledger: any Ledger) async throws {
        let task = SampleLedger.task("a", 1)
        let outcomes = await withTaskGroup { group in
            for client in 0..<UInt64(50) {
                group.addTask {
                    let update = SampleLedger.contribution(task, client)
                    return (client, (try? await ledger.commit([.contribution(update)])) != nil)
                }
            }
            group.cancelAll()
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for (client, isWritten) in outcomes {
            let found = try await ledger.contribution(to: task, by: ClientID(client))
            try hold((found != nil) == isWritten, "client \(client) was told something else")
        }
    }

    func closedRefuses(_ ledger: any Ledger) async throws {
        try await ledger.commit([.client(SampleLedger.client(1))])
        await ledger.close()
        await ledger.close()
        try await holdFailure(.closed, ledger, [.client(SampleLedger.client(2))])
        do {
            _ = try await ledger.load()
            throw ContractViolation("it loads")
        } catch let error as StoreError {
            try hold(error.code == .closed, "loading throws \(error.code)")
        }
        let later = try await opened(again: ledger)
        try hold(try await later.load().image.clients.map(\.id) == [ClientID(1)], "another image afterwards")
        await later.close()
    }
}
