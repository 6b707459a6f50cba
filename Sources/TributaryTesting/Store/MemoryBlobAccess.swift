import Synchronization
import TributaryCore
import TributaryStore

/// A blob in memory.
struct MemoryBlobReader: BlobReader {
    let bytes: [UInt8]

    var byteCount: Int { bytes.count }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
        guard offset >= 0, offset <= bytes.count, buffer.count <= bytes.count - offset else {
            throw StoreError(.damaged, "the blob has \(bytes.count) bytes, not \(buffer.count) at \(offset)")
        }
        buffer.copyBytes(from: bytes[offset..<offset + buffer.count])
    }
}

/// A draft in memory.
final class MemoryBlobWriter: BlobWriter {
    private let store: MemoryBlobStore
    private let epoch: Int
    private var bytes: [UInt8]? = []

    init(_ store: MemoryBlobStore, epoch: Int) {
        self.store = store
        self.epoch = epoch
    }

    private func check(_ state: MemoryBlobStore.State) throws(StoreError) {
        guard bytes != nil, state.epoch == epoch else { throw StoreError(.closed, "this draft has ended") }
        try state.checkFailure()
    }

    func append(_ more: UnsafeRawBufferPointer) throws(StoreError) {
        try store.state.withLock { state throws(StoreError) in try check(state) }
        bytes?.append(contentsOf: more)
    }

    func finish() throws(StoreError) -> (digest: BlobDigest, byteCount: Int) {
        let content = bytes ?? []
        let digest = BlobDigest(of: content)
        try store.state.withLock { state throws(StoreError) in
            try check(state)
            state.store(content, as: digest)
        }
        cancel()
        return (digest, content.count)
    }

    func cancel() {
        bytes = nil
    }
}

/// A writer of an upload in memory.
final class MemoryUploadWriter: UploadWriter {
    private let store: MemoryBlobStore
    private let upload: UploadID
    private let epoch: Int
    private let generation: Int
    private(set) var offset: Int

    init(_ store: MemoryBlobStore, _ upload: UploadID, epoch: Int, generation: Int, offset: Int) {
        self.store = store
        self.upload = upload
        self.epoch = epoch
        self.generation = generation
        self.offset = offset
    }

    deinit {
        suspend()
    }

    private func entry(of state: MemoryBlobStore.State) throws(StoreError) -> MemoryBlobStore.Upload {
        guard let entry = state.uploads[upload], isMine(entry, state) else {
            throw StoreError(.closed, "this writer of the upload has ended")
        }
        return entry
    }

    private func isMine(_ entry: MemoryBlobStore.Upload, _ state: MemoryBlobStore.State) -> Bool {
        state.epoch == epoch && entry.generation == generation && entry.isOpen
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        let more = Array(bytes)
        offset = try store.state.withLock { state throws(StoreError) in
            let entry = try entry(of: state)
            guard more.count <= entry.byteCount - entry.bytes.count else {
                throw StoreError(.conflict, "more bytes than the \(entry.byteCount) announced")
            }
            try state.checkFailure()
            state.uploads[upload]?.bytes.append(contentsOf: more)
            state.uploads[upload]?.touchedAt = state.now
            return entry.bytes.count + more.count
        }
    }

    func finish() throws(StoreError) -> UploadEnd {
        try store.state.withLock { state throws(StoreError) in
            let entry = try entry(of: state)
            guard entry.bytes.count == entry.byteCount else { return .incomplete }
            let isRight = BlobDigest(of: entry.bytes) == upload.digest
            if isRight {
                try state.checkFailure()
                state.store(entry.bytes, as: upload.digest)
            }
            state.uploads[upload] = nil
            return isRight ? .stored : .wrongDigest
        }
    }

    func suspend() {
        store.state.withLock { state in
            if let entry = state.uploads[upload], isMine(entry, state) { state.uploads[upload]?.isOpen = false }
        }
    }
}
