import Crypto
import Synchronization
import TributaryCore

/// One upload's file and the digest of what has arrived of it.
///
/// Every opening counts the generation up, which is how an earlier writer notices that it is no longer the one. The lock
/// is held while bytes are written: two threads that write one upload take turns, and only they wait for each other.
final class UploadSlot: Sendable {
    private let upload: UploadID
    private let folder: BlobFolder
    private let path: String
    private let state = Mutex(State())

    private struct State {
        var generation = 0
        /// Open as long as a writer is.
        var file: OpenFile?
        /// The digest of the first `offset` bytes; kept between writers, so that going on need not read them again.
        var hash = SHA256()
        /// How much has arrived; nil if that is for the file to say.
        var offset: Int?
        var byteCount = 0
        /// Whether the file holds what cannot be used and could not be removed.
        var isSpoilt = false

        /// Nobody writes any more.
        mutating func release() {
            generation += 1
            file = nil
        }

        /// Nothing is known any more.
        mutating func forget() {
            release()
            hash = SHA256()
            offset = nil
        }
    }

    init(_ upload: UploadID, in folder: BlobFolder) {
        self.upload = upload
        self.folder = folder
        path = folder.path(of: upload)
    }

    private var closed: StoreError {
        StoreError(.closed, "\(path): this writer of the upload has ended; open the upload again to go on")
    }

    /// How much has arrived; nil without a file.
    func offset() throws(StoreError) -> Int? {
        try state.withLock { state throws(StoreError) in
            if state.file != nil { return state.offset }
            guard !state.isSpoilt, let size = try folder.status(of: path)?.byteCount else { return nil }
            return min(size, state.offset ?? size)
        }
    }

    /// Begins a generation of writers.
    func open(byteCount: Int) throws(StoreError) -> (generation: Int, offset: Int) {
        guard byteCount >= 0 else {
            throw StoreError(.conflict, "\(path): an upload cannot be \(byteCount) bytes long")
        }
        return try state.withLock { state throws(StoreError) in
            state.generation += 1
            let file = if let open = state.file { open } else { try resumedFile(&state) }
            // Another size than was announced before is taken at its word, as the digest decides in the end; but what
            // has arrived beyond it shows that this is not the beginning of it.
            if let offset = state.offset, offset > byteCount {
                try file.truncate(to: 0)
                state.hash = SHA256()
                state.offset = 0
            }
            state.byteCount = byteCount
            state.file = file
            return (state.generation, state.offset ?? 0)
        }
    }

    /// Opens the file and sees to it that `hash` and `offset` speak of the bytes that are in it.
    private func resumedFile(_ state: inout State) throws(StoreError) -> OpenFile {
        if state.isSpoilt {
            _ = try folder.remove(path)
            state.isSpoilt = false
        }
        guard let file = try OpenFile(path, .writing, in: folder.files) else { throw closed }
        let size = try file.status().byteCount
        if let known = state.offset, known <= size {
            if known < size { try file.truncate(to: known) }
            return file
        }
        // What an earlier process wrote may have failed to reach the disk when nobody was left to be told: only what is
        // written again is waited for in the end.
        var hash = SHA256()
        try file.rewrite(upTo: size) { hash.update(bufferPointer: $0) }
        state.hash = hash
        state.offset = size
        return file
    }

    /// Adds bytes; returns how much has arrived.
    func append(_ bytes: UnsafeRawBufferPointer, generation: Int) throws(StoreError) -> Int {
        try state.withLock { state throws(StoreError) in
            guard state.generation == generation, let file = state.file, let offset = state.offset else { throw closed }
            guard bytes.count <= state.byteCount - offset else {
                throw StoreError(
                    .conflict, "\(path): \(bytes.count) more bytes at \(offset) exceed the \(state.byteCount) announced"
                )
            }
            try file.write(bytes, at: offset)
            state.hash.update(bufferPointer: bytes)
            state.offset = offset + bytes.count
            return offset + bytes.count
        }
    }

    /// Ends the upload if it is complete.
    func finish(generation: Int) throws(StoreError) -> UploadEnd {
        try state.withLock { state throws(StoreError) in
            guard state.generation == generation, let file = state.file else { throw closed }
            guard state.offset == state.byteCount else { return .incomplete }
            guard BlobDigest(bytes: Array(state.hash.finalize())) == upload.digest else {
                spoil(&state, file)
                return .wrongDigest
            }
            do throws(BlobFolder.EntryFailure) {
                try folder.enter(file, byteCount: state.byteCount, as: upload.digest)
            } catch {
                switch error.file {
                case .kept: break
                case .lost: spoil(&state, file)
                case .entered: state.forget()
                }
                throw error.error
            }
            state.forget()
            // It is still there if the blob was. What is left is of no use, and forgotten in time.
            try? folder.files.remove(path)
            return .stored
        }
    }

    /// Forgets bytes that cannot be used.
    private func spoil(_ state: inout State, _ file: OpenFile) {
        state.forget()
        do throws(StoreError) {
            _ = try folder.remove(path)
        } catch {
            // Also for the process after this one.
            try? file.truncate(to: 0)
            state.isSpoilt = true
        }
    }

    /// Lets go of the upload, if the generation is still the one that writes.
    func suspend(generation: Int) {
        state.withLock { state in
            if state.generation == generation { state.release() }
        }
    }

    /// Forgets the upload if nothing was added for `age` seconds, at once with nil; whether there was one.
    func discard(olderThan age: Double?) throws(StoreError) -> Bool {
        try state.withLock { state throws(StoreError) in
            if let age {
                guard let found = try folder.age(of: path), found >= age else { return false }
            }
            state.forget()
            return try folder.remove(path)
        }
    }
}
