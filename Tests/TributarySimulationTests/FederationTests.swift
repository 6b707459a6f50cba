import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// What a simulated federation computes, against calculations by hand.
@Suite struct FederationTests {
    @Test func fedAvgDriftsToItsKnownFixedPoint() async throws {
        // K = 2 full-batch steps at rate 0.1: FedAvg stops at −0.185714…, not at the optimum −0.25.
        var plan = Plan.everybody(rounds: 200)
        plan.local.steps = 2
        let weights = try await run(plan, .drift).weights.values
        #expect(abs(weights[0] + 0.185714) < 1e-5)
    }

    @Test func fedSGDReachesTheOptimum() async throws {
        var plan = Plan.everybody(rounds: 200)
        plan.algorithm = .fedSGD
        let value = try await run(plan, .drift).weights.values[0]
        #expect(abs(value + 0.25) < 1e-5)
    }

    @Test(arguments: TestSeeds.first(10))
    func oneStepWithEverybodyIsGradientDescentOnPooledData(seed: Seed) async throws {
        let trainer = QuadraticTrainer.random(seed: seed, clients: 7, dimension: 3)
        let weights = try await run(.everybody(rounds: 5), trainer).weights.values
        var x = 0.0
        let total = Double(trainer.clients.reduce(0) { $0 + $1.exampleCount })
        for _ in 0..<5 {
            let gradient = trainer.clients.reduce(0) {
                $0 + Double($1.exampleCount) / total * $1.curvature * (x - $1.centre)
            }
            x -= 0.1 * gradient
        }
        for weight in weights { #expect(abs(Double(weight) - x) < 1e-6) }
    }

    @Test func oneClientIsItsOwnGradientDescent() async throws {
        let trainer = QuadraticTrainer(clients: [.init(curvature: 2, centre: 3)])
        var plan = Plan.everybody(rounds: 3)
        plan.local.steps = 4
        var x: Float = 0
        for _ in 0..<12 { x = Float(Double(x) - 0.1 * 2 * (Double(x) - 3)) }
        let value = try await run(plan, trainer).weights.values[0]
        #expect(abs(value - x) < 1e-6)
    }

    @Test func uniformWeightingForgetsExampleCounts() async throws {
        let trainer = QuadraticTrainer(clients: [
            .init(curvature: 1, centre: 1, exampleCount: 1), .init(curvature: 1, centre: 2, exampleCount: 99),
        ])
        var plan = Plan.everybody(rounds: 1)
        plan.server.weighting = .uniform
        let uniform = try await run(plan, trainer).weights.values[0]
        #expect(abs(uniform - 0.15) < 1e-6)
        plan.server.weighting = .examples
        let value = try await run(plan, trainer).weights.values[0]
        #expect(abs(value - 0.199) < 1e-6)
    }

    @Test func anOverSelectedRoundClosesAtItsGoal() async throws {
        var plan = Plan()
        plan.rounds = 3
        plan.cohort.count = 10
        plan.cohort.overSelection = 1.7
        plan.devices.examplesPerSecond = .pareto(least: 1, index: 1)
        let trainer = QuadraticTrainer.random(seed: Seed(1), clients: 40, dimension: 2)
        for round in try await rounds(plan, trainer) {
            #expect(round.participation.invited == 17 && round.participation.reported == 10)
            #expect(round.participation.dropped == [.late: 7])
        }
    }

    @Test func theServerRateAndTheScheduleAreApplied() async throws {
        let trainer = QuadraticTrainer(clients: [.init(curvature: 1, centre: 1)])
        var plan = Plan.everybody(rounds: 2)
        plan.server.learningRate = 0.5
        plan.local.learningRate = 0.2
        plan.local.schedule = .exponential(factor: 0.5)
        // Two half steps: x = 0.5 · 0.2, then x + 0.5 · 0.1 (1 − x).
        let weights = try await run(plan, trainer).weights.values
        #expect(abs(weights[0] - 0.145) < 1e-6)
    }

    @Test func serverMomentumFollowsItsFormula() async throws {
        let trainer = QuadraticTrainer(clients: [.init(curvature: 1, centre: 1)])
        var plan = Plan.everybody(rounds: 3)
        plan.algorithm = .fedAvgM
        plan.strategy.optimiser = PartText(name: "momentum", settings: [.init(name: "beta", value: "0.5")])
        plan.server.schedule = .warmup(rounds: 2)
        var (x, velocity) = (0.0, 0.0)
        for rate in [0.5, 1, 1] {
            velocity = 0.5 * velocity + 0.1 * (1 - x)
            x += rate * velocity
        }
        let state = try await run(plan, trainer)
        #expect(abs(Double(state.weights.values[0]) - x) < 1e-6)
        #expect(abs(Double(state.optimiser.values[0]) - velocity) < 1e-6)
    }

    @Test(arguments: TestSeeds.first(4))
    func anAbandonedRoundIsNoStep(seed: Seed) async throws {
        // Bias correction counts steps: it must not count rounds without one.
        var plan = Plan.troubled(seed: seed, rounds: 8)
        plan.cohort.quorum = .share(0.9)
        plan.strategy.optimiser = PartText(name: "adam", settings: [.init(name: "bias-correction", value: "moments")])
        let trainer = QuadraticTrainer.random(seed: seed, clients: 20, dimension: 3)
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        var before = federation.state
        while let round = await federation.next() {
            let state = federation.state
            if round.outcome == .abandoned {
                #expect(state.optimiser == before.optimiser && state.weights == before.weights)
            } else {
                #expect(state.optimiser != before.optimiser)
            }
            before = state
        }
    }

    @Test func theStateOfAnotherOptimiserIsRefused() async throws {
        var plan = Plan.everybody(rounds: 2)
        plan.algorithm = .fedAdam
        let state = try await run(plan, .drift)
        for algorithm in [Plan.Algorithm.fedAvg, .fedYogi] {
            plan.algorithm = algorithm
            #expect(throws: PlanError.self) {
                try Federation(plan: plan, trainer: QuadraticTrainer.drift, workers: 1, resumingFrom: state)
            }
        }
    }

