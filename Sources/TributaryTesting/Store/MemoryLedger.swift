import Synchronization
public import TributaryCore
public import TributaryStore

/// A ledger in memory, for tests and simulations.
public final class MemoryLedger: Ledger {
    private struct State {
        var contents: LedgerContents
        var isClosed = false
        var failure: StoreError?
    }

    private let state: Mutex<State>

    /// An empty ledger.
    public init() {
        state = Mutex(State(contents: LedgerContents()))
    }

    /// The ledger that a process finds which starts after the other's.
    public init(reopening other: MemoryLedger) {
        state = Mutex(State(contents: other.state.withLock { $0.contents }))
    }

    /// From now on every commit fails so; with nil it works again.
    public func fail(with error: StoreError?) {
        state.withLock { $0.failure = error }
    }

    /// Writes a batch as a whole or not at all.
    public func commit(_ batch: [LedgerEntry]) async throws(StoreError) {
        try state.withLock { state throws(StoreError) in
            if state.isClosed { throw closed }
            if batch.isEmpty { return }
            if let failure = state.failure { throw failure }
            do throws(LedgerContents.Conflict) {
                try state.contents.apply(batch)
            } catch {
                throw StoreError(
                    .conflict, "the result of \(error.client) for \(error.task) is in the ledger already")
            }
        }
    }

    private var closed: StoreError { StoreError(.closed, "the ledger is closed") }

    /// What a coordinator needs to go on, and what is damaged.
    public func load() async throws(StoreError) -> (image: LedgerImage, damage: [String]) {
        (try open().image, [])
    }

    /// The accepted update of a client for a task; nil if there is none.
    public func contribution(to task: TaskID, by client: ClientID) async throws(StoreError) -> ContributionRow? {
        try open().contributions(to: task).first { $0.client == client }
    }

    /// Whether a client's score was accepted for a task.
    public func hasEvaluation(of task: TaskID, by client: ClientID) async throws(StoreError) -> Bool {
        try open().evaluations(of: task).contains { $0.client == client }
    }

    /// The rounds of a run that ended after the given one, in order.
    public func rounds(
        of run: RunID, after round: RoundNumber, limit: Int
    ) async throws(StoreError) -> [RoundEndRow] {
        Array(try open().rounds(of: run).filter { $0.summary.round > round }.prefix(limit))
    }

    /// The updates accepted for training tasks that were given out in these rounds.
    public func contributions(
        forTasksOf run: RunID, in rounds: ClosedRange<RoundNumber>
    ) async throws(StoreError) -> [ContributionRow] {
        try open().contributions(forTasksOf: run, in: rounds)
    }

    /// A round as it was opened, and all that was accepted in it; nil if it was never opened.
    public func round(
        _ task: TaskID
    ) async throws(StoreError) -> (row: RoundRow, contributions: [ContributionRow])? {
        let contents = try open()
        return contents.round(task).map { ($0, contents.contributions(to: task)) }
    }

    /// Forgets at most `limit` rows of what was accepted in old rounds; returns how many it were.
    public func prune(
        _ run: RunID, before round: RoundNumber, limit: Int
    ) async throws(StoreError) -> Int {
        try state.withLock { state throws(StoreError) in
            if state.isClosed { throw closed }
            return state.contents.prune(run, before: round, limit: limit)
        }
    }

    /// The blobs that rows still name.
    public func namedBlobs() async throws(StoreError) -> Set<BlobDigest> {
        try open().namedBlobs
    }

    /// Ends the use of the ledger after everything that was begun.
    public func close() async {
        state.withLock { $0.isClosed = true }
    }

    private func open() throws(StoreError) -> LedgerContents {
        try state.withLock { state throws(StoreError) in
            if state.isClosed { throw closed }
            return state.contents
        }
    }
}
