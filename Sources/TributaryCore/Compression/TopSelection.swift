/// The k coordinates of an update with the largest magnitudes; of equal ones those that come first.
///
/// Found without sorting: the magnitudes' bit patterns, which are ordered as they are, are counted by their upper bits, then
/// those that share the k-th one's upper bits by the bits below, so three passes find the k-th magnitude.
package struct TopSelection: Sendable {
    /// The bit pattern of the k-th largest magnitude.
    private let threshold: UInt32
    /// How many of that magnitude still belong to the k.
    private var tieCount: Int

    /// The k largest of an update's numbers, 0 ... as many as there are; nil if a number is not finite.
    package init?(_ count: Int, of update: UnsafeBufferPointer<Float>) {
        precondition((0...update.count).contains(count), "more numbers are chosen than there are")
        var (prefix, wanted): (UInt32, Int) = (0, count)
        // Sign aside, 31 bits: 8 of the exponent with 4 behind them, 12, and 7.
        for (shift, width) in [(19, 12), (7, 12), (0, 7)] {
            var counts = [Int](repeating: 0, count: 1 << width)
            Self.add(update, above: shift + width, prefix, at: shift, to: &counts)
            if shift == 19, counts[0xFF0...].contains(where: { $0 > 0 }) { return nil }
            var bin = counts.count - 1
            while bin > 0, counts[bin] < wanted {
                wanted -= counts[bin]
                bin -= 1
            }
            prefix = prefix << UInt32(width) | UInt32(bin)
        }
        threshold = prefix
        tieCount = wanted
    }

    /// Counts the numbers whose bits from `above` on are the prefix, by the bits from `shift` up to there.
    private static func add(
        _ update: UnsafeBufferPointer<Float>, above: Int, _ prefix: UInt32, at shift: Int, to counts: inout [Int]
    ) {
        let mask = UInt32(counts.count - 1)
        counts.withUnsafeMutableBufferPointer { counts in
            for value in update {
                let magnitude = value.bitPattern & 0x7FFF_FFFF
                // A shift by 31 leaves nothing: at first, every number counts.
                if magnitude >> UInt32(above) == prefix {
                    counts[Int(truncatingIfNeeded: magnitude >> UInt32(shift) & mask)] &+= 1
                }
            }
        }
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
