import Testing
import TributaryMath
import TributaryTesting

/// Sums of rows and distances against plain loops; the same bits on whatever processor and in tiles of any width.
@Suite struct TileSumsTests {
    @Test(arguments: [1, 2, 3, 4, 5, 9, 18])
    func pairDistancesAreSumsOfSquares(rows: Int) throws {
        for seed in TestSeeds.first(3) {
            let sample = TileSample(rows: rows, width: 1700, kind: .spread, seed: seed)
            var all: [PairDistances] = []
            for instructions in InstructionSet.supported {
                for blocks in 1...4 {
                    var distances = PairDistances(count: rows)
                    for piece in pieces(sample.width, UpdateTile.block * blocks) {
                        distances.add(sample.tile(piece, capacity: UpdateTile.block * blocks, on: instructions))
                    }
                    all.append(distances)
                }
            }
            for first in 0..<rows {
                for second in 0..<rows {
                    let expected = zip(sample.rows[first], sample.rows[second])
                        .reduce(0.0) { $0 + square(Double($1.0 - $1.1)) }
                    let found = all[0][first, second]
                    #expect(abs(found - expected) <= 1e-13 * expected)
                    #expect(all.allSatisfy { $0[first, second].bitPattern == found.bitPattern })
                }
            }
        }
    }

    @Test func distancesOfEnormousAndTinyUpdatesAreWhatTheyAre() {
        for scale in [Float(1e30), 1e-30] {
            var sample = TileSample(rows: 3, width: 40, kind: .tied, seed: Seed(5))
            for row in sample.rows.indices { sample.rows[row] = sample.rows[row].map { $0 * scale } }
            var distances = PairDistances(count: 3)
            distances.add(sample.tile(on: .best))
            let expected = zip(sample.rows[0], sample.rows[1]).reduce(0.0) { $0 + square(Double($1.0 - $1.1)) }
            #expect(expected > 0 && abs(distances[0, 1] / expected - 1) < 1e-13)
        }
    }

    @Test(arguments: [0, 1, 2, 7, 30])
    func scaledRowsAreAddedOneAfterTheOther(rows: Int) throws {
        let sample = TileSample(rows: rows, width: rows == 0 ? 0 : 83, kind: .spread, seed: Seed(3))
        var stream = Seed(4).stream()
        let weights = (0..<rows).map { _ in stream.normal() }
        let found = try #require(
            agreed { (instructions: InstructionSet) -> [Double] in
                var sums = [Double](room: sample.width)
                for index in sums.indices { sums[index] = 0.1 }
                sample.tile(on: instructions).addRows(scaledBy: weights, to: &sums)
                return Array(sums[..<sample.width])
            })
        let expected = (0..<sample.width).map { column in
            zip(weights, sample.column(column)).reduce(0.1) { $0 + $1.0 * Double($1.1) }
        }
        #expect(found == expected)
    }

    @Test(arguments: [1, 3, 10])
    func distancesFromAPointAreSumsOfSquares(rows: Int) {
        let sample = TileSample(rows: rows, width: 1200, kind: .spread, seed: Seed(8))
        var stream = Seed(9).stream()
        let point = (0..<sample.width).map { _ in stream.normal() }
        var all: [[Double]] = []
        for instructions in InstructionSet.supported {
            for blocks in 1...3 {
                var distances = [Double](repeating: 0, count: rows)
                for piece in pieces(sample.width, UpdateTile.block * blocks) {
                    var centre = [Double](room: piece.count)
                    centre.replaceSubrange(0..<piece.count, with: point[piece])
                    let tile = sample.tile(piece, capacity: UpdateTile.block * blocks, on: instructions)
                    tile.addDistances(from: centre, to: &distances)
                }
                all.append(distances)
            }
        }
        let expected = sample.rows.map { zip($0, point).reduce(0.0) { $0 + square(Double($1.0) - $1.1) } }
        #expect(zip(all[0], expected).allSatisfy { abs($0 - $1) <= 1e-12 * $1 })
        #expect(all.allSatisfy { $0.map(\.bitPattern) == all[0].map(\.bitPattern) })
    }

    private func square(_ number: Double) -> Double { number * number }

    private func pieces(_ length: Int, _ width: Int) -> [Range<Int>] {
        stride(from: 0, to: length, by: width).map { $0..<min($0 + width, length) }
    }
}
