import Testing
import TributaryClient
import TributaryCore
import TributaryFleet
import TributaryMath
import TributarySimulation
import TributaryTesting

/// A fleet learns what the simulation of the same plan learns: the same clients train on the same data from the same seeds, all of
/// them report in every round, and no bit is different.
@Suite struct FleetMethodTests {
    private static let clientCount = 6

    private static func plan(_ method: String) throws -> Plan {
        var plan = Plan()
        (plan.seed, plan.rounds) = (11, 5)
        // A round without one of them would be another round.
        (plan.cohort.selection, plan.cohort.fraction) = (.all, nil)
        (plan.cohort.quorum, plan.live.minClients) = (.count(clientCount), clientCount)
        (plan.cohort.deadline, plan.cohort.lease) = (.seconds(3600), .seconds(600))
        plan.evaluation.federatedEvery = nil
        // F^q Δ is large where losses are.
        plan.server.updateBound = 1000
        if method != "qfedsgd" { plan.local.steps = 3 }
        try plan.set("strategy.method", to: method)
        return plan
    }

    private func play(_ plan: Plan, _ trainer: QuadraticTrainer, from weights: [Float]) async throws -> PlainCoordinator
    {
        var client = ClientSettings(server: "https://scripted.test")
        client.patience.firstBackoff = .milliseconds(1)
        client.patience.longestBackoff = .milliseconds(5)
        var settings = FleetSettings(client)
        (settings.seed, settings.workers) = (3, 2)
        let server = CoordinatorServer(plan, weights: weights)
        let fleet = Fleet(settings, work: OneTrainer(trainer), connections: server)
        _ = try await fleet.run(until: { await server.finished() })
        return server.coordinator
    }

    @Test(
        .timeLimit(.minutes(2)),
        arguments: [
            "plain", "prox:mu=0.3,adaptive=true", "nova:mu=0.1", "scaffold", "scaffold:option=1", "dyn:alpha=0.5",
            "qfedavg:q=2", "qfedavg:q=1,lipschitz=0.5", "qfedsgd", "afl:rate=0.05", "afl:rate=0.3,rule=exponentiated",
        ])
    func aFleetsModelIsThatOfTheSimulation(method: String) async throws {
        let plan = try Self.plan(method)
        let trainer = QuadraticTrainer.random(seed: Seed(5), clients: Self.clientCount, dimension: 7)
        var federation = try Federation(plan: plan, trainer: trainer, workers: 1)
        let initial = federation.state.weights.values
        while await federation.next() != nil {}
        let played = try await play(plan, trainer, from: initial)
        #expect(played.problems == [])
        #expect(played.rounds.map(\.summary.participation.reported) == [Int](repeating: Self.clientCount, count: 5))
        let (simulated, weights) = (federation.state.weights.values, played.weights)
        #expect(weights.map(\.bitPattern) == simulated.map(\.bitPattern), "\(weights), and in simulation \(simulated)")
        #expect(played.rounds.last?.method?.figures ?? [] == federation.state.method.figures)
        // Something was learnt.
        #expect(weights.contains { abs($0) > 1e-3 })
    }
}
