import GRDB
import TributaryCore

/// Reads what a coordinator needs to go on, and notes which rows are damaged on the way.
struct LedgerLoading {
    let db: Database
    private(set) var damage: [DamagedRow] = []

    init(_ db: Database) {
        self.db = db
    }

    /// The image of the whole ledger.
    mutating func image() throws -> LedgerImage {
        try checkAllRounds()
        let clients = try rows(
            ClientRow.self, of: "clients", "SELECT id, payload, checksum FROM clients", [], key: ["id"]
        ) { [$0.id.column.databaseValue] }
        let runs = try rows(
            RunRow.self, of: "runs", "SELECT run, payload, checksum FROM runs ORDER BY ordinal", [], key: ["run"]
        ) { [$0.id.rawValue.databaseValue] }
        return LedgerImage(clients: clients.sorted { $0.id < $1.id }, runs: try runs.map { try image(of: $0) })
    }

    private mutating func image(of row: RunRow) throws -> LedgerImage.Run {
        var run = LedgerImage.Run(row: row)
        run.lastEnd = try ends(of: row.id, "", limit: 1).first
        run.privacy = try rows(
            PrivacyRow.self, of: "privacy", "SELECT run, payload, checksum FROM privacy WHERE run = ?",
            [row.id.rawValue], key: ["run"]
        ) { [$0.run.rawValue.databaseValue] }.first
        run.lastTest = try ends(of: row.id, "AND has_test = 1", limit: 1).first?.summary.test
        let last = run.lastEnd?.summary.round.rawValue ?? 0
        // The training of a round that ended is over; its evaluation goes on until the round is scored.
        let isLastScored = run.lastEnd?.isScored ?? true
        for kind in TaskKind.allCases {
            let floor = kind == .evaluate && !isLastScored ? last - 1 : last
            run.openRounds += try rounds(of: row.id, kind, after: floor)
        }
        for round in run.openRounds {
            run.contributions += try LedgerQueries.contributions(to: round.id, with: &self)
            run.evaluations += try evaluations(of: round.id)
        }
        try loadWhatIsKnown(&run)
        let begin = RoundNumber(min(last + 1, run.lastEnd?.workFrom?.rawValue ?? last + 1))
        run.openRounds += try waves(of: row.id, from: begin.rawValue)
        run.contributions += try LedgerQueries.contributions(
            forTasksOf: row.id, in: begin...RoundNumber(.max), "AND kind GLOB 'train/*'", with: &self)
        if let gap = gap(in: run), row.status == .active || row.status == .paused {
            run.row.status = .failed
            run.row.reason = gap
        }
        return run
    }

    /// What the ends of all rounds say of clients, where the run goes by that.
    private mutating func loadWhatIsKnown(_ run: inout LedgerImage.Run) throws {
        guard run.row.keepsSelection || run.row.keepsMemories else { return }
        let ends = try Array(ends(of: run.row.id, "", limit: .max).reversed())
        if run.row.keepsSelection { run.selection = ends.compactMap(\.selection) }
        if run.row.keepsMemories { run.counted = ends.countedRounds }
    }

    /// Rounds follow each other without a gap, unless the row of an end between them is lost.
    private func gap(in run: LedgerImage.Run) -> String? {
        let last = run.lastEnd?.summary.round.rawValue ?? 0
        let opened = run.openRounds.filter { $0.id.kind == .train }.map(\.id.round.rawValue)
        guard let next = opened.max(), next > last + 1 else { return nil }
        return "the ledger's rows of the ends of rounds \(last + 1) to \(next - 1) are damaged"
    }

    /// Payloads of all rounds are compared with their checksums: reports read them later, when a damaged one would be
    /// in the way.
    private mutating func checkAllRounds() throws {
        for (table, key) in [("rounds", ["run", "round", "kind"]), ("ends", ["run", "round"])] {
            let columns = key.joined(separator: ", ")
            let cursor = try Row.fetchCursor(db, sql: "SELECT \(columns), payload, checksum FROM \(table)")
            while let row = try cursor.next() {
                if StoredRow(row, at: key.count) == nil { note(row, of: table, key: key) }
            }
        }
    }

    private mutating func ends(of run: RunID, _ condition: String, limit: Int) throws -> [RoundEndRow] {
        try rows(
            RoundEndRow.self, of: "ends",
            "SELECT run, round, payload, checksum FROM ends WHERE run = ? \(condition) ORDER BY round DESC",
            [run.rawValue], key: ["run", "round"], limit: limit
        ) { [$0.run.rawValue.databaseValue, $0.summary.round.rawValue.databaseValue] }
    }

    private mutating func rounds(of run: RunID, _ kind: TaskKind, after round: Int) throws -> [RoundRow] {
        try rows(
            RoundRow.self, of: "rounds",
            """
            SELECT run, round, kind, payload, checksum FROM rounds WHERE run = ? AND round > ? AND kind = ?
            ORDER BY round DESC
            """, [run.rawValue, round, kind.rawValue], key: ["run", "round", "kind"], limit: 1
        ) { $0.id.columns.map(\.databaseValue) }
    }

    /// The waves of clients that were invited in these rounds, the oldest first.
    private mutating func waves(of run: RunID, from round: Int) throws -> [RoundRow] {
        try rows(
            RoundRow.self, of: "rounds",
            """
            SELECT run, round, kind, payload, checksum FROM rounds
            WHERE run = ? AND round >= ? AND kind GLOB 'train/*'
            """, [run.rawValue, round], key: ["run", "round", "kind"]
        ) { $0.id.columns.map(\.databaseValue) }
        .sorted { ($0.id.round, $0.id.wave ?? 0) < ($1.id.round, $1.id.wave ?? 0) }
    }

    private mutating func evaluations(of task: TaskID) throws -> [EvaluationRow] {
        try rows(
            EvaluationRow.self, of: "evaluations",
            """
            SELECT run, round, kind, client, payload, checksum FROM evaluations
            WHERE run = ? AND round = ? AND kind = ?
            """, task.columns, key: ["run", "round", "kind", "client"]
        ) { ($0.task.columns + [$0.client.column]).map(\.databaseValue) }.sorted { $0.client < $1.client }
    }

    /// The first `limit` good rows of a statement that selects the key, the payload and the checksum.
    mutating func rows<R: Decodable>(
        _ type: R.Type, of table: String, _ sql: String, _ values: [any DatabaseValueConvertible], key: [String],
        limit: Int = .max, keyOf: (R) -> [DatabaseValue]
    ) throws -> [R] {
        var found: [R] = []
        let cursor = try Row.fetchCursor(db, sql: sql, arguments: StatementArguments(values.map(\.databaseValue)))
        while found.count < limit, let row = try cursor.next() {
            let columns = key.indices.map { row[$0] as DatabaseValue }
            if let decoded = StoredRow(row, at: key.count)?.decoded(as: type), keyOf(decoded) == columns {
                found.append(decoded)
            } else {
                note(row, of: table, key: key)
            }
        }
        return found
    }

    private mutating func note(_ row: Row, of table: String, key: [String]) {
        let damaged = DamagedRow(table: table, key: key, values: key.indices.map { row[$0] as DatabaseValue })
        if !damage.contains(damaged) { damage.append(damaged) }
    }
}
