import Crypto
import TributaryCore

/// A blob's file, open for reading.
final class FolderBlobReader: BlobReader {
    private let file: OpenFile
    let byteCount: Int

    init(_ file: OpenFile, byteCount: Int) {
        self.file = file
        self.byteCount = byteCount
    }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
        guard offset >= 0, offset <= byteCount, buffer.count <= byteCount - offset else {
            throw StoreError(
                .damaged,
                "\(file.path): \(buffer.count) bytes at \(offset) were asked for, but it has \(byteCount) bytes")
        }
        guard try file.read(at: offset, into: buffer) == buffer.count else {
            throw StoreError(
                .damaged,
                "\(file.path): it was cut off while it was read; have it verified, or restore it from a backup")
        }
    }
}

/// A draft that becomes a blob.
final class FolderBlobWriter: BlobWriter {
    private let folder: BlobFolder
    private let path: String
    private var file: OpenFile?
    private var hash = SHA256()
    private var byteCount = 0

    init(_ path: String, in folder: BlobFolder) throws(StoreError) {
        self.folder = folder
        self.path = path
        file = try OpenFile(path, .creating, in: folder.files)
    }

    deinit {
        cancel()
    }

    private func openFile() throws(StoreError) -> OpenFile {
        if let file { return file }
        throw StoreError(.closed, "\(path): this draft has ended; make a new blob")
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        try openFile().write(bytes, at: byteCount)
        hash.update(bufferPointer: bytes)
        byteCount += bytes.count
    }

    func finish() throws(StoreError) -> (digest: BlobDigest, byteCount: Int) {
        let file = try openFile()
        guard let digest = BlobDigest(bytes: Array(hash.finalize())) else {
            preconditionFailure("SHA-256 has 32 bytes")
        }
        defer { cancel() }
        do throws(BlobFolder.EntryFailure) {
            try folder.enter(file, byteCount: byteCount, as: digest)
        } catch {
            throw error.error
        }
        return (digest, byteCount)
    }

    func cancel() {
        if file == nil { return }
        file = nil
        // What is left is removed at the next start.
        try? folder.files.remove(path)
    }
}

/// One generation of an upload's writers.
final class FolderUploadWriter: UploadWriter {
    private let slot: UploadSlot
    private let generation: Int
    private(set) var offset: Int

    init(_ slot: UploadSlot, byteCount: Int) throws(StoreError) {
        self.slot = slot
        (generation, offset) = try slot.open(byteCount: byteCount)
    }

    deinit {
        suspend()
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        offset = try slot.append(bytes, generation: generation)
    }

    func finish() throws(StoreError) -> UploadEnd {
        try slot.finish(generation: generation)
    }

    func suspend() {
        slot.suspend(generation: generation)
    }
}
