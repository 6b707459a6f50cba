import GRDB
import TributaryCore

/// One statement that changes the ledger, made ready outside the database's thread.
struct LedgerChange: Sendable {
    /// What to do.
    let sql: String
    /// With which values.
    let values: [DatabaseValue]
    /// What a message calls it.
    let name: String

    init(_ sql: String, _ values: [any DatabaseValueConvertible], name: String) {
        self.sql = sql
        self.values = values.map(\.databaseValue)
        self.name = name
    }

    /// The statement for an entry.
    init(_ entry: LedgerEntry) throws(StoreError) {
        switch entry {
        case .client(let row):
            let stored = try StoredRow(row)
            self.init(
                "INSERT OR REPLACE INTO clients VALUES (?, ?, ?)",
                [row.id.column, stored.payload, stored.checksum], name: "\(row.id)")
        case .clientLeft(let client):
            self.init("DELETE FROM clients WHERE id = ?", [client.column], name: "\(client)")
        case .run(let row):
            let stored = try StoredRow(row)
            self.init(
                """
                INSERT INTO runs (run, blob, payload, checksum) VALUES (?, ?, ?, ?) ON CONFLICT (run) DO UPDATE SET
                blob = excluded.blob, payload = excluded.payload, checksum = excluded.checksum
                """,
                [row.id.rawValue, row.initialModel.digest.rawValue, stored.payload, stored.checksum], name: "\(row.id)")
        case .roundOpened(let row):
            let stored = try StoredRow(row)
            self.init(
                "INSERT OR REPLACE INTO rounds VALUES (?, ?, ?, ?, ?, ?)",
                row.id.columns + [row.model.digest.rawValue, stored.payload, stored.checksum], name: "\(row.id)")
        case .contribution(let row):
            let stored = try StoredRow(row)
            self.init(
                "INSERT INTO contributions VALUES (?, ?, ?, ?, ?, ?, ?)",
                row.task.columns
                    + [row.client.column, row.numbers.digest.rawValue, stored.payload, stored.checksum],
                name: "the update of \(row.client) for \(row.task)")
        case .evaluation(let row):
            let stored = try StoredRow(row)
            self.init(
                "INSERT INTO evaluations VALUES (?, ?, ?, ?, ?, ?)",
                row.task.columns + [row.client.column, stored.payload, stored.checksum],
                name: "the score of \(row.client) for \(row.task)")
        case .roundEnded(let row):
            let stored = try StoredRow(row)
            self.init(
                "INSERT OR REPLACE INTO ends VALUES (?, ?, ?, ?, ?, ?)",
                [
                    row.run.rawValue, row.summary.round.rawValue, row.summary.test == nil ? 0 : 1,
                    row.blobs.map(\.digest.rawValue).joined(separator: " "), stored.payload, stored.checksum,
                ], name: "\(row.summary.round) of \(row.run)")
        case .privacy(let row):
            let stored = try StoredRow(row)
            self.init(
                "INSERT OR REPLACE INTO privacy VALUES (?, ?, ?)",
                [row.run.rawValue, stored.payload, stored.checksum], name: "\(row)")
        }
    }
}

extension ClientID {
    /// The number as the database holds it: numbers beyond its range become negative ones.
    var column: Int64 { Int64(bitPattern: rawValue) }
}

extension TaskID {
    /// The parts as the database holds them.
    var columns: [any DatabaseValueConvertible] {
        [run.rawValue, round.rawValue, kind.rawValue + (wave.map { "/\($0)" } ?? "")]
    }
}
