import TributaryCore
public import TributaryStore

/// What every `Ledger` promises, as checks that any ledger can be put through.
public struct LedgerContract {
    private let make: () async throws -> any Ledger
    private let reopen: (any Ledger) async throws -> any Ledger

    /// The contract of the ledgers that `make` makes, each empty; `reopen` opens again what was kept of one that is
    /// closed.
    public init(
        make: @escaping () async throws -> any Ledger, reopen: @escaping (any Ledger) async throws -> any Ledger
    ) {
        self.make = make
        self.reopen = reopen
    }

    private typealias Check = @Sendable (LedgerContract, any Ledger, UInt64) async throws -> Void

    private static let checks: [(name: String, run: Check)] = [
        ("an empty ledger has an empty image", { contract, ledger, _ in try await contract.emptyIsEmpty(ledger) }),
        ("rows are read as they were written", { contract, ledger, _ in try await contract.rowsAreKept(ledger) }),
        ("figures without a number are kept", { contract, ledger, _ in try await contract.notANumberIsKept(ledger) }),
        (
            "a batch that conflicts leaves nothing",
            { contract, ledger, _ in try await contract.conflictLeavesNothing(ledger) }
        ),
        ("what a run has spent is replaced", { contract, ledger, _ in try await contract.spendingIsReplaced(ledger) }),
        ("ended rounds are given in order", { contract, ledger, _ in try await contract.endsAreInOrder(ledger) }),
        (
            "the image holds open rounds only",
            { contract, ledger, _ in try await contract.imageHoldsOpenRounds(ledger) }
        ),
        ("the image holds waves that work goes on from", { try await $0.imageHoldsWaves($1, seed: $2) }),
        ("all blobs of rows are named", { contract, ledger, _ in try await contract.blobsAreNamed(ledger) }),
        (
            "old rounds are forgotten bit by bit, the last one is not",
            { contract, ledger, _ in try await contract.pruningForgets(ledger) }
        ),
        ("a history reads the same as in memory", { try await $0.historyIsKept($1, seed: $2) }),
        (
            "batches at the same time are all written once",
            { contract, ledger, _ in try await contract.concurrentBatches(ledger) }
        ),
        (
            "a cancelled caller still learns the outcome",
            { contract, ledger, _ in try await contract.cancelledLearns(ledger) }
        ),
        ("a closed ledger refuses", { contract, ledger, _ in try await contract.closedRefuses(ledger) }),
    ]

    /// What the ledger breaks, in words; empty if it keeps the contract.
    public func violations(seed: UInt64) async -> [String] {
        var found: [String] = []
        for check in Self.checks {
            do {
                let ledger = try await make()
                try await check.run(self, ledger, seed)
                await ledger.close()
            } catch let violation as ContractViolation {
                found.append("\(check.name): \(violation.description)")
            } catch {
                found.append("\(check.name): \(error)")
            }
        }
        return found
    }

    private func emptyIsEmpty(_ ledger: any Ledger) async throws {
        let (image, damage) = try await ledger.load()
        try hold(image == LedgerImage() && damage.isEmpty, "\(image), \(damage)")
        try await ledger.commit([])
        try hold(try await ledger.namedBlobs().isEmpty, "it names blobs")
        try hold(try await ledger.round(SampleLedger.task("a", 1)) == nil, "it has a round")
    }

    private func historyIsKept(_ ledger: any Ledger, seed: UInt64) async throws {
        let oracle = MemoryLedger()
        for batch in SampleLedger.history(seed: seed, count: 120) {
            let (found, wanted) = (await code(ledger, batch), await code(oracle, batch))
            try hold(found == wanted, "\(String(describing: found)), not \(String(describing: wanted)) for \(batch)")
        }
        try await compare(ledger, with: oracle)
        await ledger.close()
        let later = try await reopen(ledger)
        try await compare(later, with: oracle)
        await later.close()
    }

    private func code(_ ledger: any Ledger, _ batch: [LedgerEntry]) async -> StoreError.Code? {
        do {
            try await ledger.commit(batch)
            return nil
        } catch {
            return error.code
        }
    }

    /// Holds if both give the same answers.
    func compare(_ ledger: any Ledger, with oracle: any Ledger) async throws {
        let (found, wanted) = (try await ledger.load(), try await oracle.load())
        try hold(found.damage.isEmpty, "damage: \(found.damage)")
        try hold(found.image.clients == wanted.image.clients, "other clients")
        try hold(found.image.runs == wanted.image.runs, "\(found.image.runs), not \(wanted.image.runs)")
        try hold(try await ledger.namedBlobs() == oracle.namedBlobs(), "other blobs are named")
        for run in wanted.image.runs.map(\.row.id) {
            let ends = try await ledger.rounds(of: run, after: RoundNumber(2), limit: 3)
            try hold(ends == (try await oracle.rounds(of: run, after: RoundNumber(2), limit: 3)), "other ends")
            for number in 1...6 {
                let task = TaskID(run: run, round: RoundNumber(number), kind: .train)
                let (left, right) = (try await ledger.round(task), try await oracle.round(task))
                try hold(left?.row == right?.row, "another \(task)")
                try hold(left?.contributions == right?.contributions, "other contributions to \(task)")
                let client = ClientID(UInt64.max)
                let update = try await ledger.contribution(to: task, by: client)
                try hold(update == (try await oracle.contribution(to: task, by: client)), "another update for \(task)")
            }
        }
    }

    /// Holds if the commit fails with the code.
    func holdFailure(_ code: StoreError.Code, _ ledger: any Ledger, _ batch: [LedgerEntry]) async throws {
        let found = await self.code(ledger, batch)
        try hold(found == code, "\(String(describing: found)), not \(code), for \(batch)")
    }

    /// Opens again what was kept of a closed ledger.
    func opened(again ledger: any Ledger) async throws -> any Ledger { try await reopen(ledger) }
}
