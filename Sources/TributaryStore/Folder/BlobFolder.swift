import Synchronization
import TributaryCore

/// The places of a blob folder, and the steps by which files enter and leave it.
final class BlobFolder: Sendable {
    let root: String
    let files: any FileSystem
    /// One for each folder in `blobs`, held while names in it change and until that is on disk: a blob is not taken away
    /// in the instant in which it is found there, and nobody relies on a name that may be taken back.
    private let locks: [FolderLock]

    /// Makes what is missing of the folder.
    init(root: String, files: any FileSystem) throws(StoreError) {
        self.root = root
        self.files = files
        locks = Self.names.map { _ in FolderLock() }
        try makeFolder(root)
        try synchroniseFolder(Self.parent(of: root))
        for name in ["blobs", "drafts", "uploads", "quarantine"] { try makeFolder("\(root)/\(name)") }
        // All 256 at once: no later step has to make one, and to wait for its parent. That they are there does not say
        // that they are on disk: who made them may have ended in the next instant.
        let present = Set(try names(in: "blobs"))
        for name in Self.names where !present.contains(name) { try makeFolder("\(root)/blobs/\(name)") }
        try synchroniseFolder("\(root)/blobs")
        try synchroniseFolder(root)
    }

    /// The names of the folders in `blobs`: the digests' first two digits.
    static let names = (0..<256).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }

    private static func parent(of path: String) -> String {
        let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        return parent.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : parent
    }

    private func folder(of digest: BlobDigest) -> String { "\(root)/blobs/\(digest.rawValue.prefix(2))" }

    private func lock(of digest: BlobDigest) -> FolderLock {
        locks[Int(digest.rawValue.prefix(2), radix: 16) ?? 0]
    }

    func path(of digest: BlobDigest) -> String { "\(folder(of: digest))/\(digest.rawValue)" }

    func path(of upload: UploadID) -> String { "\(root)/uploads/\(upload.client.rawValue)-\(upload.digest.rawValue)" }

    /// Why a file did not enter the store.
    struct EntryFailure: Error {
        /// What became of the file.
        enum File {
            /// It is where it was.
            case kept
            /// It cannot be brought to disk any more: the system forgets which of its bytes are missing there, and to
            /// wait again proves nothing.
            case lost
            /// It is in the store all the same, but perhaps not on disk.
            case entered
        }

        var error: StoreError
        var file = File.kept
    }

    /// Brings a complete file of so many bytes into the store under its digest, on disk. If the blob is there already the
    /// file is left where it is.
    func enter(_ file: OpenFile, byteCount: Int, as digest: BlobDigest) throws(EntryFailure) {
        try EntryFailure.catching { () throws(StoreError) in
            // A write that failed may have left bytes behind the end.
            if try file.status().byteCount != byteCount { try file.truncate(to: byteCount) }
        }
        let isThere = try EntryFailure.catching { () throws(StoreError) in try confirm(digest) }
        if isThere { return }
        _ = try EntryFailure.catching { () throws(StoreError) in
            // It counts as new from now on, not from when the last of its bytes came.
            try touch(file.path)
        }
        try EntryFailure.catching(.lost) { () throws(StoreError) in try file.synchronise() }
        try lock(of: digest).withLock { () throws(EntryFailure) in
            let isThere = try EntryFailure.catching { () throws(StoreError) in try confirmLocked(digest) }
            if !isThere { try name(file, as: digest) }
        }
    }

    /// Gives the file its place, on disk; takes it back if that fails.
    private func name(_ file: OpenFile, as digest: BlobDigest) throws(EntryFailure) {
        let path = path(of: digest)
        do throws(FileError) {
            try files.rename(file.path, to: path)
        } catch {
            throw EntryFailure(error: .file(path, "cannot be entered into the store", error))
        }
        do throws(StoreError) {
            try synchroniseFolder(folder(of: digest))
        } catch {
            let isBack = (try? files.rename(path, to: file.path)) != nil
            throw EntryFailure(error: error, file: isBack ? .kept : .entered)
        }
    }

    /// Whether the blob is there; if so it counts as new from now on, and that and its name are on disk.
    func confirm(_ digest: BlobDigest) throws(StoreError) -> Bool {
        try lock(of: digest).withLock { () throws(StoreError) in try confirmLocked(digest) }
    }

    private func confirmLocked(_ digest: BlobDigest) throws(StoreError) -> Bool {
        let path = path(of: digest)
        guard try touch(path), let file = try OpenFile(path, .reading, in: files) else { return false }
        try file.synchronise()
        // Its name too: who brought it in may have ended before that was on disk.
        try synchroniseFolder(folder(of: digest))
        return true
    }

    /// Lets a file count as new; whether it is there.
    private func touch(_ path: String) throws(StoreError) -> Bool {
        do throws(FileError) {
            try files.touch(path)
            return true
        } catch {
            if error.isMissing { return false }
            throw .file(path, "cannot be marked as new", error)
        }
    }

    /// Removes a blob if it has been there for so long; any blob with nil.
    func remove(_ digest: BlobDigest, olderThan age: Double?) throws(StoreError) -> Bool {
        let path = path(of: digest)
        return try lock(of: digest).withLock { () throws(StoreError) in
            if let age {
                guard let found = try self.age(of: path), found >= age else { return false }
            }
            return try remove(path)
        }
    }

    /// Removes a file of the store; whether it was there.
    func remove(_ path: String) throws(StoreError) -> Bool {
        do throws(FileError) {
            try files.remove(path)
            return true
        } catch {
            if error.isMissing { return false }
            throw .file(path, "cannot be removed", error)
        }
    }

    /// Moves the file of a blob out of the store, if it is still the one that was examined.
    func quarantine(_ digest: BlobDigest, identity: UInt64) throws(StoreError) {
        let path = path(of: digest)
        try lock(of: digest).withLock { () throws(StoreError) in
            guard try status(of: path)?.identity == identity else { return }
            var place = "\(root)/quarantine/\(digest.rawValue)"
            var attempt = 0
            while try status(of: place) != nil {
                attempt += 1
                place = "\(root)/quarantine/\(digest.rawValue).\(attempt)"
            }
            do throws(FileError) {
                try files.rename(path, to: place)
            } catch {
                throw .file(path, "cannot be moved aside", error)
            }
        }
        try synchroniseFolder("\(root)/quarantine")
        try synchroniseFolder(folder(of: digest))
    }

    /// Seconds since the file was last written; nil if it is not there.
    func age(of path: String) throws(StoreError) -> Double? {
        try status(of: path).map { Double(files.now() - $0.modifiedAt) * 1e-9 }
    }

    /// What is known of a file; nil if it is not there.
    func status(of path: String) throws(StoreError) -> FileStatus? {
        do throws(FileError) {
            return try files.status(at: path)
        } catch {
            if error.isMissing { return nil }
            throw .file(path, "cannot be examined", error)
        }
    }

    /// The names in a folder of the store, in order.
    func names(in folder: String) throws(StoreError) -> [String] {
        do throws(FileError) {
            return try files.names(in: "\(root)/\(folder)").sorted()
        } catch {
            throw .file("\(root)/\(folder)", "cannot be listed", error)
        }
    }

    private func makeFolder(_ path: String) throws(StoreError) {
        do throws(FileError) {
            try files.makeFolder(path)
        } catch {
            if !error.isPresent { throw .file(path, "the folder cannot be made", error) }
        }
    }

    private func synchroniseFolder(_ path: String) throws(StoreError) {
        guard let folder = try OpenFile(path, .reading, in: files) else {
            throw StoreError(.io, "\(path): the folder is gone; put it back")
        }
        try folder.synchronise()
    }
}

/// A lock that can be one of many.
private final class FolderLock: Sendable {
    private let mutex = Mutex(())

    func withLock<Result: Sendable, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        try mutex.withLock { _ throws(Failure) in try body() }
    }
}

extension BlobFolder.EntryFailure {
    static func catching<Result>(
        _ file: File = .kept, _ body: () throws(StoreError) -> Result
    ) throws(BlobFolder.EntryFailure) -> Result {
        do throws(StoreError) {
            return try body()
        } catch {
            throw BlobFolder.EntryFailure(error: error, file: file)
        }
    }
}
