import Testing
import TributaryAggregation
import TributaryCore
import TributaryTesting

/// Whether a stored model is what was written.
@Suite struct ModelExaminerTests {
    /// A store with a model of `count` numbers.
    private func model(of count: Int, _ encoding: TensorEncoding) throws -> (store: MemoryBlobStore, blob: TensorBlob) {
        let store = MemoryBlobStore()
        let values = (0..<count).map { Float($0 % 31) - 15 }
        return (store, try store.put(values, encoding).blob)
    }

    private func isDamaged(_ blob: TensorBlob, in store: MemoryBlobStore) -> Bool {
        if case .damaged(let reason) = ModelExaminer(store: store).examine(blob) {
            #expect(reason.contains(blob.digest.rawValue))
            return true
        }
        return false
    }

    @Test(arguments: [1, 70_000], TensorEncoding.allCases)
    func aModelIsWholeUntilOneBitOfItTurns(count: Int, encoding: TensorEncoding) throws {
        let (store, blob) = try model(of: count, encoding)
        #expect(ModelExaminer(store: store).examine(blob) == .whole)
        store.damage(blob.digest, at: blob.byteCount - 1)
        #expect(isDamaged(blob, in: store))
        #expect(store.quarantine.count == 1, "what is damaged is moved aside")
        #expect(isDamaged(blob, in: store), "and then it is missing")
    }

    @Test func aModelOfAnotherSizeIsDamaged() throws {
        var (store, blob) = try model(of: 100, .float32)
        blob.byteCount = 396
        #expect(isDamaged(blob, in: store))
        #expect(store.quarantine.isEmpty, "the blob itself is what its name says")
    }
}
