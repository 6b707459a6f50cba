import Dispatch
import GRDB
import Synchronization
public import TributaryCore

/// The ledger as an SQLite database, for a coordinator on one machine.
///
/// Write-ahead log with full sync: a commit that has returned survives the loss of power. Batches that come at the same
/// time share one transaction. Payloads are JSON with a checksum, so that `sqlite3` can read them and a damaged row is
/// noticed; `load()` moves damaged rows into the table `damaged` and goes on without them. A run whose rounds cannot be
/// followed any more because of that is loaded as failed. Beside the database lie its `-wal` and `-shm` files and a
/// `.lock`, by which a second process is kept out.
public final class SQLiteLedger: Ledger {
    private let path: String
    private let pool: DatabasePool
    private let writer: LedgerWriter
    private let lock: Mutex<OpenFile?>

    /// Opens the ledger in the file, which is made if it is missing; the folder must be there. Blocks the calling thread.
    ///
    /// Throws `.unusable` if another process has it open, or if it is of a later form or no ledger at all, and `.damaged`
    /// if the file is not what was written.
    public convenience init(path: String) throws(StoreError) {
        try self.init(path: path, maximumPageCount: nil)
    }

    /// Opens the ledger, letting it grow to so many pages of 4 KiB only.
    package init(path: String, maximumPageCount: Int?) throws(StoreError) {
        self.path = path
        lock = Mutex(try LedgerFile.lock(path))
        pool = try LedgerFile.open(path, maximumPageCount: maximumPageCount)
        writer = LedgerWriter(pool, path: path)
    }

    /// Writes a batch as a whole or not at all.
    public func commit(_ batch: [LedgerEntry]) async throws(StoreError) {
        var changes: [LedgerChange] = []
        for entry in batch { changes.append(try LedgerChange(entry)) }
        try await writer.write(changes)
    }

    /// What a coordinator needs to go on, and what is damaged.
    public func load() async throws(StoreError) -> (image: LedgerImage, damage: [String]) {
        let (image, damage) = try await read { db in
            var loading = LedgerLoading(db)
            let image = try loading.image()
            return (image, loading.damage)
        }
        var lines = damage.map { "\(path): \($0)" }
        do throws(StoreError) {
            if !damage.isEmpty { try await setAside(damage) }
        } catch {
            // The image is good without them; the next load will find them again.
            lines.append("damaged rows could not be set aside: \(error)")
        }
        return (image, lines)
    }

    /// The accepted update of a client for a task; nil if there is none.
    public func contribution(to task: TaskID, by client: ClientID) async throws(StoreError) -> ContributionRow? {
        try await read { try LedgerQueries.contribution(to: task, by: client, in: $0) }
    }

    /// Whether a client's score was accepted for a task.
    public func hasEvaluation(of task: TaskID, by client: ClientID) async throws(StoreError) -> Bool {
        try await read { try LedgerQueries.hasEvaluation(of: task, by: client, in: $0) }
    }

    /// The rounds of a run that ended after the given one, in order.
    public func rounds(
        of run: RunID, after round: RoundNumber, limit: Int
    ) async throws(StoreError) -> [RoundEndRow] {
        try await read { try LedgerQueries.ends(of: run, after: round, limit: limit, in: $0) }
    }

    /// A round as it was opened, and all that was accepted in it; nil if it was never opened.
    public func round(
        _ task: TaskID
    ) async throws(StoreError) -> (row: RoundRow, contributions: [ContributionRow])? {
        try await read { try LedgerQueries.round(task, in: $0) }
    }

    /// The updates accepted for training tasks that were given out in these rounds.
    public func contributions(
        forTasksOf run: RunID, in rounds: ClosedRange<RoundNumber>
    ) async throws(StoreError) -> [ContributionRow] {
        try await read { try LedgerQueries.contributions(forTasksOf: run, in: rounds, in: $0) }
    }

    /// The blobs that rows still name.
    public func namedBlobs() async throws(StoreError) -> Set<BlobDigest> {
        try await read { try LedgerQueries.namedBlobs(in: $0) }
    }

    /// Forgets at most `limit` rows of what was accepted in old rounds; returns how many it were.
    public func prune(
        _ run: RunID, before round: RoundNumber, limit: Int
    ) async throws(StoreError) -> Int {
        try await write { try LedgerPruning(run: run, round: round).delete(atMost: limit, in: $0) }
    }

    /// Ends the use of the ledger after everything that was begun.
    public func close() async {
        await writer.close()
        await withCheckedContinuation { end in
            DispatchQueue.global().async {
                // It waits for readers; nothing that was committed depends on it.
                try? self.pool.close()
                self.lock.withLock { $0 = nil }
                end.resume()
            }
        }
    }

    /// Asks something of the database, on a thread of its own.
    private func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
        if writer.isClosed { throw StoreError(.closed, "\(path): the ledger is closed") }
        return try await withCheckedContinuation { (end: CheckedContinuation<Result<T, StoreError>, Never>) in
            pool.asyncRead { db in
                do {
                    end.resume(returning: .success(try body(try db.get())))
                } catch {
                    end.resume(returning: .failure(StoreError(error, path: self.path)))
                }
            }
        }.get()
    }

    private func setAside(_ damage: [DamagedRow]) async throws(StoreError) {
        try await write { db in
            for row in damage { try row.setAside(in: db) }
        }
    }

    /// Changes something in a transaction of its own, between those of batches.
    private func write<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws(StoreError) -> T {
        if writer.isClosed { throw StoreError(.closed, "\(path): the ledger is closed") }
        return try await withCheckedContinuation { (end: CheckedContinuation<Result<T, StoreError>, Never>) in
            pool.asyncWriteWithoutTransaction { db in
                do {
                    var result: T?
                    try db.inTransaction(.immediate) {
                        result = try body(db)
                        return .commit
                    }
                    guard let result else { preconditionFailure("a transaction committed without its body") }
                    end.resume(returning: .success(result))
                } catch {
                    end.resume(returning: .failure(StoreError(error, path: self.path)))
                }
            }
        }.get()
    }
}
