import GRDB

/// A row that is not what was written, by its key.
struct DamagedRow: Hashable, Sendable, CustomStringConvertible {
    let table: String
    let key: [String]
    let values: [DatabaseValue]

    /// The key as one text.
    var name: String { values.map { "\($0)" }.joined(separator: "/") }

    var description: String {
        let more = table == "rounds" ? ", with all that was accepted in the round if it was still open," : ""
        return "the row \(name) of the ledger's table \(table) is damaged; it is set aside\(more) in the table damaged"
    }

    /// Moves the row into the table of damaged ones. Without its row an open round cannot go on, and when it is opened
    /// again nothing must count that was accepted before.
    func setAside(in db: Database) throws {
        try move(from: table, in: db)
        if table == "rounds" {
            let isOpen = "round > (SELECT coalesce(max(ends.round), 0) FROM ends WHERE ends.run = contributions.run)"
            try move(from: "contributions", where: isOpen, in: db)
            try move(from: "evaluations", in: db)
        }
    }

    private func move(from table: String, where more: String = "TRUE", in db: Database) throws {
        let condition = (key.map { "\($0) IS ?" } + [more]).joined(separator: " AND ")
        let blob = ["clients", "evaluations", "privacy"].contains(table) ? "NULL" : "blob"
        let arguments = StatementArguments(values)
        try db.execute(
            sql: """
                INSERT INTO damaged SELECT '\(table)', ?, \(blob), payload, checksum FROM \(table) WHERE \(condition)
                """, arguments: StatementArguments([name.databaseValue] + values))
        try db.execute(sql: "DELETE FROM \(table) WHERE \(condition)", arguments: arguments)
    }
}
