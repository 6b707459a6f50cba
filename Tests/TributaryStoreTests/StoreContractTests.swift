import Testing
import TributaryCore
import TributaryStore
import TributaryTesting

struct StoreContractTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func blobsInMemoryKeepTheContract(seed: UInt64) {
        #expect(BlobStoreContract { MemoryBlobStore() }.violations(seed: seed) == [])
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func blobsInAFolderKeepTheContract(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        var count = 0
        let contract = BlobStoreContract {
            count += 1
            return try FolderBlobStore(path: "\(folder.path)/\(count)")
        }
        #expect(contract.violations(seed: seed) == [])
    }

    @Test(arguments: Array(1...10) as [UInt64])
    func aLedgerInMemoryKeepsTheContract(seed: UInt64) async {
        let contract = LedgerContract(make: { MemoryLedger() }) { ledger in
            (ledger as? MemoryLedger).map { MemoryLedger(reopening: $0) } ?? MemoryLedger()
        }
        #expect(await contract.violations(seed: seed) == [])
    }

    @Test(arguments: Array(1...10) as [UInt64])
    func aLedgerInSQLiteKeepsTheContract(seed: UInt64) async throws {
        let folder = try TemporaryFolder()
        var count = 0
        let contract = LedgerContract(
            make: {
                count += 1
                return try SQLiteLedger(path: "\(folder.path)/\(count).sqlite")
            },
            reopen: { _ in try SQLiteLedger(path: "\(folder.path)/\(count).sqlite") })
        #expect(await contract.violations(seed: seed) == [])
    }

    @Test func aCrashLosesWhatWasNotFinished() throws {
        let store = MemoryBlobStore()
        let bytes = SampleBytes.random(100, seed: 1)
        let kept = try store.store(SampleBytes.random(10, seed: 2))
        let upload = UploadID(client: ClientID(1), digest: BlobDigest(of: bytes))
        let writer = try store.openUpload(upload, byteCount: 100)
        try writer.append(bytes[..<50])
        store.crash()
        #expect(throws: StoreError.self) { try writer.append(bytes[50...]) }
        #expect(try store.uploadOffset(upload) == nil)
        #expect(try store.verify(kept))
    }
}
