package import TributaryCore
package import TributaryStore

/// A ledger on a simulated disk, for a world without threads: a call returns when it is done.
///
/// Batches that are begun before a ``flush()`` are one group: they share one write at the end of a log and one wait for
/// the disk. It means what `LedgerContents` means and behaves as the ledger of the server does: a batch that conflicts is
/// refused alone; when the disk refuses, the whole group fails, and nothing of it is there. Where that cannot be made sure
/// of, nothing more is written before it is; a group that failed so may be found whole after a crash.
///
/// After a start it holds every group up to the first that is not whole. At the end of the log that is what a crash
/// leaves, and is cut off; anywhere else it is named in ``damage``.
package final class SimulatedLedger {
    /// What it holds: all that was written, and waited for.
    package private(set) var contents = LedgerContents()
    /// What it found damaged when it started, one line for each; empty after any crash of a sound disk.
    package private(set) var damage: [String] = []

    private let path: String
    private let file: OpenFile
    private let archive: LedgerArchive
    private var waiting: [(ticket: Int, batch: [LedgerEntry])] = []
    private var ticketCount = 0
    /// Where the last group ends.
    private var byteCount = 0
    private var groupCount = 0
    private var isUnsure = false

    /// What became of a batch.
    package typealias Outcome = (ticket: Int, result: Result<Void, StoreError>)

    /// Opens the ledger, which is made if it is missing. The archive is the same for all processes on a disk.
    package init(path: String, files: any FileSystem, archive: LedgerArchive) throws(StoreError) {
        self.path = path
        self.archive = archive
        let bytes = try OpenFile(path, .reading, in: files).map(Self.bytes(of:)) ?? []
        let reading = LedgerLog.read(bytes)
        for record in reading.records { archive.changes[record.change].apply(to: &contents) }
        (byteCount, groupCount) = (reading.byteCount, reading.records.count)
        if reading.isDamaged {
            damage = ["\(path): group \(groupCount) at byte \(byteCount) is damaged; it and what follows are lost"]
        }
        file = try Self.copy(bytes.prefix(byteCount), to: path, in: files)
        try Self.synchroniseFolder(of: path, in: files)
    }

    /// Writes what was read once more. It need not be on disk: the process before may have died before it was, and a wait
    /// that failed may have let the system forget it; but from now on it is relied on.
    private static func copy(
        _ bytes: ArraySlice<UInt8>, to path: String, in files: any FileSystem
    ) throws(StoreError) -> OpenFile {
        guard let file = try OpenFile("\(path).new", .writing, in: files) else {
            throw StoreError(.io, "\(path).new: cannot be made")
        }
        try file.truncate(to: 0)
        try bytes.withUnsafeBufferPointer { bytes throws(StoreError) in
            try file.write(UnsafeRawBufferPointer(bytes), at: 0)
        }
        try file.synchronise()
        do throws(FileError) {
            try files.rename("\(path).new", to: path)
        } catch {
            throw .file(path, "cannot be given its name", error)
        }
        return file
    }

    private static func bytes(of file: OpenFile) throws(StoreError) -> [UInt8] {
        var bytes: [UInt8] = []
        try file.forEachPiece(upTo: file.status().byteCount) { bytes += $0 }
        return bytes
    }

    /// The name of a log that was just made is to survive as well.
    private static func synchroniseFolder(of path: String, in files: any FileSystem) throws(StoreError) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        guard let open = try OpenFile(folder.isEmpty ? "/" : folder, .reading, in: files) else {
            throw StoreError(.io, "\(folder): the folder is gone")
        }
        try open.synchronise()
    }

    /// Takes a batch in, to be written with the next ``flush()``; returns the number under which its outcome will be told.
    package func begin(_ batch: [LedgerEntry]) -> Int {
        ticketCount += 1
        waiting.append((ticketCount, batch))
        return ticketCount
    }

    /// Whether batches wait to be written.
    package var isWaiting: Bool { !waiting.isEmpty }

    /// Writes what was begun; returns what became of it, in the same order.
    package func flush() -> [Outcome] {
        defer { waiting = [] }
        var group = LedgerGroup()
        var outcomes: [Outcome] = []
        for (ticket, batch) in waiting {
            do throws(LedgerContents.Conflict) {
                if !batch.isEmpty { try group.add(batch, to: contents) }
                outcomes.append((ticket, .success(())))
            } catch {
                let text = "\(path): the result of \(error.client) for \(error.task) is in the ledger already"
                outcomes.append((ticket, .failure(StoreError(.conflict, text))))
            }
        }
        if group.batches.isEmpty { return outcomes }
        do throws(StoreError) {
            try write(.group(group))
            contents.apply(group)
        } catch {
            // Also for those that conflict: they may have done so with a batch of this very group.
            return waiting.map { ($0.ticket, $0.batch.isEmpty ? .success(()) : .failure(error)) }
        }
        return outcomes
    }

    /// Forgets, in a write and a wait of its own, at most `limit` rows of a run's rounds before the given one; returns how
    /// many. Means what `LedgerContents.prune` means.
    package func prune(_ run: RunID, before round: RoundNumber, limit: Int) throws(StoreError) -> Int {
        var pruned = contents
        let count = pruned.prune(run, before: round, limit: limit)
        guard count > 0 else { return 0 }
        try write(.pruning(run, before: round, limit: limit))
        contents = pruned
        return count
    }

    private func write(_ change: LedgerArchive.Change) throws(StoreError) {
        if isUnsure { takeBack() }
        if isUnsure { throw StoreError(.io, "\(path): what is left of an earlier write cannot be removed") }
        let record = LedgerLog.Record(number: groupCount, change: archive.keep(change))
        let bytes = LedgerLog.encode(record, rowCount: change.rowCount)
        do throws(StoreError) {
            try bytes.withUnsafeBufferPointer { bytes throws(StoreError) in
                try file.write(UnsafeRawBufferPointer(bytes), at: byteCount)
            }
            try file.synchronise()
        } catch {
            takeBack()
            throw error
        }
        byteCount += bytes.count
        groupCount += 1
    }

    /// Sees to it that nothing is left of a write that failed.
    private func takeBack() {
        do throws(StoreError) {
            try file.truncate(to: byteCount)
            try file.synchronise()
            isUnsure = false
        } catch {
            isUnsure = true
        }
    }
}

extension SimulatedLedger {
    /// What a process would find that started after a crash in which all was lost that can be. Takes as long as reading
    /// the ledger from its beginning.
    package static func durableContents(
        of path: String, on disk: SimulatedDisk, archive: LedgerArchive
    ) -> LedgerContents {
        var contents = LedgerContents()
        for record in LedgerLog.read(disk.durableContent(of: path) ?? []).records {
            archive.changes[record.change].apply(to: &contents)
        }
        return contents
    }
}
