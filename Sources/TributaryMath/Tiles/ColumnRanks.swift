internal import CTributaryKernels

/// Two order statistics of every column of a tile.
///
/// Up to 256 rows they come out of a sorting network; beyond, where a network's (log n)² shows, each is built bit by
/// bit. Either way the time depends on the number of rows alone, and no data make it slower.
package struct ColumnRanks: Sendable {
    /// The most rows that go through a network.
    package static let networkLimit = 256

    /// How the order statistics are found.
    private enum Method {
        case network([tributary_exchange])
        case bisection
    }

    /// The smaller rank's number of each column, and room for what the kernels write beyond.
    package private(set) var lows: [Float]
    /// The larger rank's.
    package private(set) var highs: [Float]

    private let rowCount: Int
    private let ranks: (low: Int, high: Int)
    private let method: Method
    private var scratch: [Float]

    /// Finds, of `rowCount` numbers a column, those of the given ranks, the smallest number's being 0, in tiles of at
    /// most `width` columns.
    package init(rowCount: Int, low: Int, high: Int, width: Int, networkLimit: Int = Self.networkLimit) {
        precondition(0 <= low && low <= high && high < rowCount, "ranks outside the rows")
        self.rowCount = rowCount
        ranks = (low, high)
        lows = [Float](repeating: 0, count: UpdateTile.padded(width))
        highs = lows
        if rowCount <= networkLimit {
            let network = SortingNetwork(count: rowCount, ranks: [low, high])
            method = .network(network.exchanges.map(\.kernelStep))
            scratch = Self.makeScratch(count: rowCount * Int(TRIBUTARY_NETWORK_WIDTH))
        } else {
            method = .bisection
            scratch = Self.makeScratch(count: rowCount * Int(TRIBUTARY_TILE_LANES))
        }
    }

    /// Looks at every column of the tile.
    package mutating func find(in tile: UpdateTile) {
        precondition(tile.rowCount == rowCount && tile.width <= lows.count, "a tile of another shape")
        let level = tile.instructions.rawValue
        let (low, high) = ranks
        scratch.withUnsafeMutableBytes { bytes in
            let scratch = bytes.baseAddress?.alignedUp(toMultipleOf: UpdateTile.alignment)
            switch method {
            case .network(let steps):
                tributary_network_ranks(level, tile.view, steps, steps.count, low, high, scratch, &lows, &highs)
            case .bisection:
                tributary_bisected_ranks(level, tile.view, low, high, scratch, &lows, &highs)
            }
        }
    }

    /// Memory in which so many numbers can begin with a cache line.
    private static func makeScratch(count: Int) -> [Float] {
        [Float](repeating: 0, count: count + UpdateTile.alignment / MemoryLayout<Float>.stride)
    }
}

extension SortingNetwork.Exchange {
    fileprivate var kernelStep: tributary_exchange {
        let keeps = (keepsLow ? TRIBUTARY_KEEP_LOW : 0) | (keepsHigh ? TRIBUTARY_KEEP_HIGH : 0)
        return tributary_exchange(low: UInt16(low), high: UInt16(high), keeps: UInt16(keeps))
    }
}
