internal import CTributaryKernels

/// A piece of every update of a round: the same few hundred coordinates, one update a row.
///
/// Rules that look at all updates at once work on tiles, so that their memory depends on the number of updates but not
/// on the length of the model. Memory is reused from one tile to the next.
package final class UpdateTile {
    /// Sums over coordinates are made of blocks of this many. All tiles of a vector but the last must be a multiple as
    /// wide.
    package static let block = Int(TRIBUTARY_TILE_BLOCK)

    /// What the work on the tile runs on.
    package let instructions: InstructionSet
    /// The rows in use.
    package private(set) var rowCount = 0
    /// The columns in use.
    package private(set) var width = 0

    /// What a cache line and the widest vector take.
    static let alignment = 64

    private let memory: UnsafeMutableBufferPointer<Float>
    private let rowCapacity: Int
    let stride: Int

    /// Room for so many rows of at most `width` numbers.
    package init(rows: Int, width: Int, instructions: InstructionSet = .best) {
        self.instructions = instructions
        rowCapacity = rows
        // Rows that are a power of two apart would share the same few places of the caches.
        stride = Self.padded(width) + Int(TRIBUTARY_TILE_LANES)
        // Rows begin with a cache line, or every vector of the widest kind would lie across two.
        let bytes = rows * stride * MemoryLayout<Float>.stride
        memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: Self.alignment)
            .bindMemory(to: Float.self)
        memory.initialize(repeating: 0)
    }

    deinit {
        memory.deallocate()
    }

    /// `width`, rounded up to what the kernels work on together.
    package static func padded(_ width: Int) -> Int {
        let lanes = Int(TRIBUTARY_TILE_LANES)
        return (width + lanes - 1) / lanes * lanes
    }

    /// Begins another piece, whose rows are yet to be filled.
    package func begin(rows: Int, width: Int) {
        precondition(rows <= rowCapacity && Self.padded(width) <= stride, "a piece larger than the tile's memory")
        rowCount = rows
        self.width = width
        // What lies beyond the columns takes part in sums.
        for row in 0..<rows {
            for column in width..<Self.padded(width) { memory[row * stride + column] = 0 }
        }
    }

    /// The numbers of a row.
    package func row(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
        precondition(index < rowCount, "a row that the tile does not have")
        return UnsafeMutableBufferPointer(rebasing: memory[(index * stride)..<(index * stride + width)])
    }

    /// The first row with a number that is NaN or infinite.
    package var firstUnsoundRow: Int? {
        (0..<rowCount).first { !instructions.isFinite(UnsafeBufferPointer(row($0))) }
    }

    /// The tile as the kernels take it. Valid while the tile is.
    var view: tributary_tile {
        tributary_tile(values: UnsafePointer(memory.baseAddress), stride: stride, count: rowCount, width: width)
    }
}
