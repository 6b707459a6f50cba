import Testing
import TributaryAggregation
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting

/// Models that a client's model is mixed into.
@Suite struct ModelMakerMixingTests {
    /// A step with one update, which started from a former model, and what the update says.
    private struct Case {
        var round: ModelMakerTests.Case
        let former: [Float]

        init(_ seed: Seed, share: Double, count: Int = 300) throws {
            round = try ModelMakerTests.Case(seed, count: count, clients: 1)
            round.order.contributions[0].weight = 1
            var stream = seed.derived("former").stream()
            former = (0..<count).map { _ in Float(stream.uniform() * 40 - 20) }
            round.order.mixing = ModelMixing(shares: [share], bases: [try round.store.put(former, .float32).blob])
        }

        /// x + η α s (x_k + Δ_k − x), each way within the bound.
        func expected(from start: [Float], share: Double) -> (weights: [Float], stepNorm: Double) {
            let update = round.updates[0].values
            let ways = round.base.indices.map { index -> Float in
                let way = share * (Double(start[index]) + Double(update[index]) - Double(round.base[index]))
                return Float(way < -8 ? -8 : way > 8 ? 8 : way)
            }
            return ExactOracle.model(after: round.base, [(ways, 1)], bound: 8, learningRate: 0.7)
        }
    }

    private func check(
        _ result: ModelResult, _ expected: (weights: [Float], stepNorm: Double), in store: MemoryBlobStore
    )
        throws
    {
        guard case .made(let blob, _, let norm) = result else {
            Issue.record("no model was made")
            return
        }
        let made = try store.floats(blob)
        #expect(made?.map(\.bitPattern) == expected.weights.map(\.bitPattern))
        #expect(norm == expected.stepNorm)
    }

    @Test("The bits are those of the definition, in pieces or at once", arguments: TestSeeds.first(10))
    func exactness(seed: Seed) throws {
        for share in [0.6, 1, 0.6 * StalenessWeight()(3)] {
            let mixed = try Case(seed, share: share)
            let expected = mixed.expected(from: mixed.former, share: share)
            try check(mixed.round.maker.make(mixed.round.order), expected, in: mixed.round.store)
            try check(ModelMaker(store: mixed.round.store).make(mixed.round.order), expected, in: mixed.round.store)
        }
    }

    @Test("An update of the newest model is mixed from it", arguments: TestSeeds.first(3))
    func newest(seed: Seed) throws {
        var mixed = try Case(seed, share: 0.5)
        mixed.round.order.mixing?.bases = [mixed.round.order.base]
        let expected = mixed.expected(from: mixed.round.base, share: 0.5)
        try check(mixed.round.maker.make(mixed.round.order), expected, in: mixed.round.store)
    }

    @Test(
        "Without the model that it started from an update is of no use, and the newest is none the worse",
        arguments: [3, 1199])
    func damagedFormerModel(place: Int) throws {
        let mixed = try Case(TestSeeds.first(1)[0], share: 0.6)
        let former = try #require(mixed.round.order.mixing?.bases[0])
        mixed.round.store.damage(former.digest, at: place)
        for _ in 0..<2 {
            #expect(mixed.round.maker.make(mixed.round.order) == .damagedContributions([ClientID(index: 0)]))
        }
        // The update itself is where it was.
        #expect(mixed.round.store.quarantine.count == 1)
        #expect(try mixed.round.store.floats(mixed.round.order.contributions[0].numbers) != nil)
    }

    @Test("A damaged newest model is told as such")
    func damagedBase() throws {
        let mixed = try Case(TestSeeds.first(1)[0], share: 0.6)
        mixed.round.store.damage(mixed.round.order.base.digest, at: 5)
        guard case .damagedBase = mixed.round.maker.make(mixed.round.order) else {
            Issue.record("a damaged base was used")
            return
        }
    }
}
