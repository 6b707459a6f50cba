import Testing
import TributaryCore
import TributaryStore
import TributaryTesting

@Suite struct BlobSweepTests {
    @Test func whatWasNamedSinceItWasLookedForStays() throws {
        let store = MemoryBlobStore()
        let sweep = BlobSweep(age: 0)
        let digests = try [[1 as Float], [2], [3]].map { try store.put($0, .float32).blob.digest }
        let orphans = try sweep.orphans(in: store, named: [digests[0]])
        #expect(Set(orphans) == [digests[1], digests[2]])
        let removed = try sweep.remove(orphans, named: [digests[0], digests[2]], from: store)
        #expect(removed.blobs == 1)
        #expect(try Set(store.blobs().map(\.digest)) == [digests[0], digests[2]])
    }
}
