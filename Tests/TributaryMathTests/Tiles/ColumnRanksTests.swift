import Testing
import TributaryMath
import TributaryTesting

/// Order statistics against a sort, whichever way they are found and on whatever processor.
@Suite struct ColumnRanksTests {
    @Test(arguments: [1, 2, 3, 4, 5, 7, 8, 16, 31, 33, 64, 65, 100, 255, 256, 257, 700])
    func areWhatASortFinds(rows: Int) throws {
        for (seed, kind) in zip(TestSeeds.first(4), NumberKind.allCases) {
            let sample = TileSample(rows: rows, width: 75, kind: kind, seed: seed)
            var stream = seed.derived("ranks", UInt64(rows)).stream()
            let ranks = [stream.uniform(below: rows), stream.uniform(below: rows)].sorted()
            let sorted = (0..<sample.width).map { sample.column($0).sorted() }
            for networkLimit in [0, ColumnRanks.networkLimit] {
                var statistics = ColumnRanks(
                    rowCount: rows, low: ranks[0], high: ranks[1], width: 90, networkLimit: networkLimit)
                let found = try #require(
                    agreed { (instructions: InstructionSet) -> [Float] in
                        statistics.find(in: sample.tile(capacity: 90, on: instructions))
                        return Array(statistics.lows[..<sample.width] + statistics.highs[..<sample.width])
                    })
                #expect(found == sorted.map { $0[ranks[0]] } + sorted.map { $0[ranks[1]] })
                #expect(!found.contains { $0 == 0 && $0.sign == .minus })
            }
        }
    }

    /// A network that sorts every sequence of zeros and ones sorts every sequence (Knuth).
    @Test(arguments: 1...13)
    func aNetworkIsRightForAllZerosAndOnes(count: Int) {
        let wanted: [Set<Int>] = [Set(0..<count), [0], [count - 1], [(count - 1) / 2, count / 2], [count / 4]]
        for ranks in wanted {
            let network = SortingNetwork(count: count, ranks: ranks)
            let isRight = (0..<(1 << count)).allSatisfy { pattern in
                var bits = (0..<count).map { pattern >> $0 & 1 }
                for exchange in network.exchanges {
                    let (low, high) = (bits[exchange.low], bits[exchange.high])
                    // What nobody looks at is made useless, so that looking at it shows.
                    bits[exchange.low] = exchange.keepsLow ? min(low, high) : 1 - min(low, high)
                    bits[exchange.high] = exchange.keepsHigh ? max(low, high) : 1 - max(low, high)
                }
                let zeros = count - pattern.nonzeroBitCount
                return ranks.allSatisfy { bits[$0] == ($0 < zeros ? 0 : 1) }
            }
            #expect(isRight, "ranks \(ranks)")
        }
    }

    @Test func wantingLessTakesFewerComparisons() {
        let full = SortingNetwork(count: 100, ranks: Set(0..<100))
        let median = SortingNetwork(count: 100, ranks: [49, 50])
        #expect(full.exchanges.count == 1077)
        #expect(median.exchanges.count < 900)
    }

    @Test func numbersThatAreNotFiniteAreSeen() {
        for instructions in InstructionSet.supported {
            let sample = TileSample(rows: 5, width: 37, kind: .extreme, seed: Seed(1))
            #expect(sample.tile(on: instructions).firstUnsoundRow == nil)
            for bad in [Float.nan, .infinity, -.infinity] {
                for column in [0, 15, 16, 36] {
                    var spoilt = sample
                    spoilt.rows[3][column] = bad
                    #expect(spoilt.tile(on: instructions).firstUnsoundRow == 3)
                }
            }
        }
    }
}
