import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// Settings drawn at random.
@Suite struct SweepSamplingTests {
    private func settings(_ axes: [(String, String)], _ count: Int, _ seed: UInt64) throws -> [[String]] {
        let axes = try axes.map { try SweepAxis(field: $0.0, values: $0.1, on: Plan()) }
        return try SweepDesign(base: Plan(), axes: axes, sampleCount: count, sampleSeed: seed).settings.map(\.values)
    }

    private static let axes = [
        ("local.learning-rate", "0.001..0.1:log"), ("server.learning-rate", "0.1..2"), ("local.epochs", "2..5"),
        ("model", "mlp:8|softmax"),
    ]

    @Test(arguments: TestSeeds.first(20))
    func settingsAreWithinTheirRangesAndNoTwoAlike(seed: Seed) throws {
        let settings = try settings(Self.axes, 100, seed.rawValue)
        #expect(settings.count == 100 && Set(settings).count == 100)
        for setting in settings {
            let (rate, serverRate) = (try #require(Double(setting[0])), try #require(Double(setting[1])))
            #expect((0.001...0.1).contains(rate) && (0.1...2).contains(serverRate))
            #expect(["2", "3", "4", "5"].contains(setting[2]) && ["mlp:8", "softmax"].contains(setting[3]))
        }
        for (place, count) in [(2, 4), (3, 2)] { #expect(Set(settings.map { $0[place] }).count == count) }
    }

    @Test(arguments: TestSeeds.first(20))
    func aSeedGivesItsSettingsAgainAndMoreOfThemBeginTheSame(seed: Seed) throws {
        let few = try settings(Self.axes, 10, seed.rawValue)
        #expect(try settings(Self.axes, 10, seed.rawValue) == few)
        #expect(try Array(settings(Self.axes, 40, seed.rawValue).prefix(10)) == few)
        #expect(try settings(Self.axes, 10, seed.rawValue &+ 1) != few)
    }

    @Test(arguments: TestSeeds.first(20))
    func anotherAxisDoesNotShiftDraws(seed: Seed) throws {
        let both = try settings(Array(Self.axes.prefix(2)), 30, seed.rawValue)
        #expect(try settings([Self.axes[1]], 30, seed.rawValue).map { $0[0] } == both.map { $0[1] })
    }

    /// Kolmogorov's statistic of 4,000 draws stays below 1.95/√n with a probability of 0.999; the seeds are fixed.
    @Test(arguments: [
        ("local.learning-rate", "0.001..10:log", true), ("local.learning-rate", "0.001..10", false),
        ("local.learning-rate", "0.1..0.11", false), ("server.learning-rate", "1000..900000", false),
    ])
    func drawsAreUniformOnTheirScale(_ field: String, _ range: String, _ isLogarithmic: Bool) throws {
        let ends = range.replacing(":log", with: "").split(separator: "..").compactMap { Double($0) }
        let scale = { (value: Double) in isLogarithmic ? log(value) : value }
        let (low, high) = (scale(ends[0]), scale(ends[1]))
        let draws = try settings([(field, range)], 4_000, 5).compactMap { Double($0[0]) }
            .map { (scale($0) - low) / (high - low) }.sorted()
        let distance = draws.enumerated().map { abs($0.element - (Double($0.offset) + 0.5) / 4_000) }.max() ?? 1
        #expect(draws.count == 4_000 && distance < 1.95 / 4_000.0.squareRoot())
    }

    @Test func wholeNumbersOfAllSizesAreDrawnAndTheEndsToo() throws {
        let all = (1...40).map(String.init)
        for range in ["1..40", "1..40:log"] {
            #expect(try Set(settings([("local.epochs", range)], 40, 3).map { $0[0] }) == Set(all))
        }
        // On a logarithmic scale half of them are below √(0.5 · 1000.5) = 22.4.
        let small = try settings([("local.epochs", "1..1000:log"), ("local.learning-rate", "0.1..0.2")], 2_000, 1)
            .count { (Int($0[0]) ?? 0) <= 22 }
        #expect((900...1_100).contains(small))
    }
}
