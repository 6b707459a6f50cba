import Foundation
import Testing
import TributaryCore
import TributaryStore
import TributaryTesting

/// Disks that are full or ill.
struct FolderFaultTests {
    private let folder: TemporaryFolder
    private let fault = FailingFileSystem()
    private let store: FolderBlobStore
    private let bytes = SampleBytes.random(10_000, seed: 1)
    private var upload: UploadID { UploadID(client: ClientID(7), digest: BlobDigest(of: bytes)) }

    init() throws {
        folder = try TemporaryFolder()
        store = try FolderBlobStore(path: folder.path + "/store", files: fault)
    }

    @Test func anUploadOnAFullDiskGoesOnWhenThereIsRoom() throws {
        let writer = try store.openUpload(upload, byteCount: bytes.count)
        try writer.append(bytes[..<3000])
        fault.set(.write, ENOSPC)
        let error = #expect(throws: StoreError.self) { try writer.append(bytes[3000...]) }
        #expect(error?.code == .full)
        #expect(error?.description.contains("no space left on device") == true)
        #expect(writer.offset == 3000)
        #expect(try store.uploadOffset(upload) == 3000)
        #expect(try folder.read("store/uploads/7-\(upload.digest)") == Array(bytes[..<3000]))
        fault.clear()
        try writer.append(bytes[3000...])
        #expect(try writer.finish() == .stored)
        #expect(try store.verify(upload.digest))
    }

    @Test(arguments: [ENOSPC, EDQUOT, EIO])
    func anUploadThatCannotBeBroughtToDiskBeginsAnew(number: Int32) throws {
        let writer = try store.openUpload(upload, byteCount: bytes.count)
        try writer.append(bytes[...])
        fault.set(.synchronise, number)
        let error = #expect(throws: StoreError.self) { try writer.finish() }
        #expect(error?.code == (number == EIO ? .io : .full))
        #expect(try store.blobs().isEmpty)
        #expect(try store.uploadOffset(upload) == nil)
        fault.clear()
        let second = try store.openUpload(upload, byteCount: bytes.count)
        try second.append(bytes[...])
        #expect(try second.finish() == .stored)
    }

    @Test func anUploadThatCannotBeEnteredCanBeFinishedLater() throws {
        let writer = try store.openUpload(upload, byteCount: bytes.count)
        try writer.append(bytes[...])
        fault.set(.rename, ENOSPC)
        #expect(throws: StoreError.self) { try writer.finish() }
        #expect(try store.blobs().isEmpty)
        #expect(try store.uploadOffset(upload) == bytes.count)
        fault.clear()
        #expect(try writer.finish() == .stored)
        #expect(try store.bytes(of: upload.digest) == bytes)
    }

    @Test(arguments: [(FailingFileSystem.Call.write, ENOSPC), (.synchronise, EIO), (.rename, EROFS)])
    func aDraftThatFailsLeavesNothing(call: FailingFileSystem.Call, number: Int32) throws {
        let error = #expect(throws: StoreError.self) {
            let writer = try store.makeBlob()
            fault.set(call, number)
            try writer.append(bytes[...])
            _ = try writer.finish()
        }
        #expect(error?.code == (call == .write ? .full : .io))
        #expect(try folder.names("store/drafts").isEmpty)
        #expect(try store.blobs().isEmpty)
        fault.clear()
        #expect(try store.verify(try store.store(bytes)))
    }

    @Test func aBlobIsConfirmedOnlyOnceItIsOnDisk() throws {
        let digest = try store.store(bytes)
        fault.set(.synchronise, EIO)
        #expect(throws: StoreError.self) { try store.confirm(digest) }
        fault.clear()
        let count = fault.synchronisedPaths.count
        #expect(try store.confirm(digest))
        let path = "\(folder.path)/store/blobs/\(digest.rawValue.prefix(2))"
        #expect(fault.synchronisedPaths[count...] == ["\(path)/\(digest)", path])
    }

    /// Who waited for the disk in vain and could not even remove the file must not believe it when asked again, nor may
    /// the process after it.
    @Test(arguments: [false, true])
    func anUploadThatIsLostAndCannotBeRemovedBeginsAnew(isRestarted: Bool) throws {
        let writer = try store.openUpload(upload, byteCount: bytes.count)
        try writer.append(bytes[...])
        fault.set(.synchronise, EIO)
        fault.set(.remove, EIO)
        #expect(throws: StoreError.self) { try writer.finish() }
        fault.clear()
        let store = isRestarted ? try FolderBlobStore(path: folder.path + "/store", files: fault) : store
        #expect(try store.uploadOffset(upload) ?? 0 == 0)
        let second = try store.openUpload(upload, byteCount: bytes.count)
        #expect(second.offset == 0)
        try second.append(bytes[...])
        #expect(try second.finish() == .stored)
        #expect(try store.verify(upload.digest))
    }

    /// Run by hand with a small file system mounted there: a folder of a few MiB.
    @Test(.enabled(if: smallDisk != nil, "set TRIBUTARY_SMALL_DISK to a folder on a disk of a few MiB"))
    func aRealDiskFillsUpAndRecovers() async throws {
        let disk = try #require(smallDisk)
        let store = try FolderBlobStore(path: disk + "/store")
        let ledger = try SQLiteLedger(path: disk + "/ledger.sqlite")
        try await ledger.commit([.client(SampleLedger.client(0))])
        var stored: [BlobDigest] = []
        let full = #expect(throws: StoreError.self) {
            while true { stored.append(try store.store(SampleBytes.random(500_000, seed: UInt64(stored.count)))) }
        }
        #expect(full?.code == .full)
        #expect(try store.blobs().count == stored.count)
        let error = await #expect(throws: StoreError.self) {
            for client in 1..<UInt64(100_000) { try await ledger.commit([.client(SampleLedger.client(client))]) }
        }
        #expect(error?.code == .full)
        try store.remove(stored[0])
        try await ledger.commit([.clientLeft(ClientID(0))])
        #expect(try store.verify(try store.store(SampleBytes.random(1000, seed: 99))))
        await ledger.close()
    }

    private static var smallDisk: String? { ProcessInfo.processInfo.environment["TRIBUTARY_SMALL_DISK"] }
    private var smallDisk: String? { Self.smallDisk }
}
