import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// Draws against the probabilities that they are defined by. Seeds are fixed, so that a test that passes stays so.
@Suite struct WeightedDrawTests {
    private static let clients = (0..<10).map(ClientID.init(index:))

    @Test func oneDrawIsInProportionToWeights() {
        var counts = [Double](repeating: 0, count: 10)
        for seed in TestSeeds.first(20_000) {
            let drawn = draw(1, seed) { Double($0.index + 1) }
            #expect(drawn.count == 1)
            counts[drawn[0].index] += 1
        }
        // Chi-squared with 9 degrees of freedom exceeds 27.88 once in a thousand.
        let expected = (1...10).map { 20_000 * Double($0) / 55 }
        #expect(chiSquared(counts, expected) < 27.88)
    }

    @Test(arguments: [2, 3, 5]) func inclusionIsExactlyInProportionToWeights(count: Int) {
        var counts = [Double](repeating: 0, count: 10)
        for seed in TestSeeds.first(20_000) {
            let drawn = draw(count, seed) { Double($0.index + 1) }
            #expect(Set(drawn).count == count)
            for client in drawn { counts[client.index] += 1 }
        }
        for index in 0..<10 {
            let share = Double(count * (index + 1)) / 55
            let deviation = (20_000 * share * (1 - share)).squareRoot()
            #expect(abs(counts[index] - 20_000 * share) < 4.5 * deviation)
        }
    }

    @Test func whoWouldBeDrawnMoreThanOnceIsAlwaysThere() {
        var counts = [Double](repeating: 0, count: 10)
        for seed in TestSeeds.first(4000) {
            let drawn = draw(3, seed) { $0.index < 2 ? 1000 : 1 }
            #expect(Set(drawn).count == 3 && drawn.contains(ClientID(0)) && drawn.contains(ClientID(1)))
            for client in drawn { counts[client.index] += 1 }
        }
        #expect(chiSquared(Array(counts[2...]), [Double](repeating: 500, count: 8)) < 24.32)
    }

    @Test func evenWeightsAreASimpleRandomSample() {
        var pairs: [Set<ClientID>: Double] = [:]
        for seed in TestSeeds.first(15_000) {
            var stream = seed.stream()
            let drawn = WeightedDraw.proportional(
                2, of: Array(Self.clients.prefix(6)), weight: { _ in 7 }, random: &stream)
            pairs[Set(drawn), default: 0] += 1
        }
        #expect(pairs.count == 15)
        #expect(chiSquared(Array(pairs.values), [Double](repeating: 1000, count: 15)) < 36.12)
    }

    @Test func theOrderOfADrawIsRandom() {
        var first = [Double](repeating: 0, count: 2)
        for seed in TestSeeds.first(2000) {
            let drawn = draw(2, seed) { [1, 9, 0, 0, 0, 0, 0, 0, 0, 0][$0.index] }
            #expect(Set(drawn) == [ClientID(0), ClientID(1)])
            first[drawn[0].index] += 1
        }
        #expect(abs(first[0] - 1000) < 100)
    }

    @Test func whoHasNoWeightIsNeverDrawnInProportion() {
        for seed in TestSeeds.first(200) {
            #expect(Set(draw(5, seed) { $0.index < 3 ? 1 : 0 }) == Set(Self.clients.prefix(3)))
            #expect(draw(5, seed) { _ in 0 } == [])
            #expect(draw(0, seed) { _ in 1 } == [])
        }
    }

    @Test func successiveDrawsHaveTheProbabilitiesOfTheirOrder() {
        let weights = [1.0, 2, 4]
        var counts: [[Int]: Double] = [:]
        for seed in TestSeeds.first(20_000) {
            var stream = seed.stream()
            let drawn = WeightedDraw.successive(
                2, of: Array(Self.clients.prefix(3)), weight: { weights[$0.index] }, random: &stream)
            counts[drawn.map(\.index), default: 0] += 1
        }
        var statistic = 0.0
        for first in 0..<3 {
            for second in 0..<3 where second != first {
                let expected = 20_000 * weights[first] / 7 * weights[second] / (7 - weights[first])
                let difference = counts[[first, second], default: 0] - expected
                statistic += difference * difference / expected
            }
        }
        #expect(statistic < 20.52)
    }

    private func draw(_ count: Int, _ seed: Seed, weight: (ClientID) -> Double) -> [ClientID] {
        var stream = seed.stream()
        return WeightedDraw.proportional(count, of: Self.clients, weight: weight, random: &stream)
    }

    private func chiSquared(_ counts: [Double], _ expected: [Double]) -> Double {
        zip(counts, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / $1.1 }
    }
}
