import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// The quantisers against their papers' formulas.
@Suite struct QuantiserTests {
    @Test func levelsAreEquallySpacedAndKeepTheirExtremes() {
        let grid = LevelGrid(from: -1, to: 1, count: 5)
        #expect((0..<5).map(grid.level) == [-1, -0.5, 0, 0.5, 1])
        for count in 2...256 {
            let uneven = LevelGrid(from: -1e30, to: 0.1, count: count)
            #expect(uneven.level(0) == -1e30 && uneven.level(count - 1) == 0.1)
            #expect((1..<count).allSatisfy { uneven.level($0) > uneven.level($0 - 1) })
        }
        #expect(LevelGrid(from: -0.3, to: 0.3, count: 15).level(7) == 0)
    }

    /// (−1, −0.2, 0.35, 1) on five levels lies at 0, 1.6, 2.7 and 4.
    @Test func fiveLevelsRoundAsFarAsTheyShould() {
        let draws = 40_000
        let counts = Self.counts(LevelQuantiser(levelCount: 5), [-1, -0.2, 0.35, 1], draws: draws)
        #expect(counts.scales == BucketScales(-1, 1))
        #expect(counts.codes[0] == [0: draws] && counts.codes[3] == [4: draws])
        #expect(Set(counts.codes[1].keys) == [1, 2] && Set(counts.codes[2].keys) == [2, 3])
        Self.expect(counts.codes[1][2], of: draws, isAShareOf: 0.6)
        Self.expect(counts.codes[2][3], of: draws, isAShareOf: 0.7)
    }

    /// (3, −4, 0, 12) with norm 13 and four levels: 0.923077, 1.230769, 0 and 3.692308 levels, and a variance of 4.875.
    @Test func fourMagnitudesRoundAsFarAsTheyShould() {
        let draws = 40_000
        let counts = Self.counts(NormQuantiser(magnitudeCount: 4), [3, -4, 0, 12], draws: draws)
        #expect(counts.scales == BucketScales(13))
        #expect(counts.codes[2] == [4: draws])
        Self.expect(counts.codes[0][5], of: draws, isAShareOf: 12.0 / 13)
        Self.expect(counts.codes[1][2], of: draws, isAShareOf: 3.0 / 13)
        Self.expect(counts.codes[3][8], of: draws, isAShareOf: 9.0 / 13)
        let vector: [Double] = [3, -4, 0, 12]
        var error = 0.0
        for (place, codes) in counts.codes.enumerated() {
            for (code, count) in codes {
                let level = 13.0 * Double(Int(code) - 4) / 4
                error += Double(count) / Double(draws) * (level - vector[place]) * (level - vector[place])
            }
        }
        #expect(abs(error - 4.875) < 0.05)
    }

    @Test func bucketsWithoutASpreadHaveOneCode() {
        for quantiser in [LevelQuantiser(levelCount: 2), LevelQuantiser(levelCount: 7)] {
            let constant = Self.counts(quantiser, [0.1, 0.1, 0.1], draws: 3)
            #expect(constant.scales == BucketScales(0.1, 0.1) && constant.codes.allSatisfy { $0 == [0: 3] })
        }
        let zero = Self.counts(NormQuantiser(bits: 4), [0, -0.0], draws: 3)
        #expect(zero.scales == BucketScales(0) && zero.codes.allSatisfy { $0 == [7: 3] })
        let signs = Self.counts(CentroidQuantiser.drive(isContractive: false), [0, -0.0], draws: 3)
        #expect(signs.scales == BucketScales(0) && signs.codes.allSatisfy { $0 == [0: 3] })
    }

    /// R = (−1.75, −0.25, 0.75, 3.25): signs with the scale 14.25 / 6, or 6 / 4 for the least error.
    @Test func signsHaveBothScales() {
        let rotated: [Float] = [-1.75, -0.25, 0.75, 3.25]
        let unbiased = Self.counts(CentroidQuantiser.drive(isContractive: false), rotated, draws: 1)
        #expect(unbiased.codes == [[0: 1], [0: 1], [1: 1], [1: 1]] && unbiased.scales == BucketScales(2.375))
        let contractive = Self.counts(CentroidQuantiser.drive(isContractive: true), rotated, draws: 1)
        #expect(contractive.codes == unbiased.codes && contractive.scales == BucketScales(1.5))
    }

    @Test(arguments: 1...4)
    func centroidsAreTheMeansBetweenTheirMidpoints(bits: Int) {
        // Lloyd's iteration on the positive half of the normal distribution.
        func density(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }
        func upper(_ x: Double) -> Double { erfc(x / 2.0.squareRoot()) / 2 }
        let count = 1 << (bits - 1)
        var centroids = (0..<count).map { 3 * (Double($0) + 0.5) / Double(count) }
        for _ in 0..<3_000 {
            let edges = [0] + zip(centroids, centroids.dropFirst()).map { ($0 + $1) / 2 }
            centroids = edges.indices.map { place in
                let (from, to) = (edges[place], place + 1 < count ? edges[place + 1] : .infinity)
                let mass = upper(from) - (to.isFinite ? upper(to) : 0)
                return (density(from) - (to.isFinite ? density(to) : 0)) / mass
            }
        }
        #expect(NormalCentroids.positive(bits: bits) == centroids.map { Float($0) })
    }

    @Test(arguments: 1...4, TestSeeds.first(3))
    func everyNumberGetsTheNearestCentroid(bits: Int, seed: Seed) {
        var stream = seed.stream()
        let numbers = (0..<257).map { _ in Float(stream.normal() * 0.01) }
        let quantiser = CentroidQuantiser.eden(bits: bits, isContractive: false)
        let counts = Self.counts(quantiser, numbers, draws: 1)
        let deviation = (numbers.reduce(0) { $0 + Double($1) * Double($1) } / 257).squareRoot()
        for (number, codes) in zip(numbers, counts.codes) {
            let distances = quantiser.centroids.map { abs(Double(number) / deviation - Double($0)) }
            let code = codes.keys.first.map(Int.init) ?? 0
            #expect(distances[code] <= (distances.min() ?? 0) + 1e-6)
        }
    }

    // MARK: - What a quantiser does, many times over

    private static func counts(
        _ quantiser: some BucketQuantiser, _ bucket: [Float], draws: Int
    ) -> (scales: BucketScales, codes: [[UInt8: Int]]) {
        var stream = Seed(11).stream()
        var lanes = RandomLanes(from: &stream)
        var counts = [[UInt8: Int]](repeating: [:], count: bucket.count)
        var codes = [UInt8](repeating: 0, count: bucket.count)
        var scales = BucketScales(.nan)
        for _ in 0..<draws {
            scales = bucket.withUnsafeBufferPointer {
                quantiser.quantise($0, seen: VectorLevel.best.summary(of: $0), random: &lanes, codes: &codes)
            }
            for (place, code) in codes.enumerated() { counts[place][code, default: 0] += 1 }
        }
        return (scales, counts)
    }

    /// Within four standard errors.
    private static func expect(_ count: Int?, of draws: Int, isAShareOf share: Double) {
        let deviation = (share * (1 - share) * Double(draws)).squareRoot()
        #expect(abs(Double(count ?? 0) - share * Double(draws)) < 4 * deviation)
    }
}
