import Testing
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting
import TributaryTorture

/// Coincidences of two or three faults in one upload, which are too rare to be met by chance.
struct UploadTortureTests {
    private let bytes = SampleBytes.random(500, seed: 1)
    private var digest: BlobDigest { BlobDigest(of: bytes) }
    private var upload: UploadID { UploadID(client: ClientID(1), digest: digest) }
    private var path: String { "/store/blobs/\(digest.rawValue.prefix(2))/\(digest)" }

    private func store(_ disk: SimulatedDisk) throws -> FolderBlobStore {
        try FolderBlobStore(path: "/store", files: disk.files)
    }

    @Test(
        "Who waited for the disk in vain and ended before saying so leaves nothing that is believed", arguments: 0..<30)
    func endAfterFailedWait(operations: Int) throws {
        for seed in TestSeeds.first(20) {
            let disk = SimulatedDisk(seed: seed)
            let writer = try store(disk).openUpload(upload, byteCount: bytes.count)
            for start in stride(from: 0, to: 500, by: 100) { try writer.append(bytes[start..<start + 100]) }
            (disk.faults.synchronise, disk.faults.forgetting) = (1, 1)
            disk.endProcess(after: operations)
            _ = try? writer.finish()
            disk.faults = DiskFaults()
            disk.start()
            let second = try store(disk).openUpload(upload, byteCount: bytes.count)
            try second.append(bytes[second.offset...])
            #expect(try second.finish() == .stored)
            #expect(disk.durableContent(of: path) == bytes)
        }
    }

    @Test("Bytes that a failed write left behind do not become part of the blob", arguments: TestSeeds.first(200))
    func failedWrite(seed: Seed) throws {
        let disk = SimulatedDisk(seed: seed)
        let store = try store(disk)
        let writer = try store.openUpload(upload, byteCount: 800)
        try writer.append(bytes[...])
        (disk.faults.shortWrite, disk.faults.write) = (0.8, 0.6)
        try? writer.append(bytes[..<300])
        disk.faults = DiskFaults()
        guard writer.offset == 500 else { return }
        let second = try store.openUpload(upload, byteCount: bytes.count)
        #expect(second.offset == 500)
        #expect(try second.finish() == .stored)
        #expect(disk.durableContent(of: path) == bytes)
    }

    @Test("A blob that entered the store in spite of a failure is not written to", arguments: TestSeeds.first(300))
    func enteredInSpite(seed: Seed) throws {
        let disk = SimulatedDisk(seed: seed)
        let store = try store(disk)
        let writer = try store.openUpload(upload, byteCount: bytes.count)
        try writer.append(bytes[...])
        (disk.faults.synchronise, disk.faults.forgetting, disk.faults.name) = (0.5, 0.5, 0.4)
        _ = try? writer.finish()
        disk.faults = DiskFaults()
        let shorter = try store.openUpload(upload, byteCount: 100)
        #expect(shorter.offset <= 100)
        try shorter.append(bytes[..<10])
        if let found = disk.content(of: path) { #expect(found == bytes) }
    }
}
