package import TributaryCore
import TributaryMath
package import TributaryStore

/// Looks an uploaded update over, once, before it counts: one pass over its bytes in bounded memory.
///
/// What it finds sound will not be refused when the round's model is made. Blocks the calling thread.
package struct UpdateChecker: Sendable {
    private let store: any BlobStore

    package init(store: any BlobStore) {
        self.store = store
    }

    /// How an update was found.
    package enum Finding: Hashable, Sendable {
        /// It can be used; its L2 norm, summed in Float64 in the coordinates' order.
        case sound(norm: Double)
        /// It cannot.
        case refused(UpdateRefusal)
        /// Its bytes are not there.
        case missing
        /// The store did not let it be read.
        case failed(StoreError)
    }

    /// Checks the update of a model of `parameterCount` parameters whose coordinates may have magnitudes up to `bound`.
    package func check(_ update: TensorBlob, parameterCount: Int, bound: Double) -> Finding {
        do throws(StoreError) {
            guard let blob = try store.open(update.digest) else { return .missing }
            let (size, overflows) = parameterCount.multipliedReportingOverflow(by: update.encoding.bytesPerElement)
            guard !overflows, blob.byteCount == size, update.byteCount == size else { return .refused(.malformed) }
            return try scan(blob, update.encoding, count: parameterCount, bound: Float(bound))
        } catch {
            return .failed(error)
        }
    }

    private func scan(
        _ blob: any BlobReader, _ encoding: TensorEncoding, count: Int, bound: Float
    ) throws(StoreError) -> Finding {
        let length = min(TensorTile.length, count)
        let (tile, scratch) = (TensorTile(capacity: length), TensorTile(capacity: length))
        var scan = TermScan(bound: bound)
        var start = 0
        while start < count, scan.refusal != .notFinite {
            let range = start..<min(start + length, count)
            scan.see(try tile.fill(range, of: blob, encoding: encoding, scratch: scratch))
            start = range.upperBound
        }
        if let refusal = scan.refusal { return .refused(UpdateRefusal(refusal)) }
        return .sound(norm: scan.norm)
    }
}
