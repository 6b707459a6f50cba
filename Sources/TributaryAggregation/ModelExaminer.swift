package import TributaryCore
package import TributaryStore

/// Looks whether a stored model is what was written, in bounded memory. One that is not is moved aside.
///
/// Blocks the calling thread.
package struct ModelExaminer: Sendable {
    private let store: any BlobStore

    package init(store: any BlobStore) {
        self.store = store
    }

    /// Reads the model from beginning to end.
    package func examine(_ model: TensorBlob) -> ModelCondition {
        do throws(StoreError) {
            guard try isDamaged(model) else { return .whole }
            return .damaged(
                "its newest model (\(model.digest)) is missing in the blob store, or not what was written; bring the blob "
                    + "back from a copy, then resume the run")
        } catch {
            return .unknown(error.description)
        }
    }

    private func isDamaged(_ model: TensorBlob) throws(StoreError) -> Bool {
        let count = model.byteCount / model.encoding.bytesPerElement
        let tile = TensorTile(capacity: min(TensorTile.length, count))
        let scratch = TensorTile(capacity: model.encoding == .float32 ? 0 : min(TensorTile.length, count))
        var blob = HashedBlob(model)
        try blob.open(in: store, parameterCount: count, keepsOpen: true)
        for start in stride(from: 0, to: count, by: TensorTile.length) {
            let range = start..<min(start + TensorTile.length, count)
            guard try blob.read(range, from: store, into: tile, scratch: scratch) != nil else { break }
        }
        try blob.close(in: store)
        return blob.isDamaged
    }
}
