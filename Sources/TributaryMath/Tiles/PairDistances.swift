internal import CTributaryKernels

/// The squared distance between every two of n vectors, added up tile by tile.
///
/// Differences are taken directly, in single precision, so nothing cancels; their squares are exact and are added in
/// double precision in an order that is the same for every processor and for tiles of any width.
package struct PairDistances: Sendable {
    /// The number of vectors.
    package let count: Int
    private var values: [Double]

    /// The distances of `count` vectors of which nothing was seen yet: all zero.
    package init(count: Int) {
        self.count = count
        values = [Double](repeating: 0, count: count * (count - 1) / 2)
    }

    /// Adds what the tile's columns give. Tiles follow one another; see ``UpdateTile/block``.
    package mutating func add(_ tile: UpdateTile) {
        precondition(tile.rowCount == count, "a tile of another number of rows")
        guard count > 1 else { return }
        tributary_add_pair_distances(tile.instructions.rawValue, tile.view, &values)
    }

    /// The squared distance of two vectors.
    package subscript(first: Int, second: Int) -> Double {
        guard first != second else { return 0 }
        let (high, low) = (max(first, second), min(first, second))
        return values[high * (high - 1) / 2 + low]
    }
}
