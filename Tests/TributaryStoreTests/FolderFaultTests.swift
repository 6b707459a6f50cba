import Foundation
import Synchronization
import Testing
import TributaryCore
import TributaryStore
import TributaryTesting

/// Disks that are full or ill.
struct FolderFaultTests {
    /// Fails one of the calls with an error number as long as it is set.
    private final class Fault: Sendable {
        enum Call { case write, synchronise, rename }
        let state = Mutex<(call: Call, number: Int32)?>(nil)

        func set(_ call: Call, _ number: Int32) { state.withLock { $0 = (call, number) } }
        func clear() { state.withLock { $0 = nil } }

        func number(_ call: Call) -> Int32? { state.withLock { $0?.call == call ? $0?.number : nil } }

        var calls: FileCalls {
            var calls = FileCalls.system
            calls.write = { file, bytes, offset in
                guard let number = self.number(.write) else { return FileCalls.system.write(file, bytes, offset) }
                // A disk fills up in the middle of a write: part of it is there.
                let half = UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count / 2))
                if half.count > 100 { return FileCalls.system.write(file, half, offset) }
                errno = number
                return -1
            }
            calls.synchronise = { file in
                guard let number = self.number(.synchronise) else { return FileCalls.system.synchronise(file) }
                errno = number
                return -1
            }
            calls.rename = { old, new in
                guard let number = self.number(.rename) else { return FileCalls.system.rename(old, new) }
                errno = number
                return -1
            }
            return calls
        }
    }

    private let folder: TemporaryFolder
    private let fault = Fault()
    private let store: FolderBlobStore
    private let bytes = SampleBytes.random(10_000, seed: 1)
    private var upload: UploadID { UploadID(client: ClientID(7), digest: BlobDigest(of: bytes)) }

    init() throws {
        folder = try TemporaryFolder()
        store = try FolderBlobStore(path: folder.path + "/store", calls: fault.calls)
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

    @Test(arguments: [(Fault.Call.write, ENOSPC), (.synchronise, EIO), (.rename, EROFS)])
    private func aDraftThatFailsLeavesNothing(call: Fault.Call, number: Int32) throws {
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
