import Testing
import TributaryAggregation
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting

/// Models made of updates that count for less, as they started from old models.
@Suite struct ModelMakerScaleTests {
    private static let scales = [1, 0.7071067811865476, 0.5773502691896258, 0.5, 1]

    private func scaled(_ seed: Seed, clients: Int) throws -> ModelMakerTests.Case {
        var round = try ModelMakerTests.Case(seed, count: 500, clients: clients)
        round.order.scales = (0..<clients).map { Self.scales[$0 % Self.scales.count] }
        for place in round.updates.indices {
            let factor = round.order.scales[place]
            round.updates[place].values = round.updates[place].values.map { Float(Double($0) * factor) }
        }
        return round
    }

    @Test(
        "The bits are those of whole numbers, of updates that were scaled and rounded once",
        arguments: TestSeeds.first(10))
    func exactness(seed: Seed) throws {
        let round = try scaled(seed, clients: 9)
        let expected = ExactOracle.model(after: round.base, round.updates, bound: 8, learningRate: 0.7)
        guard case .made(let blob, _, let norm) = round.maker.make(round.order) else {
            Issue.record("no model was made")
            return
        }
        let made = try round.store.floats(blob)
        #expect(made?.map(\.bitPattern) == expected.weights.map(\.bitPattern))
        #expect(norm == expected.stepNorm)
    }

    @Test("A mean that is made as long as that of fresh updates is multiplied in double precision")
    func meanScale() throws {
        var round = try scaled(TestSeeds.first(1)[0], clients: 4)
        round.order.meanScale = 1.4142135623730951
        let total = round.updates.reduce(0) { $0 + $1.weight }
        var sum = try #require(UpdateSum(parameterCount: 500, bound: 8, weightLimit: total))
        for update in round.updates { _ = sum.add(update.values, weight: update.weight) }
        let mean = try #require(sum.mean()).map { $0 * 1.4142135623730951 }
        var (weights, state) = (round.base, OptimiserState.none)
        let norm = round.order.step.advance(&weights, state: &state, along: mean)
        let expected = ModelResult.made(try round.store.put(weights, .float32).blob, stepNorm: norm)
        #expect(round.maker.make(round.order) == expected)
    }

    @Test("Rules see the scaled updates", arguments: TestSeeds.first(3))
    func rules(seed: Seed) throws {
        for part in [CoordinateMedian(), Krum(), GeometricMedian()] as [any AggregationPart] {
            var round = try scaled(seed, clients: 9)
            round.order.aggregation = Aggregation(part)
            let update = try #require(part.rule).aggregate(
                MemoryUpdates(round.updates.map(\.values), weights: round.updates.map(\.weight)))
            var (weights, state) = (round.base, OptimiserState.none)
            let norm = round.order.step.advance(&weights, state: &state, along: update)
            let expected = ModelResult.made(try round.store.put(weights, .float32).blob, stepNorm: norm)
            #expect(round.maker.make(round.order) == expected)
        }
    }
}
