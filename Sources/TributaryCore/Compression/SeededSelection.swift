import TributaryMath

/// Coordinates that a seed chooses: of each block the same share, uniformly among all choices of that many.
///
/// Places of a block of n are drawn until there are as many different ones as are wanted; of more than half the block, those that
/// are left out are drawn. Draw t of the block that begins at coordinate c is ⌊w · n / 2^64⌋, where w is word 2^16 c + t of
/// the seed.
package struct SeededSelection: Hashable, Sendable {
    private let words: SeededWords

    /// The choice of a seed.
    package init(seed: UInt64) {
        words = SeededWords(seed: seed)
    }

    /// Writes, in ascending order, `count` places of the block of `length` coordinates, 65,536 at most, that begins at
    /// `coordinate`.
    package func select(
        _ count: Int, of length: Int, at coordinate: Int, into places: UnsafeMutablePointer<UInt16>
    ) {
        precondition(count <= length && length <= UpdateEncoding.blockLength, "more places than there are")
        let leavesOut = 2 * count > length
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: (length + 63) / 64) { marks in
            marks.initialize(repeating: 0)
            mark(leavesOut ? length - count : count, of: length, at: coordinate, in: marks)
            var written = 0
            for index in marks.indices {
                var rest = leavesOut ? ~marks[index] : marks[index]
                if index == marks.count - 1, length % 64 != 0 { rest &= 1 << UInt64(length % 64) - 1 }
                while rest != 0 {
                    places[written] = UInt16(truncatingIfNeeded: 64 * index + rest.trailingZeroBitCount)
                    written += 1
                    rest &= rest - 1
                }
            }
        }
    }

    /// Sets a bit for each of so many different places.
    private func mark(_ count: Int, of length: Int, at coordinate: Int, in marks: UnsafeMutableBufferPointer<UInt64>) {
        var (draw, left) = (coordinate << 16, count)
        while left > 0 {
            let place = Int(words[draw].multipliedFullWidth(by: UInt64(length)).high)
            let bit: UInt64 = 1 << UInt64(place % 64)
            left -= marks[place / 64] & bit == 0 ? 1 : 0
            marks[place / 64] |= bit
            draw &+= 1
        }
    }
}
