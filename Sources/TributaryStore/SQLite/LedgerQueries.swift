import GRDB
import TributaryCore

/// The questions a running coordinator asks of its ledger.
enum LedgerQueries {
    static func contribution(to task: TaskID, by client: ClientID, in db: Database) throws -> ContributionRow? {
        try good(in: db) { loading in
            try contributions(to: task, "AND client = ?", [client.column], with: &loading).first
        }
    }

    static func hasEvaluation(of task: TaskID, by client: ClientID, in db: Database) throws -> Bool {
        let sql = "SELECT 1 FROM evaluations WHERE run = ? AND round = ? AND kind = ? AND client = ?"
        let values = (task.columns + [client.column]).map(\.databaseValue)
        return try Row.fetchOne(db, sql: sql, arguments: StatementArguments(values)) != nil
    }

    static func ends(of run: RunID, after round: RoundNumber, limit: Int, in db: Database) throws -> [RoundEndRow] {
        try good(in: db) { loading in
            try loading.rows(
                RoundEndRow.self, of: "ends",
                "SELECT run, round, payload, checksum FROM ends WHERE run = ? AND round > ? ORDER BY round",
                [run.rawValue, round.rawValue], key: ["run", "round"], limit: limit
            ) { [$0.run.rawValue.databaseValue, $0.summary.round.rawValue.databaseValue] }
        }
    }

    static func round(
        _ task: TaskID, in db: Database
    ) throws -> (row: RoundRow, contributions: [ContributionRow])? {
        try good(in: db) { loading in
            let rows = try loading.rows(
                RoundRow.self, of: "rounds",
                "SELECT run, round, kind, payload, checksum FROM rounds WHERE run = ? AND round = ? AND kind = ?",
                task.columns, key: ["run", "round", "kind"]
            ) { $0.id.columns.map(\.databaseValue) }
            guard let row = rows.first else { return nil }
            return (row, try contributions(to: task, with: &loading))
        }
    }

    /// The updates accepted for training tasks that were given out in these rounds.
    static func contributions(
        forTasksOf run: RunID, in rounds: ClosedRange<RoundNumber>, in db: Database
    ) throws -> [ContributionRow] {
        try good(in: db) { try contributions(forTasksOf: run, in: rounds, with: &$0) }
    }

    /// The same, damaged rows noted and left out.
    static func contributions(
        forTasksOf run: RunID, in rounds: ClosedRange<RoundNumber>, _ condition: String = "",
        with loading: inout LedgerLoading
    ) throws -> [ContributionRow] {
        try loading.rows(
            ContributionRow.self, of: "contributions",
            """
            SELECT run, round, kind, client, payload, checksum FROM contributions
            WHERE run = ? AND round BETWEEN ? AND ? \(condition)
            """, [run.rawValue, rounds.lowerBound.rawValue, rounds.upperBound.rawValue],
            key: ["run", "round", "kind", "client"]
        ) { ($0.task.columns + [$0.client.column]).map(\.databaseValue) }
        .sorted { ($0.task.round, $0.task.wave ?? 0, $0.client) < ($1.task.round, $1.task.wave ?? 0, $1.client) }
    }

    static func namedBlobs(in db: Database) throws -> Set<BlobDigest> {
        var named: Set<BlobDigest> = []
        for table in ["runs", "rounds", "contributions", "ends", "damaged"] {
            let cursor = try Row.fetchCursor(db, sql: "SELECT blob FROM \(table) WHERE blob IS NOT NULL")
            while let row = try cursor.next() {
                let digests = (row.text(at: 0) ?? "").split(separator: " ")
                named.formUnion(digests.compactMap { BlobDigest(rawValue: String($0)) })
            }
        }
        return named
    }

    /// The updates accepted for a task, in the clients' order.
    static func contributions(
        to task: TaskID, _ condition: String = "", _ more: [any DatabaseValueConvertible] = [],
        with loading: inout LedgerLoading
    ) throws -> [ContributionRow] {
        try loading.rows(
            ContributionRow.self, of: "contributions",
            """
            SELECT run, round, kind, client, payload, checksum FROM contributions
            WHERE run = ? AND round = ? AND kind = ? \(condition)
            """, task.columns + more, key: ["run", "round", "kind", "client"]
        ) { ($0.task.columns + [$0.client.column]).map(\.databaseValue) }.sorted { $0.client < $1.client }
    }

    /// An answer made of good rows only.
    private static func good<T>(in db: Database, _ read: (inout LedgerLoading) throws -> T) throws -> T {
        var loading = LedgerLoading(db)
        let answer = try read(&loading)
        if let damaged = loading.damage.first {
            throw StoreError(
                .damaged,
                "the row \(damaged.name) of the ledger's table \(damaged.table) is damaged; restore it from a backup")
        }
        return answer
    }
}
