import GRDB
import TributaryCore

/// Forgets what was accepted in a run's rounds before a given one.
struct LedgerPruning: Sendable {
    let run: RunID
    let round: RoundNumber

    /// The tables, with the rest of their keys. Who was invited to a round goes after what they sent.
    private static let tables = [
        ("contributions", "run, round, kind, client"), ("evaluations", "run, round, kind, client"),
        ("rounds", "run, round, kind"),
    ]

    /// Deletes at most `limit` rows; returns how many it were.
    func delete(atMost limit: Int, in db: Database) throws -> Int {
        var count = 0
        for (table, key) in Self.tables where count < limit {
            let sql = """
                DELETE FROM \(table) WHERE (\(key)) IN (
                    SELECT \(key) FROM \(table)
                    WHERE run = ?1 AND round < ?2 AND round < (SELECT max(round) FROM ends WHERE run = ?1)
                    ORDER BY round LIMIT ?3)
                """
            try db.cachedStatement(sql: sql).execute(arguments: [run.rawValue, round.rawValue, limit - count])
            count += db.changesCount
        }
        return count
    }
}
