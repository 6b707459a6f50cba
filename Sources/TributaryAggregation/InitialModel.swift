package import TributaryCore
package import TributaryStore

/// Writes the model that a run starts from. Blocks the calling thread.
package enum InitialModel {
    /// Writes the given parameters.
    package static func write(_ values: [Float], to store: some BlobStore) throws(StoreError) -> TensorBlob {
        try write(count: values.count, to: store) { range, piece in
            for (place, index) in range.enumerated() { piece[place] = values[index] }
        }
    }

    /// Writes `count` zeros.
    package static func writeZeros(count: Int, to store: some BlobStore) throws(StoreError) -> TensorBlob {
        try write(count: count, to: store) { _, piece in piece.update(repeating: 0) }
    }

    /// Writes `count` parameters that `fill` gives piece by piece, in order.
    package static func write(
        count: Int, to store: some BlobStore, fill: (Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws(StoreError) -> TensorBlob {
        let writer = try store.makeBlob()
        let tile = TensorTile(capacity: min(count, TensorTile.length))
        var start = 0
        do throws(StoreError) {
            while start < count {
                let range = start..<min(start + TensorTile.length, count)
                let piece = tile.prefix(range.count)
                fill(range, piece)
                try writer.append(piece)
                start = range.upperBound
            }
            let (digest, byteCount) = try writer.finish()
            return TensorBlob(digest: digest, byteCount: byteCount, encoding: .float32)
        } catch {
            writer.cancel()
            throw error
        }
    }
}
