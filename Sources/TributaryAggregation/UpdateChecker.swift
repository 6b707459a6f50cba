import Crypto
package import TributaryCore
import TributaryMath
package import TributaryStore
import TributaryWire

/// Looks an uploaded update over, once, before it counts: one pass over its bytes in bounded memory.
///
/// What it finds sound will not be refused when the round's model is made. Its verdict is of the very bytes that were
/// announced: a read that gives others, be it this once, neither lets an update count nor turns a client away. An update
/// that came compressed is stored as numbers on the way, which is what a model is made of. Blocks the calling thread.
package struct UpdateChecker: Sendable {
    let store: any BlobStore

    package init(store: any BlobStore) {
        self.store = store
    }

    /// Looks an update over.
    package func check(_ check: UpdateCheck) -> UpdateVerdict {
        let update = check.blob
        do throws(StoreError) {
            if let decoded = check.decoded, try store.confirm(decoded.numbers.digest) {
                return .sound(norm: decoded.norm)
            }
            // Who hands it in need not have been told that it is stored: from now on it is relied on.
            guard try store.confirm(update.digest), let blob = try store.open(update.digest) else { return .missing }
            guard blob.byteCount == update.byteCount,
                update.mayHold(check.numberCount)
            else {
                return .refused(.wrongSize)
            }
            var hash = SHA256()
            let verdict =
                if let encoding = update.encoding.plain {
                    try scan(blob, check, encoding, &hash)
                } else {
                    try decode(blob, check, &hash)
                }
            if BlobDigest(bytes: Array(hash.finalize())) == update.digest { return verdict }
            guard try store.verify(update.digest) else { return .missing }
            return .failed("blob \(update.digest) gave other bytes than it holds; check the disk and memory")
        } catch {
            return .failed(error.description)
        }
    }

    private func scan(
        _ blob: any BlobReader, _ check: UpdateCheck, _ encoding: TensorEncoding, _ hash: inout SHA256
    ) throws(StoreError) -> UpdateVerdict {
        let count = check.parameterCount
        let length = min(TensorTile.length, count)
        let tile = TensorTile(capacity: length)
        let scratch = TensorTile(capacity: encoding == .float32 ? 0 : length)
        var (norm, refusal): (Double?, ExactSum.Refusal?) = (nil, nil)
        var still = StillScan(check.still)
        for (place, bound) in ([check.bound] + check.messageBounds).enumerated() {
            var scan = TermScan(bound: bound)
            var start = place * count
            while start < (place + 1) * count {
                let range = start..<min(start + length, (place + 1) * count)
                let values = try tile.fill(range, of: blob, encoding: encoding, scratch: scratch, hash: &hash)
                scan.see(values)
                if place == 0 { still.see(values) }
                start = range.upperBound
            }
            // All is read whatever is found, as all of it has the digest.
            (norm, refusal) = (norm ?? scan.norm, refusal ?? scan.refusal)
        }
        if let refusal { return .refused(UpdateRefusal(refusal)) }
        return still.hasMoved ? .refused(.outOfBound) : .sound(norm: norm ?? 0)
    }
}

extension UpdateCheck {
    /// The numbers of an update with the messages behind it.
    fileprivate var numberCount: Int {
        let product = parameterCount.multipliedReportingOverflow(by: 1 + messageBounds.count)
        return product.overflow ? .max : product.partialValue
    }
}

extension UpdateBlob {
    /// Whether an update of so many parameters can have this size.
    fileprivate func mayHold(_ parameterCount: Int) -> Bool {
        (0...UpdateEncoding.coordinateLimit).contains(parameterCount)
            && encoding.byteCounts(of: parameterCount).contains(byteCount)
    }
}
