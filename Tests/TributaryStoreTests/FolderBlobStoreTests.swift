import Foundation
import Testing
import TributaryCore
import TributaryStore
import TributaryTesting

struct FolderBlobStoreTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/store" }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func upload(_ bytes: [UInt8]) -> UploadID { UploadID(client: ClientID(7), digest: BlobDigest(of: bytes)) }

    private func name(_ upload: UploadID) -> String { "store/uploads/7-\(upload.digest)" }

    /// Uploads the beginning of the bytes, with a store that ends then.
    private func begin(_ bytes: [UInt8], upTo end: Int) throws {
        let writer = try FolderBlobStore(path: path).openUpload(upload(bytes), byteCount: bytes.count)
        try writer.append(bytes[..<end])
    }

    @Test(arguments: [0, 1, 4095, 4096, 4097, 1 << 20, (1 << 20) + 1, 2_999_999, 3_000_000])
    func anUploadGoesOnAfterARestart(offset: Int) throws {
        let bytes = SampleBytes.random(3_000_000, seed: 1)
        try begin(bytes, upTo: offset)
        let store = try FolderBlobStore(path: path)
        #expect(try store.uploadOffset(upload(bytes)) == offset)
        let writer = try store.openUpload(upload(bytes), byteCount: bytes.count)
        #expect(writer.offset == offset)
        try writer.append(bytes[offset...])
        #expect(try writer.finish() == .stored)
        #expect(try store.verify(BlobDigest(of: bytes)))
        #expect(try folder.names("store/uploads").isEmpty)
    }

    @Test func anUploadWhoseEndWasLostGoesOnWhereItsFileEnds() throws {
        let bytes = SampleBytes.random(10_000, seed: 1)
        try begin(bytes, upTo: 9000)
        try folder.write(name(upload(bytes)), bytes[..<5000])
        let store = try FolderBlobStore(path: path)
        let writer = try store.openUpload(upload(bytes), byteCount: bytes.count)
        #expect(writer.offset == 5000)
        try writer.append(bytes[5000...])
        #expect(try writer.finish() == .stored)
    }

    @Test func anUploadWhoseFileWasDamagedIsOfTheWrongDigest() throws {
        let bytes = SampleBytes.random(10_000, seed: 1)
        try begin(bytes, upTo: 9000)
        var damaged = Array(bytes[..<9000])
        damaged[4567] ^= 16
        try folder.write(name(upload(bytes)), damaged)
        let store = try FolderBlobStore(path: path)
        let writer = try store.openUpload(upload(bytes), byteCount: bytes.count)
        try writer.append(bytes[9000...])
        #expect(try writer.finish() == .wrongDigest)
        #expect(try store.uploadOffset(upload(bytes)) == nil)
        #expect(try store.blobs().isEmpty)
    }

    /// The running digest of a paused upload must not speak for bytes that its file no longer has.
    @Test func aPausedUploadWhoseFileShrankIsReadAgain() throws {
        let bytes = SampleBytes.random(10_000, seed: 1)
        let store = try FolderBlobStore(path: path)
        try store.openUpload(upload(bytes), byteCount: bytes.count).append(bytes[..<9000])
        try folder.write(name(upload(bytes)), bytes[..<100])
        let writer = try store.openUpload(upload(bytes), byteCount: bytes.count)
        #expect(writer.offset == 100)
        try writer.append(bytes[100...])
        #expect(try writer.finish() == .stored)
        #expect(try store.verify(BlobDigest(of: bytes)))
    }

    @Test func manyPausedUploadsAreStillGoneOnWith() throws {
        let store = try FolderBlobStore(path: path)
        let bytes = SampleBytes.random(100, seed: 1)
        let digest = BlobDigest(of: bytes)
        for client in 0..<UInt64(3000) {
            let upload = UploadID(client: ClientID(client), digest: digest)
            try store.openUpload(upload, byteCount: 100).append(bytes[..<50])
        }
        for client in [0, 1500, 2999] as [UInt64] {
            let upload = UploadID(client: ClientID(client), digest: digest)
            let writer = try store.openUpload(upload, byteCount: 100)
            #expect(writer.offset == 50)
            try writer.append(bytes[50...])
            #expect(try writer.finish() == .stored)
        }
        #expect(try store.discardUploads(olderThan: 0) == 2997)
    }

    @Test(arguments: [0, 1234, 2_000_000])
    func aDamagedBlobIsMovedAside(size: Int) throws {
        let bytes = SampleBytes.random(2_500_000, seed: 1)
        let store = try FolderBlobStore(path: path)
        let digest = try store.store(bytes)
        var damaged = Array(bytes[..<size])
        if size == 1234 { damaged = bytes.map { $0 ^ 1 } }
        try folder.write("store/blobs/\(digest.rawValue.prefix(2))/\(digest)", damaged)
        #expect(try !store.verify(digest))
        #expect(try store.byteCount(of: digest) == nil)
        #expect(try folder.names("store/quarantine") == [digest.rawValue])
        try store.store(bytes)
        #expect(try store.verify(digest))
        #expect(try store.bytes(of: digest) == bytes)
    }

    @Test func aBlobThatIsCutOffWhileItIsReadIsDamaged() throws {
        let store = try FolderBlobStore(path: path)
        let digest = try store.store(SampleBytes.random(1000, seed: 1))
        let reader = try #require(try store.open(digest))
        truncate("\(path)/blobs/\(digest.rawValue.prefix(2))/\(digest)", 500)
        #expect(throws: StoreError.self) { try reader.bytes(400..<600) }
        #expect(try reader.bytes(0..<500) == Array(SampleBytes.random(1000, seed: 1)[..<500]))
    }

    @Test func draftsAreGoneAfterARestartAndBlobsAreNot() throws {
        let store = try FolderBlobStore(path: path)
        let digest = try store.store(SampleBytes.random(1000, seed: 1))
        let draft = try store.makeBlob()
        try draft.append(SampleBytes.random(500, seed: 2)[...])
        let later = try FolderBlobStore(path: path)
        #expect(try folder.names("store/drafts").isEmpty)
        #expect(try later.verify(digest))
        #expect(throws: StoreError.self) { try draft.finish() }
        #expect(try later.blobs().map(\.digest) == [digest])
    }

    @Test func foreignFilesAreNotTakenForBlobs() throws {
        let store = try FolderBlobStore(path: path)
        try folder.write("store/blobs/ab/README", [1])
        try folder.write("store/uploads/README-1", [1])
        #expect(try store.blobs().isEmpty)
        #expect(try store.discardUploads(olderThan: 0) == 0)
    }

    @Test func aFolderThatCannotBeMadeIsNamed() throws {
        let error = #expect(throws: StoreError.self) { try FolderBlobStore(path: path + "/no/such") }
        #expect(error?.code == .io)
        #expect(error?.description.contains("store/no/such: the folder cannot be made: no such file") == true)
    }
}
