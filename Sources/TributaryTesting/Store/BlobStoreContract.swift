import TributaryCore
public import TributaryStore

/// What every `BlobStore` promises, as checks that any store can be put through.
///
/// ```swift
/// #expect(BlobStoreContract { MemoryBlobStore() }.violations(seed: 1).isEmpty)
/// ```
public struct BlobStoreContract {
    private let make: () throws -> any BlobStore

    /// The contract of the stores that the closure makes; each is to be empty.
    public init(_ make: @escaping () throws -> any BlobStore) {
        self.make = make
    }

    typealias Check = @Sendable (any BlobStore, UInt64) throws -> Void

    private static let checks: [(name: String, run: Check)] =
        [
            ("a blob is stored under the digest of its bytes", blobIsStored),
            ("blobs of any size can be read at any place", blobIsReadAnywhere),
            ("a draft that is not finished leaves nothing", draftLeavesNothing),
            ("the same bytes twice are one blob", sameBytesAreOneBlob),
            ("a removed blob is gone", removedBlobIsGone),
            ("a blob that is stored again counts as new", storedAgainIsNew),
            ("a confirmed blob is there and stays", confirmedIsThere),
            ("a good blob is verified", goodBlobIsVerified),
        ] + uploadChecks

    /// What the store breaks, in words; empty if it keeps the contract.
    public func violations(seed: UInt64) -> [String] {
        Self.checks.compactMap { check in
            do {
                try check.run(try make(), seed)
                return nil
            } catch let violation as ContractViolation {
                return "\(check.name): \(violation.description)"
            } catch {
                return "\(check.name): \(error)"
            }
        }
    }

    private static func blobIsStored(_ store: any BlobStore, _ seed: UInt64) throws {
        let bytes = SampleBytes.random(300_000, seed: seed)
        let writer = try store.makeBlob()
        for start in stride(from: 0, to: bytes.count, by: 70_001) {
            try writer.append(bytes[start..<min(start + 70_001, bytes.count)])
        }
        try hold(try store.blobs().isEmpty, "a draft is listed")
        let (digest, count) = try writer.finish()
        try hold(digest == BlobDigest(of: bytes) && count == bytes.count, "finished as \(digest), \(count) bytes")
        try hold(try store.byteCount(of: digest) == bytes.count, "another size")
        try hold(try store.bytes(of: digest) == bytes, "other bytes")
        try holdFailure(.closed, "adding to a finished blob") { try writer.append([1][...]) }
    }

    private static func blobIsReadAnywhere(_ store: any BlobStore, _ seed: UInt64) throws {
        for count in [0, 1, 4095, 4096, 4097] {
            let bytes = SampleBytes.random(count, seed: seed)
            guard let reader = try store.open(try store.store(bytes)) else { throw ContractViolation("not there") }
            try hold(reader.byteCount == count, "another size")
            for start in [0, count / 2, count] {
                try hold(try reader.bytes(start..<count) == Array(bytes[start...]), "other bytes from \(start) on")
            }
            try holdFailure(.damaged, "reading beyond the end") { _ = try reader.bytes(count..<count + 1) }
            try holdFailure(.damaged, "reading beyond the beginning") { _ = try reader.bytes(-1..<0) }
        }
    }

    private static func draftLeavesNothing(_ store: any BlobStore, _ seed: UInt64) throws {
        let bytes = SampleBytes.random(1000, seed: seed)
        let writer = try store.makeBlob()
        try writer.append(bytes[...])
        writer.cancel()
        try holdFailure(.closed, "finishing what was given up") { _ = try writer.finish() }
        let abandoned = try store.makeBlob()
        try abandoned.append(bytes[...])
        try hold(try store.byteCount(of: BlobDigest(of: bytes)) == nil, "it is there")
        try hold(try store.open(BlobDigest(of: bytes)) == nil, "it can be opened")
        try hold(try store.blobs().isEmpty, "it is listed")
    }

    private static func sameBytesAreOneBlob(_ store: any BlobStore, _ seed: UInt64) throws {
        let bytes = SampleBytes.random(1000, seed: seed)
        try hold(try store.store(bytes) == store.store(bytes), "two digests")
        try hold(try store.blobs().map(\.digest) == [BlobDigest(of: bytes)], "not one blob")
    }

    private static func removedBlobIsGone(_ store: any BlobStore, _ seed: UInt64) throws {
        let digests = try (0..<5).map { try store.store(SampleBytes.random(100, seed: seed + $0)) }
        try hold(Set(try store.blobs().map(\.digest)) == Set(digests), "not all are listed")
        try hold(try store.blobs().allSatisfy { $0.age >= 0 && $0.age < 3600 }, "a new blob is old")
        try store.remove(digests[0])
        try store.remove(digests[0])
        try hold(try !store.remove(digests[1], olderThan: 3600), "a young blob was swept")
        try hold(try store.remove(digests[2], olderThan: 0), "an old blob was not swept")
        try hold(try !store.remove(digests[2], olderThan: 0), "a blob was swept twice")
        try hold(Set(try store.blobs().map(\.digest)) == Set([digests[1]] + digests[3...]), "others are gone too")
        try hold(try store.byteCount(of: digests[0]) == nil, "a removed blob is there")
    }

    private static func storedAgainIsNew(_ store: any BlobStore, _ seed: UInt64) throws {
        let bytes = SampleBytes.random(100, seed: seed)
        let digest = try store.store(bytes)
        let upload = UploadID(client: ClientID(1), digest: digest)
        let writer = try store.openUpload(upload, byteCount: bytes.count)
        try writer.append(bytes[...])
        try hold(try writer.finish() == .stored, "an upload of a known blob is not stored")
        try hold(try !store.remove(digest, olderThan: 3600), "it was swept")
        try hold(try store.bytes(of: digest) == bytes, "its bytes changed")
    }

    private static func confirmedIsThere(_ store: any BlobStore, _ seed: UInt64) throws {
        let bytes = SampleBytes.random(100, seed: seed)
        try hold(try !store.confirm(BlobDigest(of: bytes)), "a blob that is not there is confirmed")
        let digest = try store.store(bytes)
        try hold(try store.confirm(digest), "a blob that is there is not confirmed")
        try hold(try !store.remove(digest, olderThan: 3600), "it was swept")
        try hold(try store.bytes(of: digest) == bytes, "its bytes changed")
        try store.remove(digest)
        try hold(try !store.confirm(digest), "a removed blob is confirmed")
    }

    private static func goodBlobIsVerified(_ store: any BlobStore, _ seed: UInt64) throws {
        let bytes = SampleBytes.random(2_500_000, seed: seed)
        try hold(try !store.verify(BlobDigest(of: bytes)), "a blob that is not there is good")
        let digest = try store.store(bytes)
        try hold(try store.verify(digest), "a good blob is bad")
        try hold(try store.bytes(of: digest) == bytes, "it changed")
    }
}
