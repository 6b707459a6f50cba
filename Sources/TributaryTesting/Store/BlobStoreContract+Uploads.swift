import Dispatch
import Synchronization
import TributaryCore
import TributaryStore

extension BlobStoreContract {
    static let uploadChecks: [(name: String, run: Check)] = [
        ("an upload goes on where it ended", uploadGoesOn),
        ("an incomplete upload is not stored", incompleteIsNotStored),
        ("an upload of other bytes is refused and gone", wrongDigestIsGone),
        ("bytes beyond the announced size are refused", excessIsRefused),
        ("a second writer ends the first", secondWriterEndsFirst),
        ("a discarded upload is gone", discardedIsGone),
        ("forgotten uploads are discarded", forgottenAreDiscarded),
        ("a shorter announcement begins anew", shorterBeginsAnew),
        ("uploads from many threads are stored", manyThreads),
    ]

    private static func upload(_ bytes: [UInt8], client: UInt64 = 7) -> UploadID {
        UploadID(client: ClientID(client), digest: BlobDigest(of: bytes))
    }

    private static func uploadGoesOn(_ store: any BlobStore, _ seed: UInt64) throws {
        let bytes = SampleBytes.random(10_000, seed: seed)
        let upload = upload(bytes)
        try hold(try store.uploadOffset(upload) == nil, "an unknown upload has an offset")
        var offset = 0
        for end in [0, 1, 4096, 4096, 9999, 10_000] {
            let writer = try store.openUpload(upload, byteCount: bytes.count)
            try hold(writer.offset == offset, "opened at \(writer.offset), not \(offset)")
            try writer.append(bytes[offset..<end])
            offset = end
            try hold(writer.offset == offset, "stands at \(writer.offset), not \(offset)")
            try hold(try store.uploadOffset(upload) == offset, "an open upload has another offset than \(offset)")
            if end % 2 == 0 { writer.suspend() }
            try hold(try store.byteCount(of: upload.digest) == nil, "an unfinished blob is there")
        }
        try hold(try store.uploadOffset(upload) == offset, "another offset than \(offset)")
        let writer = try store.openUpload(upload, byteCount: bytes.count)
        try hold(try writer.finish() == .stored, "it is not stored")
        try hold(try store.bytes(of: upload.digest) == bytes, "other bytes")
        try hold(try store.uploadOffset(upload) == nil, "a stored upload has an offset")
        try holdFailure(.closed, "adding to a stored upload") { try writer.append([1][...]) }
    }

    private static func incompleteIsNotStored(_ store: any BlobStore, _ seed: UInt64) throws {
        let bytes = SampleBytes.random(100, seed: seed)
        let writer = try store.openUpload(upload(bytes), byteCount: 100)
        try writer.append(bytes[..<99])
        try hold(try writer.finish() == .incomplete, "it is complete")
        try hold(try store.byteCount(of: BlobDigest(of: bytes)) == nil, "it is there")
        try writer.append(bytes[99...])
        try hold(try writer.finish() == .stored, "it cannot be completed")
    }

    private static func wrongDigestIsGone(_ store: any BlobStore, _ seed: UInt64) throws {
        let bytes = SampleBytes.random(100, seed: seed)
        let upload = upload(bytes)
        let writer = try store.openUpload(upload, byteCount: 100)
        try writer.append(SampleBytes.random(100, seed: seed + 1)[...])
        try hold(try writer.finish() == .wrongDigest, "other bytes are taken")
        try hold(try store.uploadOffset(upload) == nil, "there is something left of it")
        try hold(try store.blobs().isEmpty, "it is there")
        let second = try store.openUpload(upload, byteCount: 100)
        try second.append(bytes[...])
        try hold(try second.finish() == .stored, "the right bytes are not taken afterwards")
    }

