import Testing
import TributaryMath
import TributaryTesting

@Suite struct RandomStreamTests {
    @Test func derivedSeedsDoNotMeet() {
        var seen: Set<Seed> = []
        let root = Seed(1)
        for index in 0..<1000 as Range<UInt64> {
            seen.insert(root.derived("a", index))
            seen.insert(root.derived("b", index))
            seen.insert(root.derived("a", index, 0))
            seen.insert(root.derived("a", 0, index &+ 5000))
        }
        #expect(seen.count == 4000)
        #expect(root.derived("ab") != root.derived("a").derived("b"))
    }

    @Test func theSameSeedGivesTheSameStream() {
        var a = Seed(42).derived("x", 3).stream()
        var b = Seed(42).derived("x", 3).stream()
        for _ in 0..<100 { expectEqual(a.next(), b.next()) }
    }

    @Test func bitsArePinned() {
        // A change of these figures would change every run made with an older version.
        var stream = Seed(1).derived("pinned").stream()
        expectEqual([stream.next(), stream.next()], Self.pinned)
    }
    private static let pinned: [UInt64] = [1_342_840_837_551_005_999, 11_781_035_865_939_437_334]

    @Test(arguments: [2, 3, 10, 1000])
    func uniformIntegersAreEvenlySpread(bound: Int) {
        var stream = Seed(7).derived("even", UInt64(bound)).stream()
        var counts = [Int](repeating: 0, count: bound)
        let draws = 1000 * bound
        for _ in 0..<draws { counts[stream.uniform(below: bound)] += 1 }
        // Chi-square with bound − 1 degrees of freedom: mean df, deviation √(2 df); six deviations is never.
        let chiSquare = counts.reduce(0.0) { $0 + Double(($1 - 1000) * ($1 - 1000)) / 1000 }
        let freedom = Double(bound - 1)
        #expect(abs(chiSquare - freedom) < 6 * (2 * freedom).squareRoot() + 6)
    }

    @Test func momentsAreThoseOfTheDistributions() {
        var stream = Seed(9).derived("moments").stream()
        let count = 200_000
        func mean(_ draw: (inout RandomStream) -> Double) -> Double {
            var total = 0.0
            for _ in 0..<count { total += draw(&stream) }
            return total / Double(count)
        }
        #expect(abs(mean { $0.normal() }) < 0.015)
        #expect(
            abs(
                mean {
                    let x = $0.normal(); return x * x
                } - 1) < 0.02)
        #expect(abs(mean { $0.exponential(mean: 3) } - 3) < 0.05)
        #expect(abs(mean { $0.gamma(shape: 0.3) } - 0.3) < 0.01)
        #expect(abs(mean { $0.gamma(shape: 5) } - 5) < 0.05)
        #expect(abs(mean { Double($0.geometric(0.2)) } - 4) < 0.06)
    }

    @Test(arguments: [.leastNonzeroMagnitude, 1e-308, 1e-6, 0.1, 1, 100])
    func dirichletSharesAreShares(concentration: Double) {
        var stream = Seed(3).derived("dirichlet").stream()
        for _ in 0..<200 {
            let shares = stream.dirichlet([Double](repeating: concentration, count: 10))
            #expect(shares.allSatisfy { $0 >= 0 && $0 <= 1 })
            #expect(abs(shares.reduce(0, +) - 1) < 1e-12)
        }
    }

    @Test(arguments: TestSeeds.first(50))
    func samplesAreDistinctMembers(seed: Seed) {
        var stream = seed.stream()
        let population = 1 + stream.uniform(below: 50)
        let count = stream.uniform(below: population + 5)
        let sample = stream.sample(count, of: population)
        #expect(sample.count == min(count, population))
        #expect(Set(sample).count == sample.count)
        #expect(sample.allSatisfy { (0..<population).contains($0) })
    }

    @Test func everyMemberIsEquallyLikelyInASample() {
        var counts = [Int](repeating: 0, count: 20)
        for seed in TestSeeds.first(4000) {
            var stream = seed.stream()
            for member in stream.sample(5, of: 20) { counts[member] += 1 }
        }
        // Each count is binomial(4000, 1/4): mean 1000, deviation 27.4.
        #expect(counts.allSatisfy { abs($0 - 1000) < 150 })
    }
}
