import Testing
import TributaryAggregation
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting

/// What a server optimiser keeps, made with the model.
@Suite struct ModelMakerStateTests {
    static let optimisers: [any ServerOptimiser] = {
        var adam = ServerAdam()
        var yogi = ServerYogi()
        (adam.biasCorrection, yogi.v0) = (.moments, 1e-6)
        return [ServerMomentum(), ServerAdagrad(), adam, yogi]
    }()

    @Test("Pieces give the bits of steps on whole models, round after round", arguments: 0..<4)
    func wholeModels(place: Int) throws {
        let optimiser = Self.optimisers[place]
        var round = try ModelMakerTests.Case(TestSeeds.first(4)[place], count: 300, clients: 5)
        var weights = round.base
        var state = OptimiserState(initial: optimiser.stateForm, parameterCount: weights.count)
        for number in 1...4 {
            round.order.step = ServerStep(optimiser, StepContext(learningRate: 0.1, number: number))
            let mean = try mean(of: round)
            let norm = round.order.step.advance(&weights, state: &state, along: mean)
            guard case .made(let model, let kept, let made) = round.maker.make(round.order) else {
                Issue.record("no model was made")
                return
            }
            let isSame = try round.store.floats(model)?.map(\.bitPattern) == weights.map(\.bitPattern)
            #expect(isSame && made == norm)
            for (vector, blob) in kept.enumerated() {
                let found = try round.store.floats(blob)?.map(\.bitPattern)
                #expect(found == state.vector(vector).map(\.bitPattern))
            }
            #expect(kept.count == optimiser.stateForm.vectors.count)
            (round.order.base, round.order.state) = (model, kept)
        }
    }

    @Test("A state that has changed or is gone is not built upon, and is named")
    func damagedState() throws {
        var round = try ModelMakerTests.Case(TestSeeds.first(1)[0], count: 200, clients: 3)
        round.order.step = ServerStep(ServerAdam())
        guard case .made(let model, let kept, _) = round.maker.make(round.order) else {
            Issue.record("no model was made")
            return
        }
        (round.order.base, round.order.state) = (model, kept)
        round.store.damage(kept[1].digest, at: 5)
        for _ in 0..<2 {
            guard case .damagedBase(let reason) = round.maker.make(round.order) else {
                Issue.record("a damaged state was used")
                return
            }
            #expect(reason.contains("second-moment") && reason.contains(kept[1].digest.rawValue))
        }
    }

    @Test("A full disk is a failure that may pass, and leaves nothing behind")
    func fullDisk() throws {
        var round = try ModelMakerTests.Case(TestSeeds.first(1)[0], count: 200, clients: 3)
        round.order.step = ServerStep(ServerAdam())
        let before = try round.store.blobs().count
        round.store.fail(with: StoreError(.full, "no room"))
        #expect(round.maker.make(round.order) == .failed("no room"))
        round.store.fail(with: nil)
        #expect(try round.store.blobs().count == before)
        guard case .made = round.maker.make(round.order) else {
            Issue.record("it did not work again")
            return
        }
        #expect(try round.store.blobs().count == before + 3)
    }

    private func mean(of round: ModelMakerTests.Case) throws -> [Double] {
        let total = round.updates.reduce(0) { $0 + $1.weight }
        var sum = try #require(UpdateSum(parameterCount: round.base.count, bound: 8, weightLimit: total))
        for update in round.updates {
            let refusal = sum.add(update.values, weight: update.weight)
            #expect(refusal == nil)
        }
        return try #require(sum.mean())
    }
}
