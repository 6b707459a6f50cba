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
        return [NormalisedMethod(), FairAveraging(), FairGradient(), proximal]
    }()

    @Test("Pieces give the bits of a method's step on whole models, round after round", arguments: 0..<4)
    func wholeModels(place: Int) throws {
        let method = Self.methods[place]
        var round = try ModelMakerTests.Case(TestSeeds.first(4)[place], count: 300, clients: 5)
        var stream = Seed(UInt64(place)).derived("figures").stream()
        var weights = round.base
        var state = MethodState(
            form: method.form.name, vectors: .none, figures: method.initialFigures(populationSize: 9), clients: .none)
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
                method, factors: method.advance(&figures, by: contributions, populationSize: 9))
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
            (round.order.base, round.order.state) = (model, blobs)
        }
    }

    static func mean(of round: ModelMakerTests.Case) throws -> [Double] {
        var sum = try #require(
            UpdateSum(
                parameterCount: round.base.count, bound: 8, weightLimit: round.updates.reduce(0) { $0 + $1.weight }))
        for update in round.updates { _ = sum.add(update.values, weight: update.weight) }
        return try #require(sum.mean())
    }
}
