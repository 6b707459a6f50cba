import Synchronization
public import TributaryCore
public import TributaryStore

/// A ledger in memory, for tests and simulations.
public final class MemoryLedger: Ledger {
    private struct Place: Hashable {
        var task: TaskID
        var client: ClientID
    }

    private struct Rows: Sendable {
        var clients: [ClientID: ClientRow] = [:]
        var runs: [RunRow] = []
        var rounds: [TaskID: RoundRow] = [:]
        var contributions: [TaskID: [ClientID: ContributionRow]] = [:]
        var evaluations: [TaskID: [ClientID: EvaluationRow]] = [:]
        var ends: [RunID: [RoundNumber: RoundEndRow]] = [:]
    }

    private struct State {
        var rows: Rows
        var isClosed = false
        var failure: StoreError?
    }

    private let state: Mutex<State>

    /// An empty ledger.
    public init() {
        state = Mutex(State(rows: Rows()))
    }

    /// The ledger that a process finds which starts after the other's.
    public init(reopening other: MemoryLedger) {
        state = Mutex(State(rows: other.state.withLock { $0.rows }))
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
            try checkConflicts(batch, with: state.rows)
            for entry in batch { apply(entry, to: &state.rows) }
        }
    }

    private var closed: StoreError { StoreError(.closed, "the ledger is closed") }

    private func checkConflicts(_ batch: [LedgerEntry], with rows: Rows) throws(StoreError) {
        var (updates, scores): (Set<Place>, Set<Place>) = ([], [])
        for entry in batch {
            switch entry {
            case .contribution(let row):
                let isNew = rows.contributions[row.task]?[row.client] == nil
                if isNew, updates.insert(Place(task: row.task, client: row.client)).inserted { continue }
                throw StoreError(.conflict, "the update of \(row.client) for \(row.task) is in the ledger already")
            case .evaluation(let row):
                let isNew = rows.evaluations[row.task]?[row.client] == nil
                if isNew, scores.insert(Place(task: row.task, client: row.client)).inserted { continue }
                throw StoreError(.conflict, "the score of \(row.client) for \(row.task) is in the ledger already")
            case .client, .clientLeft, .run, .roundOpened, .roundEnded: break
            }
        }
    }

    private func apply(_ entry: LedgerEntry, to rows: inout Rows) {
        switch entry {
        case .client(let row): rows.clients[row.id] = row
        case .clientLeft(let client): rows.clients[client] = nil
        case .run(let row):
            if let place = rows.runs.firstIndex(where: { $0.id == row.id }) {
                rows.runs[place] = row
            } else {
                rows.runs.append(row)
            }
        case .roundOpened(let row): rows.rounds[row.id] = row
        case .contribution(let row): rows.contributions[row.task, default: [:]][row.client] = row
        case .evaluation(let row): rows.evaluations[row.task, default: [:]][row.client] = row
        case .roundEnded(let row): rows.ends[row.run, default: [:]][row.summary.round] = row
        }
    }

    /// What a coordinator needs to go on, and what is damaged.
    public func load() async throws(StoreError) -> (image: LedgerImage, damage: [String]) {
        let rows = try open { $0 }
        let clients = rows.clients.values.sorted { $0.id < $1.id }
        return (LedgerImage(clients: clients, runs: rows.runs.map { image(of: $0, in: rows) }), [])
    }

    private func image(of row: RunRow, in rows: Rows) -> LedgerImage.Run {
        let ends = (rows.ends[row.id] ?? [:]).values.sorted { $0.summary.round < $1.summary.round }
        let (last, test) = (ends.last, ends.last { $0.summary.test != nil }?.summary.test)
        var run = LedgerImage.Run(row: row, lastEnd: last, lastTest: test)
        for kind in TaskKind.allCases {
            let open = rows.rounds.values.filter { round in
                guard round.id.run == row.id, round.id.kind == kind else { return false }
                guard let last, round.id.round <= last.summary.round else { return true }
                return kind == .evaluate && round.id.round == last.summary.round && !last.isScored
            }
            run.openRounds += open.max { $0.id.round < $1.id.round }.map { [$0] } ?? []
        }
        for round in run.openRounds {
            run.contributions += (rows.contributions[round.id] ?? [:]).values.sorted { $0.client < $1.client }
            run.evaluations += (rows.evaluations[round.id] ?? [:]).values.sorted { $0.client < $1.client }
        }
        return run
    }

    /// The accepted update of a client for a task; nil if there is none.
    public func contribution(to task: TaskID, by client: ClientID) async throws(StoreError) -> ContributionRow? {
        try open { $0.contributions[task]?[client] }
    }

    /// Whether a client's score was accepted for a task.
    public func hasEvaluation(of task: TaskID, by client: ClientID) async throws(StoreError) -> Bool {
        try open { $0.evaluations[task]?[client] != nil }
    }

    /// The rounds of a run that ended after the given one, in order.
    public func rounds(
        of run: RunID, after round: RoundNumber, limit: Int
    ) async throws(StoreError) -> [RoundEndRow] {
        let later = try open { ($0.ends[run] ?? [:]).values.filter { $0.summary.round > round } }
        return Array(later.sorted { $0.summary.round < $1.summary.round }.prefix(limit))
    }

    /// A round as it was opened, and all that was accepted in it; nil if it was never opened.
    public func round(
        _ task: TaskID
    ) async throws(StoreError) -> (row: RoundRow, contributions: [ContributionRow])? {
        let (row, contributions) = try open { ($0.rounds[task], $0.contributions[task] ?? [:]) }
        return row.map { ($0, contributions.values.sorted { $0.client < $1.client }) }
    }

    /// The blobs that rows still name.
    public func namedBlobs() async throws(StoreError) -> Set<BlobDigest> {
        let rows = try open { $0 }
        var named = Set(rows.runs.map(\.initialModel.digest))
        named.formUnion(rows.rounds.values.map(\.model.digest))
        for row in rows.ends.values { named.formUnion(row.values.map(\.model.digest)) }
        for row in rows.contributions.values { named.formUnion(row.values.map(\.update.blob.digest)) }
        return named
    }

    /// Ends the use of the ledger after everything that was begun.
    public func close() async {
        state.withLock { $0.isClosed = true }
    }

    private func open<T: Sendable>(_ read: (Rows) -> T) throws(StoreError) -> T {
        try state.withLock { state throws(StoreError) in
            if state.isClosed { throw closed }
            return read(state.rows)
        }
    }
}
