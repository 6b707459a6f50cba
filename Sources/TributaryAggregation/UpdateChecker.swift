import Crypto
package import TributaryCore
import TributaryMath
package import TributaryStore

/// Looks an uploaded update over, once, before it counts: one pass over its bytes in bounded memory.
///
/// What it finds sound will not be refused when the round's model is made. Its verdict is of the very bytes that were
/// announced: a read that gives others, be it this once, neither lets an update count nor turns a client away. Blocks the
/// calling thread.
package struct UpdateChecker: Sendable {
    private let store: any BlobStore

    package init(store: any BlobStore) {
        self.store = store
    }

    /// Looks an update over.
    package func check(_ check: UpdateCheck) -> UpdateVerdict {
        let update = check.blob
        do throws(StoreError) {
            // Who hands it in need not have been told that it is stored: from now on it is relied on.
            guard try store.confirm(update.digest), let blob = try store.open(update.digest) else { return .missing }
            let size = check.parameterCount.multipliedReportingOverflow(by: update.encoding.bytesPerElement)
            guard !size.overflow, blob.byteCount == size.partialValue, update.byteCount == size.partialValue else {
                return .refused(.wrongSize)
            }
            var hash = SHA256()
            let verdict = try scan(blob, check, &hash)
            if BlobDigest(bytes: Array(hash.finalize())) == update.digest { return verdict }
            guard try store.verify(update.digest) else { return .missing }
            return .failed("blob \(update.digest) gave other bytes than it holds; check the disk and memory")
        } catch {
            return .failed(error.description)
        }
    }

    private func scan(
        _ blob: any BlobReader, _ check: UpdateCheck, _ hash: inout SHA256
    ) throws(StoreError) -> UpdateVerdict {
        let (encoding, count) = (check.blob.encoding, check.parameterCount)
        let length = min(TensorTile.length, count)
        let tile = TensorTile(capacity: length)
        let scratch = TensorTile(capacity: encoding == .float32 ? 0 : length)
        var scan = TermScan(bound: check.bound)
        var start = 0
        while start < count {
            let range = start..<min(start + length, count)
            scan.see(try tile.fill(range, of: blob, encoding: encoding, scratch: scratch, hash: &hash))
            start = range.upperBound
        }
        if let refusal = scan.refusal { return .refused(UpdateRefusal(refusal)) }
        return .sound(norm: scan.norm)
    }
}