    private static func excessIsRefused(_ store: any BlobStore, _ seed: UInt64) throws {
        let bytes = SampleBytes.random(100, seed: seed)
        try holdFailure(.conflict, "a negative size") { _ = try store.openUpload(upload(bytes), byteCount: -1) }
        let writer = try store.openUpload(upload(bytes), byteCount: 100)
        try writer.append(bytes[..<60])
        try holdFailure(.conflict, "41 bytes after 60 of 100") { try writer.append(bytes[..<41]) }
        try hold(writer.offset == 60, "refused bytes were added")
        try writer.append(bytes[60...])
        try hold(try writer.finish() == .stored, "it is spoilt")
    }

    private static func secondWriterEndsFirst(_ store: any BlobStore, _ seed: UInt64) throws {
        let bytes = SampleBytes.random(100, seed: seed)
        let upload = upload(bytes)
        let first = try store.openUpload(upload, byteCount: 100)
        try first.append(bytes[..<50])
        let second = try store.openUpload(upload, byteCount: 100)
        try hold(second.offset == 50, "the second begins at \(second.offset)")
        try holdFailure(.closed, "the first adds") { try first.append(bytes[50...]) }
        try holdFailure(.closed, "the first finishes") { _ = try first.finish() }
        first.suspend()
        try second.append(bytes[50...])
        try hold(try second.finish() == .stored, "the second is not stored")
    }

    private static func discardedIsGone(_ store: any BlobStore, _ seed: UInt64) throws {
        let bytes = SampleBytes.random(100, seed: seed)
        let upload = upload(bytes)
        try store.discardUpload(upload)
        let writer = try store.openUpload(upload, byteCount: 100)
        try writer.append(bytes[..<50])
        try store.discardUpload(upload)
        try hold(try store.uploadOffset(upload) == nil, "it is there")
        try holdFailure(.closed, "its writer adds") { try writer.append(bytes[50...]) }
        try hold(try store.openUpload(upload, byteCount: 100).offset == 0, "it does not begin anew")
    }

    private static func forgottenAreDiscarded(_ store: any BlobStore, _ seed: UInt64) throws {
        for client in 0..<UInt64(3) {
            let bytes = SampleBytes.random(100, seed: seed + client)
            let writer = try store.openUpload(upload(bytes, client: client), byteCount: 100)
            try writer.append(bytes[..<50])
        }
        try hold(try store.discardUploads(olderThan: 3600) == 0, "new ones are discarded")
        try hold(try store.discardUploads(olderThan: 0) == 3, "not all are discarded")
        try hold(try store.discardUploads(olderThan: 0) == 0, "some are discarded twice")
    }

    private static func shorterBeginsAnew(_ store: any BlobStore, _ seed: UInt64) throws {
        let bytes = SampleBytes.random(100, seed: seed)
        let longer = try store.openUpload(upload(bytes), byteCount: 200)
        try longer.append(SampleBytes.random(150, seed: seed + 1)[...])
        let writer = try store.openUpload(upload(bytes), byteCount: 100)
        try hold(writer.offset == 0, "it begins at \(writer.offset)")
        try writer.append(bytes[...])
        try hold(try writer.finish() == .stored, "it is not stored")
    }

    /// Every blob is uploaded by two clients at once, in pieces.
    private static func manyThreads(_ store: any BlobStore, _ seed: UInt64) throws {
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 24) { index in
            do {
                let bytes = SampleBytes.random(200_000, seed: seed + UInt64(index / 2))
                let writer = try store.openUpload(upload(bytes, client: UInt64(index)), byteCount: bytes.count)
                for start in stride(from: 0, to: bytes.count, by: 50_000) {
                    try writer.append(bytes[start..<start + 50_000])
                }
                try hold(try writer.finish() == .stored, "upload \(index) is not stored")
                try hold(try store.bytes(of: BlobDigest(of: bytes)) == bytes, "upload \(index) has other bytes")
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        let failed = failures.withLock { $0 }
        try hold(failed.isEmpty, failed.joined(separator: ", "))
        let count = try store.blobs().count
        try hold(count == 12, "\(count) blobs, not 12")
    }
}
