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
    /// What the rule gave in the round before; nil before the first, and for a rule without a memory.
    private var previous: HashedBlob?
    private let previousTile: TensorTile

    /// Blobs that have been opened.
    init(
        _ blobs: [HashedBlob], weights: [Int], parameterCount: Int, in store: any BlobStore, pieceLength: Int,
        tileBytes: Int, scales: [Double] = [], previous: HashedBlob? = nil
    ) {
        (self.blobs, self.weights, self.parameterCount, self.store) = (blobs, weights, parameterCount, store)
        (self.pieceLength, self.tileBytes, self.scales) = (pieceLength, tileBytes, scales)
        tile = TensorTile(capacity: pieceLength)
        self.previous = previous
        previousTile = TensorTile(capacity: previous == nil ? 0 : pieceLength)
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

    /// Reads a piece of what the rule gave in the round before; zeros before the first. Throws `unsoundMemory` if it is not
    /// what was written.
    mutating func readPrevious(
        _ range: Range<Int>, into piece: UnsafeMutableBufferPointer<Double>
    ) throws(UpdateFailure) {
        guard previous != nil else { return piece.update(repeating: 0) }
        if range.lowerBound == 0 { previous?.rewind() }
        var start = range.lowerBound
        while start < range.upperBound {
            let part = start..<min(start + pieceLength, range.upperBound)
            guard let values = try readPrevious(part) else { throw .unsoundMemory }
            for index in values.indices { piece[start - range.lowerBound + index] = Double(values[index]) }
            start = part.upperBound
        }
        if range.upperBound == parameterCount, previous?.isAsAccepted() == false { throw .unsoundMemory }
    }

    private mutating func readPrevious(_ part: Range<Int>) throws(UpdateFailure) -> UnsafeBufferPointer<Float>? {
        guard var blob = previous else { return nil }
        defer { previous = blob }
        do throws(StoreError) {
            return try blob.read(part, from: store, into: previousTile, scratch: previousTile)
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
    /// What the rule goes on from is not what was written.
    case unsoundMemory
}
