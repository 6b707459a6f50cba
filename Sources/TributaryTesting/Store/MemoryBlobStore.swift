import Crypto
import Synchronization
public import TributaryCore
public import TributaryStore

/// Blobs in memory, for tests and simulations: time is told, and crashes, full disks and bit rot happen when asked for.
public final class MemoryBlobStore: BlobStore {
    struct Upload {
        var bytes: [UInt8] = []
        var byteCount = 0
        var generation = 0
        var isOpen = false
        var touchedAt = 0.0
    }

    struct State {
        var now = 0.0
        /// Counts the crashes: what was begun before one is closed.
        var epoch = 0
        var failure: StoreError?
        var blobs: [BlobDigest: (bytes: [UInt8], storedAt: Double)] = [:]
        var uploads: [UploadID: Upload] = [:]
        var quarantine: [BlobDigest] = []

        func checkFailure() throws(StoreError) {
            if let failure { throw failure }
        }

        mutating func store(_ bytes: [UInt8], as digest: BlobDigest) {
            blobs[digest] = (blobs[digest]?.bytes ?? bytes, now)
        }
    }

    let state = Mutex(State())

    /// A store without blobs, at time 0.
    public init() {}

    /// Lets time pass for the ages of blobs and uploads.
    public func advance(by seconds: Double) {
        state.withLock { $0.now += seconds }
    }

    /// From now on everything that writes fails so; with nil it works again.
    public func fail(with error: StoreError?) {
        state.withLock { $0.failure = error }
    }

    /// The machine crashes and starts again: what was not finished is lost, and writers from before are closed.
    public func crash() {
        state.withLock { state in
            state.epoch += 1
            state.uploads = [:]
        }
    }

    /// The process ends and starts again: uploads are kept, drafts are lost, and writers from before are closed.
    public func restart() {
        state.withLock { state in
            state.epoch += 1
            for upload in Array(state.uploads.keys) { state.uploads[upload]?.isOpen = false }
        }
    }

    /// Flips the lowest bit of a blob's byte, if there is such a byte.
    public func damage(_ digest: BlobDigest, at place: Int) {
        state.withLock { state in
            guard let count = state.blobs[digest]?.bytes.count, (0..<count).contains(place) else { return }
            state.blobs[digest]?.bytes[place] ^= 1
        }
    }

    /// Blobs that were moved aside.
    public var quarantine: [BlobDigest] { state.withLock { $0.quarantine } }

    /// The size of a blob; nil if it is not there.
    public func byteCount(of digest: BlobDigest) throws(StoreError) -> Int? {
        state.withLock { $0.blobs[digest]?.bytes.count }
    }

    /// A blob to be read; nil if it is not there.
    public func open(_ digest: BlobDigest) throws(StoreError) -> (any BlobReader)? {
        state.withLock { $0.blobs[digest] }.map { MemoryBlobReader(bytes: $0.bytes) }
    }

    /// Whether the blob is there for somebody who relies on it from now on.
    public func confirm(_ digest: BlobDigest) throws(StoreError) -> Bool {
        try state.withLock { state throws(StoreError) in
            guard state.blobs[digest] != nil else { return false }
            try state.checkFailure()
            state.blobs[digest]?.storedAt = state.now
            return true
        }
    }

    /// Begins a blob whose digest will be known at its end.
    public func makeBlob() throws(StoreError) -> any BlobWriter {
        MemoryBlobWriter(self, epoch: state.withLock { $0.epoch })
    }

    /// How much of an upload has arrived; nil if nothing is known of it.
    public func uploadOffset(_ upload: UploadID) throws(StoreError) -> Int? {
        state.withLock { $0.uploads[upload]?.bytes.count }
    }

    /// Opens an upload, to go on at its offset; ends an earlier writer of it.
    public func openUpload(_ upload: UploadID, byteCount: Int) throws(StoreError) -> any UploadWriter {
        guard byteCount >= 0 else { throw StoreError(.conflict, "an upload cannot be \(byteCount) bytes long") }
        let (epoch, generation, offset) = try state.withLock { state throws(StoreError) in
            try state.checkFailure()
            var entry = state.uploads[upload] ?? Upload(touchedAt: state.now)
            entry.generation += 1
            entry.isOpen = true
            entry.byteCount = byteCount
            if entry.bytes.count > byteCount { entry.bytes = [] }
            state.uploads[upload] = entry
            return (state.epoch, entry.generation, entry.bytes.count)
        }
        return MemoryUploadWriter(self, upload, epoch: epoch, generation: generation, offset: offset)
    }

    /// Forgets an upload, if there is one.
    public func discardUpload(_ upload: UploadID) throws(StoreError) {
        state.withLock { $0.uploads[upload] = nil }
    }

    /// Removes a blob, if it is there.
    public func remove(_ digest: BlobDigest) throws(StoreError) {
        state.withLock { $0.blobs[digest] = nil }
    }

    /// Removes a blob that was stored, last, at least `age` seconds ago; whether it did.
    public func remove(_ digest: BlobDigest, olderThan age: Double) throws(StoreError) -> Bool {
        state.withLock { state in
            guard let blob = state.blobs[digest], state.now - blob.storedAt >= age else { return false }
            state.blobs[digest] = nil
            return true
        }
    }

    /// Whether the blob is what its digest says; moves it aside if not.
    public func verify(_ digest: BlobDigest) throws(StoreError) -> Bool {
        state.withLock { state in
            guard let blob = state.blobs[digest] else { return false }
            if BlobDigest(of: blob.bytes) == digest { return true }
            state.blobs[digest] = nil
            state.quarantine.append(digest)
            return false
        }
    }

    /// All blobs in the order of their digests, with their ages in seconds.
    public func blobs() throws(StoreError) -> [(digest: BlobDigest, age: Double)] {
        state.withLock { state in
            state.blobs.map { (digest: $0.key, age: state.now - $0.value.storedAt) }.sorted { $0.digest < $1.digest }
        }
    }

    /// Forgets uploads that nothing was added to for `age` seconds; returns how many.
    public func discardUploads(olderThan age: Double) throws(StoreError) -> Int {
        state.withLock { state in
            let old = state.uploads.filter { state.now - $0.value.touchedAt >= age }.keys
            for upload in old { state.uploads[upload] = nil }
            return old.count
        }
    }
}
