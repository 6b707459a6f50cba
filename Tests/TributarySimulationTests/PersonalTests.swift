import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// Clients' own models, beside the global one.
@Suite struct PersonalTests {
    private func plan(_ part: String, rounds: Int) throws -> Plan {
        var plan = Plan.everybody(rounds: rounds)
        plan.data.test = 0.2
        try plan.set("strategy.personalisation", to: part)
        return plan
    }

    private let clients = [
        QuadraticTrainer.Client(curvature: 2, centre: 3), .init(curvature: 1, centre: -1, exampleCount: 4),
    ]

    /// v ← v − η (a (v − b) + λ (v − x)), worked out with the x of every round.
    @Test(arguments: [0, 0.5, 1, 4], [1, 3])
    func dittoFollowsItsRecurrence(lambda: Double, epochs: Int) async throws {
        let plan = try plan("ditto:lambda=\(lambda),epochs=\(epochs)", rounds: 25)
        var federation = try Federation(plan: plan, trainer: QuadraticTrainer(clients: clients), workers: 2)
        var own = [0.0, 0.0]
        while true {
            let global = Double(federation.state.weights.values[0])
            guard await federation.next() != nil else { break }
            for (index, client) in clients.enumerated() {
                for _ in 0..<epochs {
                    let gradient = client.curvature * (own[index] - client.centre) + lambda * (own[index] - global)
                    own[index] -= 0.1 * gradient
                }
                let kept = try #require(federation.state.method.clients.values[ClientID(UInt64(index))])
                #expect(abs(Double(kept[0]) - own[index]) < 1e-5)
            }
        }
        // Alone, each is at its own optimum; pulled, it is between that and the others'.
        if lambda == 0 { #expect(abs(own[0] - 3) < 0.05) } else { #expect(own[0] < 2.95) }
    }

    /// Whatever clients keep for themselves, the global model is as it would be without.
    @Test(arguments: ["ditto:lambda=0.3", "fine-tuning:epochs=3"], ["plain", "scaffold", "dyn", "nova"])
    func theGlobalModelTakesNoNotice(part: String, method: String) async throws {
        var plan = try plan(part, rounds: 8)
        plan.strategy.method = PartText(name: method)
        plan.faults.duringTraining = 0.2
        plan.strategy.encoding = try UpdateEncoding("topk:0.3")
        let trainer = QuadraticTrainer.random(seed: Seed(2), clients: 7, dimension: 10)
        var personal = try Federation(plan: plan, trainer: trainer, workers: 2)
        plan.strategy.personalisation = nil
        var plain = try Federation(plan: plan, trainer: trainer, workers: 1)
        while let round = await personal.next() {
            var expected = try #require(await plain.next())
            expected.timing.realSeconds = round.timing.realSeconds
            #expect(round == expected)
            #expect(personal.state.weights == plain.state.weights)
        }
    }

    @Test(arguments: [
        "ditto:lambda=0.3/scaffold/topk:0.2", "fedper/plain/topk:0.2", "fedrep:head-epochs=2/prox:mu=0.1/qsgd:4",
        "fedper:head=head/plain/f32", "apfl:alpha-rate=5/plain/topk:0.2", "apfl:adaptive=false/plain/f32",
    ])
    func workersAndInterruptionsChangeNothing(choice: String) async throws {
        let choices = choice.split(separator: "/").map(String.init)
        for seed in TestSeeds.first(2) {
            var plan = Plan.troubled(seed: seed, rounds: 6)
            plan.data.test = 0.2
            for (field, text) in zip(["strategy.personalisation", "strategy.method", "strategy.encoding"], choices) {
                try plan.set(field, to: text)
            }
            let random = QuadraticTrainer.random(seed: seed, clients: 9, dimension: 40)
            try await expectSameInPieces(
                plan, QuadraticTrainer(clients: random.clients, dimension: 40, headLength: 7))
        }
    }

    @Test func whatDoesNotGoTogetherIsRefused() throws {
        for (field, value) in [
            ("data.test", "0"), ("evaluation.federated-every", "none"), ("strategy.pacing", "buffered"),
            ("strategy.personalisation", "ditto:lambda=-1"), ("strategy.personalisation", "meta"),
        ] {
            var plan = try plan("ditto", rounds: 2)
            _ = try ResolvedPlan(plan, populationSize: 5)
            if field == "strategy.pacing" { plan.cohort.selection = .uniform }
            #expect(throws: PlanError.self) {
                try plan.set(field, to: value)
                _ = try ResolvedPlan(plan, populationSize: 5)
            }
        }
    }
}