    @Test func anUpdateBeyondThePlansBoundIsRefused() async throws {
        let trainer = QuadraticTrainer(clients: [.init(curvature: 1, centre: 3), .init(curvature: 1, centre: 1)])
        var plan = Plan.everybody(rounds: 1)
        plan.server.updateBound = 0.2
        let round = try #require(try await rounds(plan, trainer).first)
        #expect(round.participation.dropped == [.outOfBound: 1] && round.participation.reported == 1)
    }

    @Test func aResumedRunThatHasReachedItsTargetEnds() async throws {
        var plan = Plan.everybody(rounds: 100)
        plan.stop.accuracy = 1
        var federation = try Federation(plan: plan, trainer: QuadraticTrainer.drift, workers: 1)
        federation.recall(Score(exampleCount: 1, loss: 0, accuracy: 1))
        #expect(await federation.next() == nil)
    }

    @Test func aStateOfAnotherModelIsRefused() {
        // As when a table has gained a column since the run began.
        let other = ServerState(initial: Weights(zeros: TensorLayout([(name: "x", shape: [2])])))
        #expect(throws: PlanError.self) {
            try Federation(
                plan: .everybody(rounds: 1), trainer: QuadraticTrainer.drift, workers: 1, resumingFrom: other)
        }
    }

    @Test func federatedEvaluationAsksOtherClientsEachTime() async throws {
        var plan = Plan.everybody(rounds: 2)
        plan.evaluation.federatedEvery = 1
        plan.evaluation.federatedClients = 5
        // At rate 1e-9 the model stays where it is, so that other scores are those of other clients.
        plan.local.learningRate = 1e-9
        let trainer = QuadraticTrainer.random(seed: Seed(3), clients: 500, dimension: 1)
        let scores = try await rounds(plan, trainer).compactMap(\.federated)
        #expect(scores.map(\.clientCount) == [5, 5])
        #expect(abs(scores[0].mean.loss - scores[1].mean.loss) > 1e-3)
    }

    @Test func stopsAtTheTargetAccuracy() async throws {
        var plan = Plan.everybody(rounds: 100)
        plan.stop.accuracy = 1
        var federation = try Federation(plan: plan, trainer: QuadraticTrainer.drift, workers: 1)
        var last: RoundSummary?
        while let round = await federation.next() { last = round }
        #expect(last?.test?.accuracy == 1)
        #expect(last?.federated != nil, "the last round is scored on clients' data, too")
        #expect(federation.coordinator.nextAction() == .end(.reachedTarget))
        #expect(federation.state.lastRound < RoundNumber(100))
    }

    @Test func evaluatesWhenThePlanSaysSo() async throws {
        var plan = Plan.everybody(rounds: 7)
        plan.evaluation.every = 3
        plan.evaluation.federatedEvery = 2
        var federation = try Federation(plan: plan, trainer: QuadraticTrainer.drift, workers: 1)
        var rounds: [RoundSummary] = []
        while let round = await federation.next() { rounds.append(round) }
        #expect(rounds.filter { $0.test != nil }.map(\.round.rawValue) == [3, 6, 7])
        #expect(rounds.filter { $0.federated != nil }.map(\.round.rawValue) == [2, 4, 6, 7])
    }

    @Test func asksNoClientsIfThePlanWantsNone() async throws {
        var plan = Plan.everybody(rounds: 3)
        plan.evaluation.federatedEvery = nil
        #expect(try await rounds(plan, QuadraticTrainer.drift).allSatisfy { $0.federated == nil && $0.test != nil })
    }

    private func rounds(_ plan: Plan, _ trainer: QuadraticTrainer) async throws -> [RoundSummary] {
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        var rounds: [RoundSummary] = []
        while let round = await federation.next() { rounds.append(round) }
        return rounds
    }

    private func run(_ plan: Plan, _ trainer: QuadraticTrainer) async throws -> ServerState {
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        while await federation.next() != nil {}
        return federation.state
    }
}

