import Testing
import TributaryAggregation
import TributaryCore
import TributaryMath
import TributaryStore
import TributaryTesting

/// Models of rounds with a method: the bits that simulation makes of whole vectors.
@Suite struct ModelMakerMethodTests {
    static let methods: [any FederatedMethod] = {
        var proximal = ProximalMethod()
        proximal.isAdaptive = true
        return [NormalisedMethod(), FairAveraging(), FairGradient(), proximal, DynamicMethod()]
    }()

    @Test("Pieces give the bits of a method's step on whole models, round after round", arguments: 0..<5)
    func wholeModels(place: Int) throws {
        let method = Self.methods[place]
        var round = try ModelMakerTests.Case(TestSeeds.first(5)[place], count: 300, clients: 5)
        var stream = Seed(UInt64(place)).derived("figures").stream()
        var weights = round.base
        var state = MethodState(
            form: method.form.name,
            vectors: OptimiserState(initial: method.form.serverVectors, parameterCount: weights.count),
            figures: method.initialFigures(populationSize: 9), clients: .none)
        var vectors: [TensorBlob] = []
        var kept = OptimiserState(initial: ServerMomentum().stateForm, parameterCount: weights.count)
        for number in 1...4 {
            round.order.step = ServerStep(ServerMomentum(), StepContext(learningRate: 0.1, number: number))
            let contributions = round.order.contributions.map { row in
                MethodContribution(
                    client: row.client, weight: row.weight,
                    figures: method.form.figures.map { _ in 0.1 + stream.uniform() })
            }
            var figures = state.figures
            round.order.method = MethodOrder(
                method, factors: method.advance(&figures, by: contributions, populationSize: 9), vectors: vectors)
            var mean = try Self.mean(of: round)
            MethodStep(method, populationSize: 9)
                .advance(&mean, message: [], contributions: contributions, state: &state)
            let norm = round.order.step.advance(&weights, state: &kept, along: mean)
            guard case .made(let model, let blobs, let made) = round.maker.make(round.order) else {
                Issue.record("no model was made")
                return
            }
            let isSame = try round.store.floats(model)?.map(\.bitPattern) == weights.map(\.bitPattern)
            #expect(isSame && made == norm)
            (round.order.base, round.order.state, vectors) = (model, [blobs[0]], Array(blobs.dropFirst()))
            #expect(vectors.count == method.form.server.count)
            for (vector, blob) in vectors.enumerated() {
                let found = try round.store.floats(blob)?.map(\.bitPattern)
                #expect(found == state.vectors.vector(vector).map(\.bitPattern))
            }
        }
    }

    @Test("What a method keeps is not built upon if it has changed, and is named")
    func damagedState() throws {
        var round = try ModelMakerTests.Case(TestSeeds.first(1)[0], count: 200, clients: 3)
        round.order.method = MethodOrder(DynamicMethod(), factors: [0.1])
        guard case .made(let model, let kept, _) = round.maker.make(round.order) else {
            Issue.record("no model was made")
            return
        }
        round.order.base = model
        round.order.method?.vectors = kept
        round.store.damage(kept[0].digest, at: 5)
        guard case .damagedBase(let reason) = round.maker.make(round.order) else {
            Issue.record("a damaged state was used")
            return
        }
        #expect(reason.contains("method") && reason.contains(kept[0].digest.rawValue))
    }

    static func mean(of round: ModelMakerTests.Case) throws -> [Double] {
        var sum = try #require(
            UpdateSum(
                parameterCount: round.base.count, bound: 8, weightLimit: round.updates.reduce(0) { $0 + $1.weight }))
        for update in round.updates { _ = sum.add(update.values, weight: update.weight) }
        return try #require(sum.mean())
    }
}
