internal import CTributaryKernels

/// The mean of every column of a tile without its smallest and largest numbers.
///
/// What is left is added exactly, as integers on a grid (`tributary_kept_means` says which), so the rows' order does
/// not show. With all but one or two left out it is the median.
package struct TrimmedMeans: Sendable {
    private var ranks: ColumnRanks
    private let rowCount: Int
    private let trimmed: Int

    /// Leaves out the `trimmed` smallest and as many largest of `rowCount` numbers a column, in tiles of at most
    /// `width` columns.
    package init(rowCount: Int, trimmed: Int, width: Int) {
        precondition(trimmed >= 0 && 2 * trimmed < rowCount, "everything would be left out")
        ranks = ColumnRanks(rowCount: rowCount, low: trimmed, high: rowCount - 1 - trimmed, width: width)
        self.rowCount = rowCount
        self.trimmed = trimmed
    }

    /// The median of `rowCount` numbers a column: the mean of the two in the middle if their number is even.
    package static func medians(rowCount: Int, width: Int) -> TrimmedMeans {
        TrimmedMeans(rowCount: rowCount, trimmed: (rowCount - 1) / 2, width: width)
    }

    /// Writes the mean of each column. `means` has room for the tile's padded width.
    package mutating func write(of tile: UpdateTile, to means: inout [Double]) {
        precondition(means.count >= UpdateTile.padded(tile.width), "too little room for the means")
        ranks.find(in: tile)
        if rowCount - 2 * trimmed > 2 {
            tributary_kept_means(
                tile.instructions.rawValue, tile.view, trimmed, ranks.lows, ranks.highs, &means)
        } else {
            for column in 0..<UpdateTile.padded(tile.width) {
                means[column] = (Double(ranks.lows[column]) + Double(ranks.highs[column])) / 2
            }
        }
    }
}
