import Testing
import TributaryAggregation
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting

/// Models made by rules that see a round's updates together.
@Suite struct ModelMakerRuleTests {
    private static let rules: [any AggregationPart] = [
        CoordinateMedian(), TrimmedMean(), Krum(), MultiKrum(), Bulyan(), GeometricMedian(), NormBounding(),
    ]

    @Test(arguments: Self.rules.indices, TestSeeds.first(4))
    func blobsGiveTheBitsOfUpdatesInMemory(place: Int, seed: Seed) throws {
        let part = Self.rules[place]
        var stream = seed.derived("shape").stream()
        var round = try ModelMakerTests.Case(seed, count: 1 + stream.uniform(below: 3000), clients: 11)
        round.order.aggregation = Aggregation(part)
        let rule = try #require(part.rule)
        let update = try rule.aggregate(
            MemoryUpdates(round.updates.map(\.values), weights: round.updates.map(\.weight)))
        var weights = round.base
        var state = OptimiserState.none
        let norm = round.order.step.advance(&weights, state: &state, along: update)
        let expected = ModelResult.made(try round.store.put(weights, .float32).blob, stepNorm: norm)
        var limits = round.limits
        limits.ruleTileBytes = 1
        #expect(ModelMaker(store: round.store, limits: limits).make(round.order) == expected)
        #expect(ModelMaker(store: round.store).make(round.order) == expected)
    }

    @Test(arguments: Self.rules.indices)
    func updatesThatHaveChangedAreNamedAndMovedAside(place: Int) throws {
        var round = try ModelMakerTests.Case(TestSeeds.first(1)[0], count: 500, clients: 11)
        round.order.aggregation = Aggregation(Self.rules[place])
        let blob = round.order.contributions[4].update.blob
        round.store.damage(blob.digest, at: blob.byteCount - 1)
        #expect(round.maker.make(round.order) == .damagedContributions([ClientID(4)]))
        #expect(round.store.quarantine.count == 1)
    }

    @Test func aRuleThatCannotDoWithSoFewSaysSo() throws {
        var round = try ModelMakerTests.Case(TestSeeds.first(1)[0], count: 10, clients: 4)
        round.order.aggregation = Aggregation(Krum(limit: .count(1)))
        guard case .damagedBase(let reason) = round.maker.make(round.order) else {
            Issue.record("a model was made")
            return
        }
        #expect(reason.contains("Krum"))
    }
}
