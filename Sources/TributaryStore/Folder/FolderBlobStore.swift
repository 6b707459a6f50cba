import Crypto
import Synchronization
public import TributaryCore

/// Blobs as files of a folder.
///
/// | in the folder | is |
/// | --- | --- |
/// | `blobs/ab/abcdef…` | a blob under its digest; what stands here is complete and on disk |
/// | `drafts/` | blobs in the making; emptied at every start |
/// | `uploads/CLIENT-DIGEST` | what has arrived of an upload |
/// | `quarantine/` | files that were not what their names said |
///
/// A file enters `blobs` by being written, brought to disk and renamed, and its folder is brought to disk too, before
/// anybody is told. Digests are computed while bytes arrive. One process at a time uses a folder: the lock of the ledger
/// beside it sees to that.
///
/// An upload that is opened with another size than before goes on with the new size, unless more bytes than that have
/// arrived, in which case it begins anew. An upload that could not be brought to disk begins anew too.
public final class FolderBlobStore: BlobStore {
    private let folder: BlobFolder
    private let uploads: UploadRegistry
    private let draftCount = Atomic<Int>(0)

    /// The store in the folder, which is made if it is missing; the folder above must be there.
    public convenience init(path: String) throws(StoreError) {
        try self.init(path: path, files: PosixFileSystem())
    }

    /// The store in the folder of a file system.
    package init(path: String, files: any FileSystem) throws(StoreError) {
        folder = try BlobFolder(root: path, files: files)
        uploads = UploadRegistry(folder)
        for name in try folder.names(in: "drafts") { _ = try folder.remove("\(path)/drafts/\(name)") }
    }

    /// The size of a blob; nil if it is not there.
    public func byteCount(of digest: BlobDigest) throws(StoreError) -> Int? {
        try folder.status(of: folder.path(of: digest))?.byteCount
    }

    /// A blob to be read; nil if it is not there.
    public func open(_ digest: BlobDigest) throws(StoreError) -> (any BlobReader)? {
        guard let file = try OpenFile(folder.path(of: digest), .reading, in: folder.files) else { return nil }
        return FolderBlobReader(file, byteCount: try file.status().byteCount)
    }

    /// Whether the blob is there for somebody who relies on it from now on.
    public func confirm(_ digest: BlobDigest) throws(StoreError) -> Bool {
        try folder.confirm(digest)
    }

    /// Begins a blob whose digest will be known at its end.
    public func makeBlob() throws(StoreError) -> any BlobWriter {
        let number = draftCount.wrappingAdd(1, ordering: .relaxed).newValue
        return try FolderBlobWriter("\(folder.root)/drafts/\(number)", in: folder)
    }

    /// How much of an upload has arrived; nil if nothing is known of it.
    public func uploadOffset(_ upload: UploadID) throws(StoreError) -> Int? {
        try uploads.slot(of: upload).offset()
    }

    /// Opens an upload, to go on at its offset; ends an earlier writer of it.
    public func openUpload(_ upload: UploadID, byteCount: Int) throws(StoreError) -> any UploadWriter {
        try FolderUploadWriter(uploads.slot(of: upload), byteCount: byteCount)
    }

    /// Forgets an upload, if there is one.
    public func discardUpload(_ upload: UploadID) throws(StoreError) {
        _ = try uploads.slot(of: upload).discard(olderThan: nil)
    }

    /// Removes a blob, if it is there.
    public func remove(_ digest: BlobDigest) throws(StoreError) {
        _ = try folder.remove(digest, olderThan: nil)
    }

    /// Removes a blob that was stored, last, at least `age` seconds ago; whether it did.
    public func remove(_ digest: BlobDigest, olderThan age: Double) throws(StoreError) -> Bool {
        try folder.remove(digest, olderThan: age)
    }

    /// Whether the blob is what its digest says; moves it aside if not.
    public func verify(_ digest: BlobDigest) throws(StoreError) -> Bool {
        guard let file = try OpenFile(folder.path(of: digest), .reading, in: folder.files) else { return false }
        let status = try file.status()
        var hash = SHA256()
        try file.forEachPiece(upTo: status.byteCount) { hash.update(bufferPointer: $0) }
        if BlobDigest(bytes: Array(hash.finalize())) == digest { return true }
        try folder.quarantine(digest, identity: status.identity)
        return false
    }

    /// All blobs in the order of their digests, with their ages in seconds.
    public func blobs() throws(StoreError) -> [(digest: BlobDigest, age: Double)] {
        var found: [(digest: BlobDigest, age: Double)] = []
        for prefix in BlobFolder.names {
            for name in try folder.names(in: "blobs/\(prefix)") {
                guard let digest = BlobDigest(rawValue: name), let age = try folder.age(of: folder.path(of: digest))
                else { continue }
                found.append((digest, age))
            }
        }
        return found
    }

    /// Forgets uploads that nothing was added to for `age` seconds; returns how many.
    public func discardUploads(olderThan age: Double) throws(StoreError) -> Int {
        var count = 0
        for name in try folder.names(in: "uploads") {
            let parts = name.split(separator: "-")
            guard parts.count == 2, let client = UInt64(parts[0]), let digest = BlobDigest(rawValue: String(parts[1]))
            else { continue }
            let slot = uploads.slot(of: UploadID(client: ClientID(client), digest: digest))
            if try slot.discard(olderThan: age) { count += 1 }
        }
        return count
    }
}