extension Plan {
    /// Everybody takes part in every round.
    static func everybody(rounds: Int) -> Plan {
        var plan = Plan()
        plan.rounds = rounds
        plan.cohort.selection = .all
        return plan
    }

    /// A plan in which everything that can go wrong does, more or less often by seed.
    static func troubled(seed: Seed, rounds: Int) -> Plan {
        var stream = seed.derived("plan").stream()
        var plan = Plan()
        plan.seed = seed.rawValue
        plan.rounds = rounds
        plan.cohort.fraction = 0.2 + 0.6 * stream.uniform()
        plan.cohort.overSelection = 1 + stream.uniform()
        plan.cohort.quorum = .share(0.1 + 0.8 * stream.uniform())
        plan.cohort.deadline = .seconds(1 + stream.exponential(mean: 20))
        plan.cohort.lease = .seconds(0.5 + stream.exponential(mean: 5))
        plan.cohort.selection = stream.bernoulli(0.3) ? .poisson : .uniform
        if plan.cohort.selection == .poisson { plan.cohort.overSelection = 1 }
        plan.devices.examplesPerSecond = .logNormal(median: 10, sigma: 1)
        plan.devices.availability = 0.3 + 0.7 * stream.uniform()
        plan.faults.beforeTraining = 0.1 * stream.uniform()
        plan.faults.duringTraining = 0.1 * stream.uniform()
        plan.faults.beforeUpload = 0.1 * stream.uniform()
        plan.faults.stall = 0.2 * stream.uniform()
        plan.faults.garbage = 0.2 * stream.uniform()
        plan.faults.notFinite = 0.2 * stream.uniform()
        plan.faults.duplicate = 0.5 * stream.uniform()
        return plan
    }
}
