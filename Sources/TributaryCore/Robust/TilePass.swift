internal import TributaryMath

/// Reads updates tile by tile. The memory is the same for all of a rule's passes.
struct TilePass {
    /// Columns of a tile.
    let width: Int
    private let tile: UpdateTile
    private let parameterCount: Int
    private let updateCount: Int

    /// Memory for tiles of all updates of a source, about as large as it wants them.
    init(of source: some UpdateSource) {
        parameterCount = source.parameterCount
        updateCount = source.weights.count
        let affordable = source.tileBytes / (MemoryLayout<Float>.stride * max(updateCount, 1))
        let blocks = max(affordable / UpdateTile.block, 1)
        width = min(blocks * UpdateTile.block, UpdateTile.padded(parameterCount))
        tile = UpdateTile(rows: updateCount, width: width)
    }

    /// Reads all updates, or those at the given places in ascending order, and hands every tile to `body`.
    ///
    /// No number that is not finite reaches `body`.
    func run<Source: UpdateSource>(
        over source: inout Source, updates: [Int]? = nil,
        _ body: (Range<Int>, UpdateTile, inout Source) throws(Source.Failure) -> Void
    ) throws(RobustFailure<Source.Failure>) {
        let updates = updates ?? Array(0..<updateCount)
        var start = 0
        while start < parameterCount {
            let range = start..<min(start + width, parameterCount)
            tile.begin(rows: updates.count, width: range.count)
            let rows = updates.indices.map { tile.row($0) }
            try RobustFailure.catching { () throws(Source.Failure) in try source.read(range, of: updates, into: rows) }
            if let row = tile.firstUnsoundRow { throw .rule(.notFinite(updates[row])) }
            try RobustFailure.catching { () throws(Source.Failure) in try body(range, tile, &source) }
            start = range.upperBound
        }
    }

    /// A vector with a place for each column of a tile.
    func makeColumns() -> [Double] {
        [Double](repeating: 0, count: UpdateTile.padded(width))
    }
}

extension RobustFailure {
    /// Runs what only the source or the sink can make fail.
    fileprivate static func catching(_ body: () throws(Reading) -> Void) throws(RobustFailure) {
        do throws(Reading) {
            try body()
        } catch {
            throw .source(error)
        }
    }
}
