import Testing
import TributaryMath
import TributaryTesting

/// Means of columns against their definitions, to the bit and on whatever processor.
@Suite struct ColumnMeansTests {
    @Test(arguments: [1, 2, 3, 4, 6, 9, 20, 33, 100, 300])
    func trimmedMeansAreThoseOfASort(rows: Int) throws {
        for (seed, kind) in zip(TestSeeds.first(4), NumberKind.allCases) {
            let sample = TileSample(rows: rows, width: 45, kind: kind, seed: seed)
            for trimmed in Set([0, rows / 10, rows / 3, (rows - 1) / 2]) where 2 * trimmed < rows {
                var means = TrimmedMeans(rowCount: rows, trimmed: trimmed, width: 45)
                let found = try #require(agreed { means.all(of: sample.tile(on: $0)) })
                let expected = (0..<sample.width).map { trimmedMean(sample.column($0), trimmed: trimmed) }
                #expect(found == expected, "\(kind), \(trimmed) trimmed")
            }
        }
    }

    @Test(arguments: TestSeeds.first(10))
    func theOrderOfRowsDoesNotShow(seed: Seed) {
        var sample = TileSample(rows: 37, width: 64, kind: .spread, seed: seed)
        var means = TrimmedMeans(rowCount: 37, trimmed: 5, width: 64)
        let before = means.all(of: sample.tile(on: .best))
        var stream = seed.derived("order").stream()
        stream.shuffle(&sample.rows)
        #expect(means.all(of: sample.tile(on: .best)) == before)
    }

    @Test(arguments: TestSeeds.first(10))
    func theGridIsFinerThanAnyoneCanSee(seed: Seed) {
        let sample = TileSample(rows: 50, width: 64, kind: .spread, seed: seed)
        var means = TrimmedMeans(rowCount: 50, trimmed: 5, width: 64)
        for (column, mean) in means.all(of: sample.tile(on: .best)).enumerated() {
            let kept = sample.column(column).sorted()[5..<45].map(Double.init)
            let largest = kept.map(\.magnitude).max() ?? 0
            #expect(abs(mean - kept.reduce(0, +) / 40) <= 50 * 0x1p-52 * largest)
        }
    }

    @Test(arguments: [1, 2, 3, 5, 8, 20, 61, 300])
    func closestMeansAreThoseOfASort(rows: Int) throws {
        for (seed, kind) in zip(TestSeeds.first(3), NumberKind.allCases) {
            let sample = TileSample(rows: rows, width: 45, kind: kind, seed: seed)
            for kept in Set([1, max(rows / 2, 1), rows]) {
                let found = try #require(
                    agreed { (instructions: InstructionSet) -> [Double] in
                        var means = ClosestMeans(rowCount: rows, kept: kept, width: 45, instructions: instructions)
                        var room = [Double](room: 45)
                        means.write(of: sample.tile(on: instructions), to: &room)
                        return Array(room[..<45])
                    })
                #expect(
                    found == (0..<sample.width).map { closestMean(sample.column($0), kept: kept) }, "\(kind), \(kept)")
            }
        }
    }

    /// The definition: sort, drop both ends, round to the grid of the numbers that are left, add, divide.
    private func trimmedMean(_ column: [Float], trimmed: Int) -> Double {
        let kept = column.sorted().dropFirst(trimmed).dropLast(trimmed).map(Double.init)
        guard kept.count > 2 else { return (kept[0] + kept[kept.count - 1]) / 2 }
        guard let largest = kept.map(\.magnitude).max(), largest > 0 else { return 0 }
        let bits = max(2, Int.bitWidth - (column.count - 1).leadingZeroBitCount)
        let step = Double(sign: .plus, exponent: Int(largest.exponent) + bits - 52, significand: 1)
        // Whole numbers below 2^53: their sum is exact in any order.
        let sum = kept.reduce(0) { $0 + ($1 / step).rounded(.toNearestOrEven) }
        return sum * step / Double(kept.count)
    }

    /// The definition: sort the rows by deviation, then by place; add the first ones in the rows' order.
    private func closestMean(_ column: [Float], kept: Int) -> Double {
        let sorted = column.sorted()
        let median = (Double(sorted[(column.count - 1) / 2]) + Double(sorted[column.count / 2])) / 2
        let deviations = column.map { Float(Double($0) - median).magnitude }
        let order = column.indices.sorted { (deviations[$0], $0) < (deviations[$1], $1) }
        return order.prefix(kept).sorted().reduce(0) { $0 + Double(column[$1]) } / Double(kept)
    }
}

extension TrimmedMeans {
    fileprivate mutating func all(of tile: UpdateTile) -> [Double] {
        var room = [Double](room: tile.width)
        write(of: tile, to: &room)
        return Array(room[..<tile.width])
    }
}
