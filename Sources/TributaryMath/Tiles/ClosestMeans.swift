internal import CTributaryKernels

/// The mean of those numbers of every column of a tile that are closest to the column's median.
///
/// A number's deviation from the median is rounded to single precision; of equal ones the first rows' are closer. What
/// is kept is added in the rows' order.
package struct ClosestMeans {
    private var medians: TrimmedMeans
    private var farthest: ColumnRanks
    private let kept: Int
    private let deviations: UpdateTile
    private var centres: [Double]

    /// Keeps `kept` of `rowCount` numbers a column, in tiles of at most `width` columns.
    package init(rowCount: Int, kept: Int, width: Int, instructions: InstructionSet = .best) {
        precondition(kept >= 1 && kept <= rowCount, "at least one number is kept, and no more than there are")
        medians = .medians(rowCount: rowCount, width: width)
        farthest = ColumnRanks(rowCount: rowCount, low: kept - 1, high: kept - 1, width: width)
        self.kept = kept
        deviations = UpdateTile(rows: rowCount, width: width, instructions: instructions)
        centres = [Double](repeating: 0, count: UpdateTile.padded(width))
    }

    /// Writes the mean of each column. `means` has room for the tile's padded width; the tile was made for the same
    /// width as this.
    package mutating func write(of tile: UpdateTile, to means: inout [Double]) {
        precondition(tile.stride == deviations.stride, "a tile of another width")
        precondition(means.count >= UpdateTile.padded(tile.width), "too little room for the means")
        let level = tile.instructions.rawValue
        medians.write(of: tile, to: &centres)
        deviations.begin(rows: tile.rowCount, width: tile.width)
        let room = UnsafeMutablePointer(mutating: deviations.view.values)
        tributary_deviations(level, tile.view, centres, room, deviations.stride)
        farthest.find(in: deviations)
        tributary_closest_means(level, tile.view, room, farthest.lows, kept, &means)
    }
}
