public import TributaryCore

/// Models and updates by the SHA-256 of their bytes.
///
/// A blob is there as a whole or not at all: bytes gather in a draft until their digest is known to be right and they
/// are on disk. All calls block the calling thread for as long as the disk takes, and may be made from any thread.
///
/// Every implementation passes `BlobStoreContract` of TributaryTesting.
public protocol BlobStore: Sendable {
    /// The size of a blob in bytes; nil if it is not there.
    func byteCount(of digest: BlobDigest) throws(StoreError) -> Int?

    /// A blob to be read; nil if it is not there.
    func open(_ digest: BlobDigest) throws(StoreError) -> (any BlobReader)?

    /// Whether a blob is there, for somebody who relies on it from now on. If so it counts as new, as if it had just been
    /// stored again, and is on disk when this returns. That a blob can be seen says neither.
    func confirm(_ digest: BlobDigest) throws(StoreError) -> Bool

    /// Begins a blob whose digest will be known at its end.
    func makeBlob() throws(StoreError) -> any BlobWriter

    /// How much of an upload has arrived; nil if nothing is known of it. Uploads survive a restart of the process; what
    /// of their last bytes survives a crash of the machine is checked by their digest in the end.
    func uploadOffset(_ upload: UploadID) throws(StoreError) -> Int?

    /// Opens an upload of `byteCount` bytes in all, to go on at its offset. Only one writer of an upload at a time is
    /// good: opening it again ends the earlier writer, whose calls from then on throw `.closed`.
    func openUpload(_ upload: UploadID, byteCount: Int) throws(StoreError) -> any UploadWriter

    /// Forgets an upload, if there is one.
    func discardUpload(_ upload: UploadID) throws(StoreError)

    /// Removes a blob, if it is there.
    func remove(_ digest: BlobDigest) throws(StoreError)

    /// Removes a blob that has been there for at least `age` seconds; whether it did. A blob that is stored again counts
    /// as new, so that a sweep which has just found it old and unnamed does not take it from the one who stored it.
    func remove(_ digest: BlobDigest, olderThan age: Double) throws(StoreError) -> Bool

    /// Reads a blob to the end and compares its digest. A blob that is not what its name says is moved aside, out of the
    /// store, and false is returned; false also if there is none.
    func verify(_ digest: BlobDigest) throws(StoreError) -> Bool

    /// All blobs, with their ages in seconds.
    func blobs() throws(StoreError) -> [(digest: BlobDigest, age: Double)]

    /// Forgets uploads that nothing was added to for `age` seconds; returns how many.
    func discardUploads(olderThan age: Double) throws(StoreError) -> Int
}

/// An upload's name: one client's bytes of one digest.
public struct UploadID: Hashable, Sendable {
    /// Whose upload it is.
    public var client: ClientID
    /// The digest that it will have.
    public var digest: BlobDigest

    /// A name with both its parts.
    public init(client: ClientID, digest: BlobDigest) {
        self.client = client
        self.digest = digest
    }
}

/// A blob to be read at any place, from any thread.
public protocol BlobReader: Sendable {
    /// Its size in bytes.
    var byteCount: Int { get }

    /// Fills the buffer with the bytes from `offset` on. Asking for bytes beyond the end throws `.damaged`: a blob's size
    /// is part of what is known of it.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError)
}

/// A blob in the making. One thread at a time.
public protocol BlobWriter: AnyObject {
    /// Adds bytes.
    func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError)

    /// Ends the blob: it is in the store and on disk when this returns its digest.
    func finish() throws(StoreError) -> (digest: BlobDigest, byteCount: Int)

    /// Gives it up. Also happens when the writer goes away unfinished.
    func cancel()
}

/// An upload in the making. One thread at a time.
public protocol UploadWriter: AnyObject {
    /// How much has arrived.
    var offset: Int { get }

    /// Adds bytes; beyond the announced size it throws `.conflict`.
    func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError)

    /// If all bytes are there, ends the upload: `.stored` when the blob is in the store and on disk, `.wrongDigest` when
    /// it was another than announced and is gone; `.incomplete` if bytes are missing.
    func finish() throws(StoreError) -> UploadEnd

    /// Lets go of the upload, which can be gone on with later.
    func suspend()
}

/// How an upload stands when its sender has sent what it had.
public enum UploadEnd: Hashable, Sendable {
    /// It is in the store and on disk.
    case stored
    /// It was not what its digest says, and is gone.
    case wrongDigest
    /// Bytes are missing.
    case incomplete
}
