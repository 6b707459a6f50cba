import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// Rounds that are put together by a rule which remembers the last one.
@Suite struct RuleMemoryTests {
    private func plan(_ rule: String, rounds: Int) throws -> Plan {
        var plan = Plan.everybody(rounds: rounds)
        try plan.set("strategy.aggregation", to: rule)
        return plan
    }

    /// Where all updates lie further ahead than τ, each round takes v a step of τ towards them, and the model along v.
    @Test func theCentreGoesOnFromRoundToRound() async throws {
        let trainer = QuadraticTrainer(clients: (0..<5).map { .init(curvature: 1, centre: 10 + Double($0)) })
        var federation = try Federation(
            plan: plan("centred-clipping:bound=0.01", rounds: 8), trainer: trainer, workers: 2)
        var (centre, model) = (0.0, 0.0)
        while let round = await federation.next() {
            centre += 0.01
            model += centre
            #expect(abs(Double(federation.state.optimiser.values[0]) - centre) < 1e-5, "\(round.round)")
            #expect(abs(Double(federation.state.weights.values[0]) - model) < 1e-4, "\(round.round)")
        }
        #expect(federation.state.optimiser.names == ["aggregate"])
        #expect(federation.state.lastRound == RoundNumber(8))
    }

    @Test(arguments: ["sgd", "adam"])
    func interruptionsAndWorkersChangeNothing(optimiser: String) async throws {
        var plan = try plan("centred-clipping:bound=0.05,steps=2", rounds: 9)
        try plan.set("strategy.optimiser", to: optimiser)
        let trainer = QuadraticTrainer.random(seed: Seed(3), clients: 12, dimension: 5)
        let state = try await expectSameInPieces(plan, trainer)
        #expect(state.optimiser.names.last == "aggregate")
    }

    @Test func aStateWithoutItsMemoryIsNotGoneOnWith() async throws {
        let trainer = QuadraticTrainer.random(seed: Seed(3), clients: 12, dimension: 5)
        var plain = try Federation(plan: Plan.everybody(rounds: 3), trainer: trainer, workers: 1)
        _ = await plain.next()
        let state = plain.state
        #expect(throws: PlanError.self) {
            try Federation(
                plan: plan("centred-clipping", rounds: 3), trainer: trainer, workers: 1, resumingFrom: state)
        }
    }
}
