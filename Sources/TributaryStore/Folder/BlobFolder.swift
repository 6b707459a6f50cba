import Crypto
import Foundation
import Synchronization
import TributaryCore

/// The places of a blob folder, and the steps by which files enter and leave it.
final class BlobFolder: Sendable {
    let root: String
    let calls: FileCalls
    /// Held while names in `blobs` change, so that a blob is not taken away in the instant in which it is found there.
    private let naming = Mutex(())

    /// Makes what is missing of the folder.
    init(root: String, calls: FileCalls) throws(StoreError) {
        self.root = root
        self.calls = calls
        try makeFolder(root)
        for name in ["blobs", "drafts", "uploads", "quarantine"] { try makeFolder("\(root)/\(name)") }
        var isNew = false
        // All 256 at once: no later step has to make one, and to wait for its parent.
        for prefix in 0..<256 where mkdir("\(root)/blobs/\(Self.name(prefix))", 0o700) == 0 { isNew = true }
        if isNew { try synchroniseFolder("\(root)/blobs") }
        try synchroniseFolder(root)
    }

    /// The names of the folders in `blobs`: the digests' first two digits.
    static func name(_ prefix: Int) -> String {
        (prefix < 16 ? "0" : "") + String(prefix, radix: 16)
    }

    private func folder(of digest: BlobDigest) -> String { "\(root)/blobs/\(digest.rawValue.prefix(2))" }

    func path(of digest: BlobDigest) -> String { "\(folder(of: digest))/\(digest.rawValue)" }

    func path(of upload: UploadID) -> String { "\(root)/uploads/\(upload.client.rawValue)-\(upload.digest.rawValue)" }

    /// Brings a complete file into the store under its digest, on disk. If the blob is there already the file is left
    /// where it is, and so it is after most failures; but a file that could not be brought to disk is removed, because
    /// the system forgets which of its bytes are missing there, and to wait again proves nothing.
    func publish(_ file: OpenFile, as digest: BlobDigest) throws(StoreError) {
        var isMine = false
        if !touch(digest) {
            do throws(StoreError) {
                try file.synchronise(with: calls)
            } catch {
                unlink(file.path)
                throw error
            }
            isMine = try enter(file, as: digest)
        }
        do throws(StoreError) {
            // Also when another thread has just brought it in: its own wait for the folder may still be going on.
            try synchroniseFolder(folder(of: digest))
        } catch {
            if isMine { _ = calls.rename(path(of: digest), file.path) }
            throw error
        }
    }

    /// Gives the file its place, if the blob is not there by now; whether it did.
    private func enter(_ file: OpenFile, as digest: BlobDigest) throws(StoreError) -> Bool {
        try naming.withLock { _ throws(StoreError) in
            if touchLocked(digest) { return false }
            if calls.rename(file.path, path(of: digest)) == 0 { return true }
            throw .file(path(of: digest), "cannot be entered into the store")
        }
    }

    /// Whether the blob is there; if so it counts as new from now on, for ``remove(_:olderThan:)``.
    private func touch(_ digest: BlobDigest) -> Bool {
        naming.withLock { _ in touchLocked(digest) }
    }

    private func touchLocked(_ digest: BlobDigest) -> Bool {
        utimensat(AT_FDCWD, path(of: digest), nil, 0) == 0
    }

    /// Removes a blob if it has been there for so long; any blob with nil.
    func remove(_ digest: BlobDigest, olderThan age: Double?) throws(StoreError) -> Bool {
        let path = path(of: digest)
        return try naming.withLock { _ throws(StoreError) in
            if let age {
                guard let found = try self.age(of: path), found >= age else { return false }
            }
            if unlink(path) == 0 { return true }
            if errno == ENOENT { return false }
            throw .file(path, "cannot be removed")
        }
    }

    /// Moves the file of a blob out of the store, if it is still the one that was examined.
    func quarantine(_ digest: BlobDigest, identity: UInt64) throws(StoreError) {
        try naming.withLock { _ throws(StoreError) in
            guard let file = try OpenFile(path(of: digest), O_RDONLY), try file.identity() == identity else { return }
            var place = "\(root)/quarantine/\(digest.rawValue)"
            var attempt = 0
            while access(place, F_OK) == 0 {
                attempt += 1
                place = "\(root)/quarantine/\(digest.rawValue).\(attempt)"
            }
            if calls.rename(path(of: digest), place) != 0 { throw .file(path(of: digest), "cannot be moved aside") }
        }
        try synchroniseFolder("\(root)/quarantine")
        try synchroniseFolder(folder(of: digest))
    }

    /// Seconds since the file was last written; nil if it is not there.
    func age(of path: String) throws(StoreError) -> Double? {
        var status = stat()
        if stat(path, &status) != 0 {
            if errno == ENOENT { return nil }
            throw .file(path, "its age cannot be read")
        }
        #if canImport(Darwin)
            let written = status.st_mtimespec
        #else
            let written = status.st_mtim
        #endif
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Double(now.tv_sec - written.tv_sec) + Double(now.tv_nsec - written.tv_nsec) * 1e-9
    }

    /// The size of a file; nil if it is not there.
    func byteCount(of path: String) throws(StoreError) -> Int? {
        var status = stat()
        if stat(path, &status) == 0 { return Int(status.st_size) }
        if errno == ENOENT { return nil }
        throw .file(path, "its size cannot be read")
    }

    /// The names in a folder of the store, in order.
    func names(in folder: String) throws(StoreError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").sorted()
        } catch {
            throw StoreError(.io, "\(root)/\(folder): cannot be listed: does the folder exist, and may it be read?")
        }
    }

    private func makeFolder(_ path: String) throws(StoreError) {
        if mkdir(path, 0o700) == 0 {
            let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            return try synchroniseFolder(parent.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : parent)
        }
        if errno != EEXIST { throw .file(path, "the folder cannot be made") }
    }

    private func synchroniseFolder(_ path: String) throws(StoreError) {
        guard let folder = try OpenFile(path, O_RDONLY) else {
            throw StoreError(.io, "\(path): the folder is gone; put it back")
        }
        try folder.synchronise(with: calls)
    }
}
