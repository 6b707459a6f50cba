import Testing
import TributaryAggregation
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting

/// Models made by a rule that goes on from what it gave in the round before.
@Suite struct ModelMakerMemoryTests {
    private static let rule = CentredClipping(bound: 0.5, steps: 2)

    /// The updates of another round, stored.
    private func replaceUpdates(of round: inout ModelMakerTests.Case, _ stream: inout RandomStream) throws {
        for place in round.updates.indices {
            let values = round.updates[place].values.indices.map { _ in Float(stream.normal() * 0.1) }
            let stored = try round.store.put(values, .float32)
            round.updates[place].values = stored.values
            round.order.contributions[place].update.blob = UpdateBlob(stored.blob)
        }
    }

    @Test(
        "Round after round the bits are those of the rule on updates in memory, with what it gave before",
        arguments: TestSeeds.first(4))
    func wholeModels(seed: Seed) throws {
        for inner in [ServerSGD(), ServerMomentum()] as [any ServerOptimiser] {
            var stream = seed.derived("rounds").stream()
            var round = try ModelMakerTests.Case(seed, count: 700, clients: 9)
            round.order.aggregation = Aggregation(Self.rule)
            let optimiser = RememberingOptimiser(inner)
            var (weights, previous) = (round.base, [Double]())
            var state = OptimiserState(initial: inner.stateForm, parameterCount: weights.count)
            for number in 1...4 {
                try replaceUpdates(of: &round, &stream)
                let context = StepContext(learningRate: 0.5, number: number)
                round.order.step = ServerStep(optimiser, context)
                let aggregate = try Self.rule.aggregate(
                    MemoryUpdates(
                        round.updates.map(\.values), weights: round.updates.map(\.weight), previous: previous))
                let norm = ServerStep(inner, context).advance(&weights, state: &state, along: aggregate)
                previous = aggregate.map { Double(Float($0)) }
                var limits = round.limits
                limits.ruleTileBytes = 1
                let result = ModelMaker(store: round.store, limits: limits).make(round.order)
                #expect(ModelMaker(store: round.store).make(round.order) == result)
                guard case .made(let model, let kept, let made) = result else {
                    Issue.record("no model was made")
                    return
                }
                let found = try round.store.floats(model)?.map(\.bitPattern)
                #expect(found == weights.map(\.bitPattern) && made == norm)
                #expect(kept.count == inner.stateForm.vectors.count + 1)
                let memory = try round.store.floats(try #require(kept.last))
                #expect(memory?.map(\.bitPattern) == aggregate.map { Float($0).bitPattern })
                (round.order.base, round.order.state) = (model, kept)
            }
        }
    }

    @Test("A memory that has changed is not gone on from", arguments: [0, 2799])
    func damagedMemory(place: Int) throws {
        var stream = TestSeeds.first(1)[0].derived("rounds").stream()
        var round = try ModelMakerTests.Case(TestSeeds.first(1)[0], count: 700, clients: 5)
        round.order.aggregation = Aggregation(Self.rule)
        round.order.step = ServerStep(RememberingOptimiser())
        guard case .made(let model, let kept, _) = round.maker.make(round.order) else {
            Issue.record("no model was made")
            return
        }
        try replaceUpdates(of: &round, &stream)
        (round.order.base, round.order.state) = (model, kept)
        round.store.damage(kept[0].digest, at: place)
        guard case .damagedBase(let reason) = round.maker.make(round.order) else {
            Issue.record("a damaged memory was used")
            return
        }
        #expect(reason.contains("aggregate"))
    }
}
