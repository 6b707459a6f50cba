import Foundation
import GRDB

/// The ledger's database file: who may open it, and how.
enum LedgerFile {
    /// Takes the ledger for this process until the result goes away.
    static func lock(_ path: String) throws(StoreError) -> OpenFile {
        guard let file = try OpenFile(path + ".lock", .writing, in: PosixFileSystem()) else {
            throw StoreError(.io, "\(path).lock: cannot be made")
        }
        if flock(file.number, LOCK_EX | LOCK_NB) == 0 { return file }
        if errno != EWOULDBLOCK { throw .file(file.path, "cannot be locked", .last) }
        throw StoreError(.unusable, "\(path): the ledger is in use by another coordinator; stop that one first")
    }

    /// Opens the database, which is made if it is missing.
    static func open(_ path: String, maximumPageCount: Int?) throws(StoreError) -> DatabasePool {
        let isEmpty = try checkHeader(path)
        do {
            var configuration = Configuration()
            configuration.label = "tributary.ledger"
            configuration.foreignKeysEnabled = false
            // Somebody may look at the ledger, or copy it, with another tool.
            configuration.busyMode = .timeout(5)
            configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA cell_size_check = ON") }
            if isEmpty || access(path + "-journal", F_OK) == 0 {
                // For its owner's eyes alone, as the files beside it will be: it holds secrets.
                _ = try OpenFile(path, .writing, in: PosixFileSystem())
                // With a rollback journal, so that the header is in the file itself whenever the file is not empty.
                let queue = try DatabaseQueue(path: path, configuration: configuration)
                try queue.writeWithoutTransaction(LedgerSchema.make)
                try queue.close()
            }
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                // GRDB asks for less in WAL mode: a commit has to survive the loss of power too.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(sql: "PRAGMA fullfsync = ON")
                try db.execute(sql: "PRAGMA checkpoint_fullfsync = ON")
                if let maximumPageCount {
                    _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(maximumPageCount)")
                }
                try LedgerSchema.upgrade(db)
                try settle(db)
            }
            return pool
        } catch {
            throw StoreError(error, path: path)
        }
    }

    /// Brings to disk what is about to be relied on.
    ///
    /// The process before may have been killed between writing a commit to the log and waiting for the disk, or the wait may
    /// have failed: the next process finds such a commit in the system's memory, takes it for granted, and would lose it with
    /// the power. Moving the log's content into the database writes it anew and waits for it.
    private static func settle(_ db: Database) throws {
        do {
            _ = try db.checkpoint(.truncate)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            // Somebody reads the ledger with another tool, and keeps part of the log in use; the rest is moved.
            _ = try db.checkpoint(.passive)
        }
    }

    /// Whether there is nothing in the file yet; throws if it is not a ledger of a form that is known here. Foreign
    /// files are not touched.
    private static func checkHeader(_ path: String) throws(StoreError) -> Bool {
        guard let file = try OpenFile(path, .reading, in: PosixFileSystem()) else { return true }
        let byteCount = try file.status().byteCount
        if byteCount == 0 { return true }
        var header: [UInt8] = []
        try file.forEachPiece(upTo: min(100, byteCount)) { header += $0 }
        guard header.count == 100, header.starts(with: Array("SQLite format 3".utf8) + [0]) else {
            throw StoreError(
                .damaged, "\(path): the file does not begin as a ledger does; restore it from a backup")
        }
        func number(at place: Int) -> Int32 {
            Int32(bitPattern: header[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) })
        }
        guard number(at: 68) == LedgerSchema.applicationID else {
            throw StoreError(.unusable, "\(path): this database is not a ledger of Tributary; name another file")
        }
        guard LedgerSchema.readable.contains(number(at: 60)) else {
            throw StoreError(
                .unusable,
                "\(path): the ledger has form \(number(at: 60)), this version of Tributary knows forms "
                    + "up to \(LedgerSchema.version); use the version that wrote it")
        }
        return false
    }
}

extension StoreError {
    /// What a failure of the database means.
    init(_ error: any Error, path: String) {
        if let error = error as? StoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.io, "\(path): the ledger cannot be used: \(error)")
            return
        }
        let reason = error.message ?? "error \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(.full, "\(path): \(reason); make room on the disk, then try again")
        // Our statements are fixed: one that is not understood has met tables that are not ours.
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_ERROR, .SQLITE_SCHEMA, .SQLITE_MISMATCH:
            self.init(.damaged, "\(path): the ledger is damaged (\(reason)); restore it from a backup")
        case .SQLITE_CONSTRAINT: self.init(.conflict, "\(path): \(reason)")
        case .SQLITE_MISUSE: self.init(.closed, "\(path): the ledger is closed")
        default: self.init(.io, "\(path): \(reason)")
        }
    }
}
