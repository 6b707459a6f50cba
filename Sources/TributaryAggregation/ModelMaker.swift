package import TributaryCore
package import TributaryStore

/// Makes a round's new global model from its contributions: the server optimiser's step along the mean update
/// Σ n_k Δ_k / Σ n_k, or along what a robust rule makes of the updates, and what the optimiser keeps after it.
///
/// Piece by piece, so that memory depends neither on the model nor on the number of contributions. The bits are those
/// of `UpdateSum` and `ServerStep` on whole models: sums are exact, and everything after them is element-wise. What is
/// read is hashed on the way, so that a model is never made from bytes that are not those that were accepted.
///
/// Blocks the calling thread.
package struct ModelMaker: Sendable {
    /// What memory and files it takes.
    package struct Limits: Hashable, Sendable {
        /// Coordinates of a piece.
        package var tileLength = TensorTile.length
        /// Contributions whose pieces are in memory at the same time.
        package var width = 8
        /// Contributions whose blobs stay open; those beyond are opened for every piece.
        package var openBlobs = 256
        /// Pieces that are read, decoded and hashed at the same time, on threads of the system's. With 1 all is done on
        /// the calling thread, in the contributions' order.
        package var concurrentReads = Int.max
        /// Bytes of updates that are in memory at the same time for a rule that has to see them together.
        package var ruleTileBytes = 32 << 20

        package init() {}
    }

    private let store: any BlobStore
    private let limits: Limits

    package init(store: any BlobStore, limits: Limits = Limits()) {
        self.store = store
        self.limits = limits
    }

    /// Makes the model.
    package func make(_ order: ModelOrder) -> ModelResult {
        do throws(ModelFailure) {
            let work = try ModelAssembly(order, store: store, limits: limits)
            return try work.run()
        } catch {
            return error.result
        }
    }
}

/// Why no model was made.
struct ModelFailure: Error {
    var result: ModelResult

    /// Runs store calls whose failure has to do with no blob in particular.
    static func catching<T>(_ body: () throws(StoreError) -> T) throws(ModelFailure) -> T {
        do throws(StoreError) {
            return try body()
        } catch {
            throw ModelFailure(result: .failed(error.description))
        }
    }
}
