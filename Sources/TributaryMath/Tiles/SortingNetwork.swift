/// Comparisons, the same whatever the data, after which some of n places hold what a sort would put there.
///
/// Batcher's merge exchange (Knuth, The Art of Computer Programming 3, 5.2.2, Algorithm M), without the comparisons
/// and halves of comparisons that the wanted places do not depend on. About n (log₂ n)² / 4 comparisons before that.
package struct SortingNetwork: Sendable {
    /// Puts the smaller of two numbers in the place `low` and the larger in the place `high`, which is greater.
    package struct Exchange: Hashable, Sendable {
        package var low: Int
        package var high: Int
        /// Whether anybody looks at the smaller number.
        package var keepsLow = true
        /// Whether anybody looks at the larger number.
        package var keepsHigh = true
    }

    /// The comparisons in their order.
    package let exchanges: [Exchange]

    /// A network for `count` numbers after which the places in `ranks` are right.
    package init(count: Int, ranks: Set<Int>) {
        var isWanted = [Bool](repeating: false, count: count)
        for rank in ranks { isWanted[rank] = true }
        var kept: [Exchange] = []
        for var exchange in Self.fullSort(count).reversed() {
            exchange.keepsLow = isWanted[exchange.low]
            exchange.keepsHigh = isWanted[exchange.high]
            guard exchange.keepsLow || exchange.keepsHigh else { continue }
            isWanted[exchange.low] = true
            isWanted[exchange.high] = true
            kept.append(exchange)
        }
        exchanges = kept.reversed()
    }

    private static func fullSort(_ count: Int) -> [Exchange] {
        guard count > 1 else { return [] }
        var exchanges: [Exchange] = []
        let top = 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
        var phase = top
        while phase > 0 {
            var (distance, offset, span) = (phase, 0, top)
            while true {
                for low in 0..<(count - distance) where low & phase == offset {
                    exchanges.append(Exchange(low: low, high: low + distance))
                }
                guard span > phase else { break }
                (distance, offset, span) = (span - phase, phase, span / 2)
            }
            phase /= 2
        }
        return exchanges
    }
}
