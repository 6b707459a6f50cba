/// The k coordinates of an update with the largest magnitudes; of equal ones those that come first.
///
/// Found without sorting: the magnitudes' bit patterns, which are ordered as they are, are counted by their upper bits. That tells the
/// upper bits of the k-th largest and how many of those that share them come before it; the same again, for those alone and
/// by the bits below, until all its bits are known.
package struct TopSelection: Sendable {
    /// The bit pattern of the k-th largest magnitude.
    private let threshold: UInt32
    /// How many of that magnitude still belong to the k.
    private var tieCount: Int

    /// The k largest of an update's numbers, 0 ... as many as there are; nil if a number is not finite.
    package init?(_ count: Int, of update: UnsafeBufferPointer<Float>) {
        precondition((0...update.count).contains(count), "more numbers are chosen than there are")
        // Sign aside, 31 bits: 8 of the exponent with 4 behind them, then 12, then 7.
        var counts = [Int](repeating: 0, count: 1 << 12)
        counts.withUnsafeMutableBufferPointer { counts in
            for value in update { counts[Int(truncatingIfNeeded: Self.magnitude(value) >> 19)] &+= 1 }
        }
        guard !counts[0xFF0...].contains(where: { $0 > 0 }) else { return nil }
        let (upper, wanted) = Self.bin(of: count, in: counts)
        let candidates = Self.magnitudes(in: update, above: 19, upper, count: counts[upper])
        (threshold, tieCount) = Self.rank(wanted, of: candidates)
    }

    private static func magnitude(_ value: Float) -> UInt32 { value.bitPattern & 0x7FFF_FFFF }

    /// The bin that holds the number of a rank, counted from the largest, and its rank among those of the bin.
    private static func bin(of rank: Int, in counts: [Int]) -> (bin: Int, rank: Int) {
        var (bin, rank) = (counts.count - 1, rank)
        while bin > 0, counts[bin] < rank {
            rank -= counts[bin]
            bin -= 1
        }
        return (bin, rank)
    }

    /// The magnitudes whose bits from `shift` on are `upper`, of which there are `count`.
    private static func magnitudes(
        in update: UnsafeBufferPointer<Float>, above shift: UInt32, _ upper: Int, count: Int
    ) -> [UInt32] {
        // One place more, because what does not belong is written, too, and then written over.
        [UInt32](unsafeUninitializedCapacity: count + 1) { found, initialised in
            for value in update {
                found[initialised] = magnitude(value)
                initialised &+= Int(truncatingIfNeeded: found[initialised] >> shift) == upper ? 1 : 0
            }
        }
    }

    /// The magnitude of a rank among some that share their upper 12 bits, and how many of it belong to the rank.
    private static func rank(_ rank: Int, of magnitudes: [UInt32]) -> (magnitude: UInt32, count: Int) {
        var (left, rank) = (magnitudes, rank)
        for (shift, mask) in [(UInt32(7), UInt32(0xFFF)), (0, 0x7F)] {
            var counts = [Int](repeating: 0, count: Int(mask) + 1)
            for magnitude in left { counts[Int(magnitude >> shift & mask)] += 1 }
            let found = bin(of: rank, in: counts)
            rank = found.rank
            left.removeAll { $0 >> shift & mask != UInt32(found.bin) }
        }
        return (left.first ?? UInt32.max, rank)
    }

    /// Writes the places of the chosen numbers of the update's next block, of 65,536 at most, and returns how many there are.
    /// Blocks must be asked for in order, because of equal magnitudes.
    package mutating func select(
        in block: UnsafeBufferPointer<Float>, into places: UnsafeMutablePointer<UInt16>
    ) -> Int {
        var count = 0
        for place in block.indices {
            let magnitude = block[place].bitPattern & 0x7FFF_FFFF
            guard magnitude >= threshold else { continue }
            if magnitude == threshold {
                guard tieCount > 0 else { continue }
                tieCount -= 1
            }
            places[count] = UInt16(truncatingIfNeeded: place)
            count += 1
        }
        return count
    }
}
