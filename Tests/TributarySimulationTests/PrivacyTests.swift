import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// Rounds whose updates are clipped and get noise.
@Suite struct PrivacyTests {
    private func plan(_ mechanism: String, rounds: Int, epsilon: Double? = nil) throws -> Plan {
        var plan = Plan.everybody(rounds: rounds)
        try plan.set("privacy.mechanism", to: mechanism)
        plan.privacy.epsilon = epsilon
        return plan
    }

    private func deviation(_ values: [Double]) -> Double {
        (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
    }

    /// Clients that have nothing to learn, so that all there is in a model is noise.
    private let still = QuadraticTrainer(
        clients: [QuadraticTrainer.Client](repeating: .init(curvature: 0, centre: 1), count: 8), dimension: 20_000)

    @Test func withoutNoiseAndBoundItIsUniformFedAvg() async throws {
        let trainer = QuadraticTrainer.random(seed: Seed(4), clients: 7, dimension: 12)
        var plain = Plan.everybody(rounds: 5)
        plain.server.weighting = .uniform
        var expected = try Federation(plan: plain, trainer: trainer, workers: 1)
        var federation = try Federation(
            plan: plan("sampled:clip=1000,noise=0", rounds: 5), trainer: trainer, workers: 2)
        while let round = await federation.next() {
            _ = await expected.next()
            #expect(round.privacy?.epsilon == nil && round.privacy?.clippedShare == 0)
        }
        for (value, other) in zip(federation.state.weights.values, expected.state.weights.values) {
            #expect(abs(value - other) < 1e-6)
        }
    }

    /// x ← x + Σ Δ_k · min(1, C / ‖Δ_k‖) / m, computed plainly; m is what was expected, whoever came.
    @Test func theModelMovesByTheClippedSumOverWhatWasExpected() async throws {
        let clients = (1...6).map { QuadraticTrainer.Client(curvature: 1, centre: Double($0), exampleCount: $0) }
        let trainer = QuadraticTrainer(clients: clients, dimension: 4)
        var plan = try plan("sampled:clip=0.5,noise=0", rounds: 8)
        plan.faults.duringTraining = 0.3
        plan.cohort.quorum = .count(1)
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        var (model, isShort) = (0.0, false)
        while let round = await federation.next() {
            // The coordinates are alike, and a client's update has the norm 2 |0.1 (b − x)|.
            let updates = clients.map { 0.1 * ($0.centre - model) }.map { $0 * min(1, 0.5 / (2 * abs($0))) }
            let after = Double(federation.state.weights.values[0])
            let sum = (after - model) * 6
            let subsets = (0..<64).map { set in
                updates.enumerated().reduce(0) { $0 + (set >> $1.offset & 1 == 1 ? $1.element : 0) }
            }
            #expect(subsets.contains { abs($0 - sum) < 1e-5 })
            isShort = isShort || round.participation.reported < 6
            model = after
        }
        #expect(isShort)
    }

    @Test(arguments: [(0.5, 3.0), (2, 1), (0.01, 0.25)])
    func noiseOnTheSumIsWhatTheBoundAsksFor(clip: Double, noise: Double) async throws {
        var federation = try Federation(
            plan: plan("sampled:clip=\(clip),noise=\(noise)", rounds: 3), trainer: still, workers: 2)
        var before = federation.state.weights.values
        var steps: [[Double]] = []
        while await federation.next() != nil {
            let after = federation.state.weights.values
            steps.append(zip(after, before).map { Double($0) - Double($1) })
            before = after
        }
        for step in steps { #expect(abs(deviation(step) / (clip * noise / 8) - 1) < 0.03) }
        // Another round's noise is other noise.
        let product = zip(steps[0], steps[1]).reduce(0) { $0 + $1.0 * $1.1 } / 20_000
        #expect(abs(product) < 0.05 * pow(clip * noise / 8, 2))
    }

    @Test func noiseOfEveryClientFallsWithTheirRoot() async throws {
        var federation = try Federation(
            plan: plan("local:clip=0.5,noise=2", rounds: 1), trainer: still, workers: 2)
        _ = await federation.next()
        let step = federation.state.weights.values.map(Double.init)
        #expect(abs(deviation(step) / (2 * 0.5 * 2 / 8.0.squareRoot()) - 1) < 0.03)
    }

    /// After t rounds, a model has the noise of as many nodes as t has ones in binary.
    @Test func noiseOfATreeIsThatOfItsCover() async throws {
        var federation = try Federation(
            plan: plan("tree:clip=0.5,noise=2,participations=11", rounds: 11), trainer: still, workers: 2)
        while let round = await federation.next() {
            let nodes = Double(round.round.rawValue.nonzeroBitCount)
            let model = federation.state.weights.values.map(Double.init)
            #expect(abs(deviation(model) / (0.5 * 2 / 8 * nodes.squareRoot()) - 1) < 0.03)
        }
    }

    @Test func anAdaptiveBoundTendsToTheQuantile() async throws {
        let clients = (1...9).map { QuadraticTrainer.Client(curvature: 1, centre: Double($0)) }
        var plan = try plan("sampled:adaptive=true,noise=0,quantile=0.5,rate=0.5", rounds: 120)
        // The model stays where it is, and the norms are 0.1 b · √4.
        plan.server.learningRate = 1e-9
        var federation = try Federation(
            plan: plan, trainer: QuadraticTrainer(clients: clients, dimension: 4), workers: 1)
        var last: RoundSummary?
        while let round = await federation.next() { last = round }
        let clip = try #require(last?.privacy?.clip)
        #expect(clip > 0.2 * 4 - 0.05 && clip < 0.2 * 5 + 0.05)
    }

    @Test(arguments: TestSeeds.first(6))
    func aRunEndsBeforeItsBudgetDoes(seed: Seed) async throws {
        var plan = try plan("sampled:clip=1,noise=1.2", rounds: 400, epsilon: 3)
        (plan.seed, plan.cohort.selection, plan.cohort.count) = (seed.rawValue, .poisson, 5)
        plan.faults.duringTraining = 0.3
        plan.evaluation.every = 0
        let trainer = QuadraticTrainer.random(seed: seed, clients: 50, dimension: 3)
        var federation = try Federation(plan: plan, trainer: trainer, workers: 1)
        var rounds: [RoundSummary] = []
        while let round = await federation.next() { rounds.append(round) }
        // What the rounds cost, by the accountant alone. An abandoned one has been paid for as well.
        let step = try SampledGaussian(samplingRate: 0.1, noiseMultiplier: 1.2)
        func epsilon(_ count: Int) -> Double {
            var accountant = RenyiAccountant()
            accountant.add(step, count: count)
            return accountant.guarantee(delta: pow(50, -1.1)).epsilon
        }
        #expect(rounds.count > 5 && rounds.count < 400)
        #expect(epsilon(rounds.count) <= 3 && epsilon(rounds.count + 1) > 3)
        for (index, round) in rounds.enumerated() {
            #expect(abs(try #require(round.privacy?.epsilon) - epsilon(index + 1)) < 1e-9)
        }
        #expect(rounds.contains { $0.outcome == .abandoned })
        // That it is the last is known before it is scored.
        #expect(rounds.last?.test != nil)
        #expect(federation.coordinator.nextAction() == .end(.budgetSpent))
    }

    @Test func noiseIsFoundThatTheBudgetCoversForAllRounds() async throws {
        var plan = try plan("sampled", rounds: 50, epsilon: 2)
        (plan.cohort.selection, plan.cohort.count) = (.poisson, 10)
        let resolved = try ResolvedPlan(plan, populationSize: 100)
        #expect(try #require(resolved.privacy?.coveredRounds) >= 50)
        plan.privacy.mechanism = try PartText(
            name: "sampled",
            settings: [
                .init(name: "noise", value: String(#require(resolved.privacy).noiseMultiplier * 0.999))
            ])
        #expect(try #require(ResolvedPlan(plan, populationSize: 100).privacy?.coveredRounds) < 50)
    }

    @Test(arguments: TestSeeds.first(4))
    func nobodyIsInATreeMoreOftenThanItSays(seed: Seed) async throws {
        var plan = try plan("tree:clip=1,noise=1,rounds=8,participations=2", rounds: 40)
        (plan.seed, plan.cohort.selection, plan.cohort.count) = (seed.rawValue, .uniform, 5)
        plan.faults.duringTraining = 0.2
        let trainer = QuadraticTrainer.random(seed: seed, clients: 25, dimension: 3)
        var federation = try Federation(plan: plan, trainer: trainer, workers: 1)
        var (reported, tree) = (0, 1)
        while let round = await federation.next() {
            let state = try #require(federation.state.privacy)
            if try #require(state.tree).tree > tree { (tree, reported) = (tree + 1, 0) }
            if round.outcome == .committed { reported += round.participation.reported }
            #expect(state.participations.values.allSatisfy { $0 <= 2 })
            #expect(state.participations.values.reduce(0, +) == reported)
            #expect(state.ledger.roundCount == tree)
        }
        #expect(tree >= 3)
    }

    @Test(arguments: [
        "sampled:clip=0.3,noise=0.4,adaptive=true,count-noise=2", "sampled:clip=0.3,noise=2",
        "tree:clip=0.3,noise=1,rounds=4,participations=4", "local:clip=0.3,noise=1",
    ])
    func workersAndInterruptionsChangeNothing(mechanism: String) async throws {
        var plan = try plan(mechanism, rounds: 7)
        (plan.faults.duringTraining, plan.faults.garbage, plan.faults.notFinite) = (0.2, 0.1, 0.1)
        plan.cohort.quorum = .count(1)
        let trainer = QuadraticTrainer.random(seed: Seed(5), clients: 9, dimension: 40)
        let whole = try await expectSameInPieces(plan, trainer)
        // Whoever has no budget may not go on as if nothing had been spent, nor with less noise.
        #expect(throws: PlanError.self) {
            try Federation(plan: .everybody(rounds: 9), trainer: trainer, workers: 1, resumingFrom: whole)
        }
        var other = plan
        other.privacy.epsilon = 1e5
        #expect(throws: PlanError.self) {
            try Federation(plan: other, trainer: trainer, workers: 1, resumingFrom: whole)
        }
    }

    @Test(arguments: [
        ("cohort.selection", "uniform"), ("server.weighting", "examples"), ("strategy.method", "scaffold"),
        ("strategy.method", "nova"), ("strategy.method", "dyn:alpha=0.1"), ("strategy.aggregation", "median"),
        ("privacy.mechanism", "sampled"),
        ("privacy.mechanism", "sampled:noise=1,adaptive=true,count-noise=0.4"), ("privacy.epsilon", "0.0001"),
        ("privacy.mechanism", "none"), ("privacy.mechanism", "tree:noise=1"), ("privacy.mechanism", "local:noise=501"),
        ("privacy.mechanism", "laplace"), ("privacy.mechanism", "sampled:clip=0,noise=1"),
    ])
    func whatDoesNotGoTogetherIsRefused(field: String, value: String) throws {
        var plan = try plan("sampled:noise=1", rounds: 3)
        plan.privacy.delta = 1e-3
        _ = try ResolvedPlan(plan, populationSize: 20)
        #expect(throws: PlanError.self) {
            try plan.set(field, to: value)
            _ = try ResolvedPlan(plan, populationSize: 20)
        }
    }
}
