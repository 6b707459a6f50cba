import GRDB
import Synchronization

/// Writes batches that come at the same time in one transaction, so that they share one wait for the disk.
///
/// Callers put their batch into a queue. The one who finds nobody writing starts the writing on the database's own
/// thread, which goes on until the queue is empty: what arrives while the disk is waited for is the next group.
final class LedgerWriter: Sendable {
    private typealias Outcome = Result<Void, StoreError>

    private struct Batch: Sendable {
        let changes: [LedgerChange]
        let end: CheckedContinuation<Outcome, Never>
    }

    private struct State {
        var waiting: [Batch] = []
        var isWriting = false
        var isClosed = false
        /// Who waits for the queue to be empty.
        var closing: [CheckedContinuation<Void, Never>] = []
    }

    /// Batches that may wait; at more than that new ones are refused.
    private static let queueLimit = 65_536
    /// Batches of one transaction.
    private static let groupLimit = 1024

    private let pool: DatabasePool
    private let path: String
    private let state = Mutex(State())

    init(_ pool: DatabasePool, path: String) {
        self.pool = pool
        self.path = path
    }

    /// Whether nothing is written any more.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Writes the changes as a whole or not at all. The outcome is waited for even if the caller is cancelled: what is
    /// being written cannot be called back.
    func write(_ changes: [LedgerChange]) async throws(StoreError) {
        if changes.isEmpty { return }
        try await withCheckedContinuation { end in enqueue(Batch(changes: changes, end: end)) }.get()
    }

    private enum Admission {
        case queued, first, refused(StoreError)
    }

    private func enqueue(_ batch: Batch) {
        let admission: Admission = state.withLock { state in
            if state.isClosed { return .refused(StoreError(.closed, "\(path): the ledger is closed")) }
            if state.waiting.count >= Self.queueLimit {
                return .refused(
                    StoreError(.io, "\(path): \(Self.queueLimit) batches wait to be written; try again later"))
            }
            state.waiting.append(batch)
            if state.isWriting { return .queued }
            state.isWriting = true
            return .first
        }
        switch admission {
        case .queued: break
        case .first: pool.asyncWriteWithoutTransaction { db in self.writeAll(in: db) }
        case .refused(let error): batch.end.resume(returning: .failure(error))
        }
    }

    private func writeAll(in db: Database) {
        while let group = nextGroup() {
            let outcomes = outcomes(of: group, in: db)
            for (batch, outcome) in zip(group, outcomes) { batch.end.resume(returning: outcome) }
        }
    }

    /// The next batches to be written together; nil, and nobody writes any more, when none wait.
    private func nextGroup() -> [Batch]? {
        let (group, closing) = state.withLock { state -> ([Batch], [CheckedContinuation<Void, Never>]) in
            let group = Array(state.waiting.prefix(Self.groupLimit))
            state.waiting.removeFirst(group.count)
            guard group.isEmpty else { return (group, []) }
            state.isWriting = false
            defer { state.closing = [] }
            return ([], state.closing)
        }
        for waiter in closing { waiter.resume() }
        return group.isEmpty ? nil : group
    }

    private func outcomes(of group: [Batch], in db: Database) -> [Outcome] {
        do {
            var outcomes: [Outcome] = []
            try db.inTransaction(.immediate) {
                for batch in group { outcomes.append(try apply(batch.changes, in: db)) }
                return .commit
            }
            return outcomes
        } catch {
            return group.map { _ in .failure(StoreError(error, path: path)) }
        }
    }

    /// A batch that conflicts leaves nothing and fails alone; any other trouble is thrown and ends the transaction.
    private func apply(_ changes: [LedgerChange], in db: Database) throws -> Outcome {
        do {
            // A statement that fails has done nothing: only several need a savepoint.
            if changes.count == 1 {
                try apply(changes[0], in: db)
            } else {
                try db.inSavepoint {
                    for change in changes { try apply(change, in: db) }
                    return .commit
                }
            }
            return .success(())
        } catch let error as StoreError where error.code == .conflict {
            return .failure(error)
        }
    }

    private func apply(_ change: LedgerChange, in db: Database) throws {
        do {
            try db.cachedStatement(sql: change.sql).execute(arguments: StatementArguments(change.values))
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw StoreError(.conflict, "\(path): \(change.name) is in the ledger already")
        }
    }

    /// Refuses new batches, and returns when those that were begun have ended.
    func close() async {
        await withCheckedContinuation { end in
            let isIdle = state.withLock { state in
                state.isClosed = true
                if state.isWriting { state.closing.append(end) }
                return !state.isWriting
            }
            if isIdle { end.resume() }
        }
    }
}
