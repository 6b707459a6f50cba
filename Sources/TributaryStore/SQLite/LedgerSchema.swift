import GRDB

/// The form of the ledger's database.
///
/// A row is its key as columns, the row itself as JSON that any tool can read, and the payload's checksum, by which a
/// damaged row is told from a good one. `kind` is that of a task and, where clients are invited in waves, the wave: `train`, or
/// `train/7`. `blob` names the blobs that the row keeps alive, with a blank between. Values are only ever read as
/// what they turn out to be, as a damaged file may hold anything.
enum LedgerSchema {
    /// "TRIB", in the header of the file.
    static let applicationID: Int32 = 0x5452_4942
    /// The version of the form, in the header of the file; raised when older versions of Tributary would misread it.
    ///
    /// In form 1 a row named one blob at most, and to read more than one it would have taken for none.
    static let version: Int32 = 2
    /// The forms that this version reads, and makes its own when it opens them.
    static let readable: ClosedRange<Int32> = 1...version

    static let statements = """
        CREATE TABLE clients (
            id INTEGER PRIMARY KEY, payload TEXT NOT NULL, checksum INTEGER NOT NULL);
        CREATE TABLE runs (
            ordinal INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE, blob TEXT, payload TEXT NOT NULL,
            checksum INTEGER NOT NULL);
        CREATE TABLE rounds (
            run TEXT NOT NULL, round INTEGER NOT NULL, kind TEXT NOT NULL, blob TEXT, payload TEXT NOT NULL,
            checksum INTEGER NOT NULL, PRIMARY KEY (run, round, kind)) WITHOUT ROWID;
        CREATE TABLE contributions (
            run TEXT NOT NULL, round INTEGER NOT NULL, kind TEXT NOT NULL, client INTEGER NOT NULL, blob TEXT,
            payload TEXT NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (run, round, kind, client)) WITHOUT ROWID;
        CREATE TABLE evaluations (
            run TEXT NOT NULL, round INTEGER NOT NULL, kind TEXT NOT NULL, client INTEGER NOT NULL,
            payload TEXT NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (run, round, kind, client)) WITHOUT ROWID;
        CREATE TABLE ends (
            run TEXT NOT NULL, round INTEGER NOT NULL, has_test INTEGER NOT NULL, blob TEXT, payload TEXT NOT NULL,
            checksum INTEGER NOT NULL, PRIMARY KEY (run, round)) WITHOUT ROWID;
        CREATE INDEX ends_with_test ON ends (run, round) WHERE has_test = 1;
        \(privacy)
        CREATE TABLE damaged (
            origin TEXT NOT NULL, key TEXT NOT NULL, blob TEXT, payload, checksum);
        """

    /// What private runs have spent, and their secrets. Versions that do not know the table do not know such runs either, and
    /// leave them alone: so it needs no form of its own, and is made where it is missing.
    private static let privacy = """
        CREATE TABLE IF NOT EXISTS privacy (
            run TEXT PRIMARY KEY, payload TEXT NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
        """

    /// Makes the tables if there are none.
    static func make(in db: Database) throws {
        try db.inTransaction(.immediate) {
            if try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0 {
                try db.execute(sql: statements)
                try db.execute(sql: "PRAGMA application_id = \(applicationID)")
                try db.execute(sql: "PRAGMA user_version = \(version)")
            }
            return .commit
        }
    }

    /// Makes a ledger of an earlier form one of this. Then versions that know only the earlier form refuse it: by the
    /// file's header, which is why the change is brought into the file itself.
    static func upgrade(_ db: Database) throws {
        try db.execute(sql: privacy)
        guard let found = try Int32.fetchOne(db, sql: "PRAGMA user_version"), found != version else { return }
        try db.execute(sql: "PRAGMA user_version = \(version)")
        _ = try Row.fetchAll(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
    }
}
