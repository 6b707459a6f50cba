import TributaryCore
import TributaryStore

/// The updates of a round in their blobs, for rules that have to see them together.
///
/// What a pass reads is hashed as it comes, in every pass: no number reaches a rule's result but those that were accepted.
struct BlobUpdates: UpdateSource {
    let parameterCount: Int
    let weights: [Int]
    /// Reads of many small pieces would cost more than the rules do.
    let tileBytes: Int
    private(set) var blobs: [HashedBlob]
    private let store: any BlobStore
    private let tile: TensorTile
    private let scratch: TensorTile
    private let pieceLength: Int
    /// What each update is multiplied by; empty for 1.
    private let scales: [Double]

    /// Blobs that have been opened.
    init(
        _ blobs: [HashedBlob], weights: [Int], parameterCount: Int, in store: any BlobStore, pieceLength: Int,
        tileBytes: Int, scales: [Double] = []
    ) {
        (self.blobs, self.weights, self.parameterCount, self.store) = (blobs, weights, parameterCount, store)
        (self.pieceLength, self.tileBytes, self.scales) = (pieceLength, tileBytes, scales)
        tile = TensorTile(capacity: pieceLength)
        let isAllSingle = blobs.allSatisfy { $0.blob.encoding == .float32 }
        scratch = TensorTile(capacity: isAllSingle ? 0 : pieceLength)
    }

    /// Reads a piece of some updates. Throws `unsound` if one of them is not what was accepted.
    mutating func read(
        _ range: Range<Int>, of updates: [Int], into rows: [UnsafeMutableBufferPointer<Float>]
    ) throws(UpdateFailure) {
        for (place, row) in zip(updates, rows) {
            if range.lowerBound == 0 { blobs[place].rewind() }
            var start = range.lowerBound
            while start < range.upperBound {
                let piece = start..<min(start + pieceLength, range.upperBound)
                guard let values = try read(piece, of: place) else { throw .unsound }
                if !scales.isEmpty { tile.scale(piece.count, by: scales[place]) }
                _ = UnsafeMutableBufferPointer(rebasing: row[(start - range.lowerBound)...]).update(from: values)
                start = piece.upperBound
            }
            if range.upperBound == parameterCount, !blobs[place].isAsAccepted() { throw .unsound }
        }
    }

    private mutating func read(_ piece: Range<Int>, of place: Int) throws(UpdateFailure) -> UnsafeBufferPointer<Float>?
    {
        do throws(StoreError) {
            return try blobs[place].read(piece, from: store, into: tile, scratch: scratch)
        } catch {
            throw .store(error)
        }
    }

    /// A place that a rule found to hold a number that is not finite.
    mutating func condemn(_ place: Int) { blobs[place].condemn() }
}

/// Why updates cannot be combined.
enum UpdateFailure: Error {
    /// The store refused; it may work later.
    case store(StoreError)
    /// Some are not what was accepted; they know it themselves.
    case unsound
}
