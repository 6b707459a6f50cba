import TributaryMath

/// Coordinates that a seed chooses: of each block the same share, uniformly among all choices of that many.
///
/// Going through a block's places in order, a place is chosen with probability (still wanted) / (places left): Fan, Muller and
/// Rezucha's selection sampling (1962; Knuth, algorithm S). Place i of the block that begins at coordinate c is chosen if
/// ⌊w · left / 2^64⌋ < wanted, where w is word c + i of the seed.
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
        var (place, chosen) = (0, 0)
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 128) { draws in
            while chosen < count {
                let part = UnsafeMutableBufferPointer(rebasing: draws[..<min(draws.count, length - place)])
                words.write(from: coordinate + place, into: part)
                for draw in part where chosen < count {
                    // Both counts are of a block: nothing can overflow.
                    let rank = draw.multipliedFullWidth(by: UInt64(truncatingIfNeeded: length &- place)).high
                    // Written always and counted if chosen, which no processor can guess.
                    places[chosen] = UInt16(truncatingIfNeeded: place)
                    chosen &+= rank < UInt64(truncatingIfNeeded: count &- chosen) ? 1 : 0
                    place &+= 1
                }
            }
        }
    }
}
