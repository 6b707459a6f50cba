import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributarySimulation
import TributaryTesting

/// Models that move as updates come (FedBuff, FedAsync).
@Suite struct BufferedPacingTests {
    private func plan(_ pacing: String, steps: Int, atWork: Int) throws -> Plan {
        var plan = Plan()
        (plan.rounds, plan.cohort.count) = (steps, atWork)
        try plan.set("strategy.pacing", to: pacing)
        return plan
    }

    /// K = M and equal speeds: nobody is ever behind, and it is FedAvg.
    @Test func withABarrierItIsFedAvg() async throws {
        let trainer = QuadraticTrainer(
            clients: (0..<6).map { .init(curvature: 1 + Double($0) / 4, centre: Double($0)) }, dimension: 5)
        var rounds = Plan.everybody(rounds: 8)
        rounds.server.weighting = .uniform
        var buffered = try plan("buffered:goal=6", steps: 8, atWork: 6)
        rounds.devices.examplesPerSecond = .constant(10)
        (rounds.devices.download, rounds.devices.upload) = (.constant(1), .constant(1))
        rounds.devices.latency = .constant(20)
        buffered.devices = rounds.devices
        #expect(try ResolvedPlan(buffered, populationSize: 6).strategy.weighting == .uniform)
        var expected = try Federation(plan: rounds, trainer: trainer, workers: 1)
        var federation = try Federation(plan: buffered, trainer: trainer, workers: 2)
        while let step = await federation.next() {
            let round = try #require(await expected.next())
            #expect(step.staleness == .init(mean: 0, largest: 0))
            #expect(step.participation.reported == 6 && step.traffic == round.traffic)
            #expect(federation.state.weights == expected.state.weights)
            #expect(step.timing.virtualElapsed == round.timing.virtualElapsed)
        }
        #expect(federation.state.lastRound == RoundNumber(8))
    }

    /// One client at work whose model is taken over whole: what it would be on its own, by each in turn.
    @Test func mixingAllOfOneClientIsThatClient() async throws {
        let clients = (0..<3).map { QuadraticTrainer.Client(curvature: 0.5, centre: Double($0) - 1) }
        var federation = try Federation(
            plan: plan("mixing:alpha=1", steps: 30, atWork: 1), trainer: QuadraticTrainer(clients: clients), workers: 1)
        var model = 0.0
        while await federation.next() != nil {
            let after = Double(federation.state.weights.values[0])
            let possible = clients.map { model - 0.1 * $0.curvature * (model - $0.centre) }
            #expect(possible.contains { abs($0 - after) < 1e-6 })
            model = after
        }
    }

    /// α s(τ) of the way to what the client made of the model that it was given, worked out from the models of all steps.
    @Test func mixingGoesAPartOfTheWay() async throws {
        let clients = (0..<9).map {
            QuadraticTrainer.Client(curvature: 1, centre: Double($0) - 4, exampleCount: 1 + $0)
        }
        var plan = try plan("mixing:alpha=0.6", steps: 60, atWork: 4)
        plan.devices.examplesPerSecond = .logNormal(median: 1, sigma: 1)
        var federation = try Federation(plan: plan, trainer: QuadraticTrainer(clients: clients), workers: 1)
        var models = [0.0]
        var isStale = false
        while let step = await federation.next() {
            let (now, staleness) = (try #require(models.last), try #require(step.staleness).largest)
            let base = models[models.count - 1 - staleness]
            let share = 0.6 / (1 + Double(staleness)).squareRoot()
            let possible = clients.map { now + share * (base - 0.1 * (base - $0.centre) - now) }
            let after = Double(federation.state.weights.values[0])
            #expect(possible.contains { abs($0 - after) < 1e-5 })
            models.append(after)
            isStale = isStale || staleness > 0
        }
        #expect(isStale)
    }

    /// With one update to a step, what is divided by the mean of s is divided by s.
    @Test func normalisedStepsTakeNoNoticeOfAge() async throws {
        let trainer = QuadraticTrainer.random(seed: Seed(8), clients: 30, dimension: 6)
        var normalised = try plan("buffered:goal=1,normalised=true", steps: 40, atWork: 5)
        var constant = try plan("buffered:goal=1,staleness=constant", steps: 40, atWork: 5)
        normalised.devices.examplesPerSecond = .logNormal(median: 10, sigma: 1)
        constant.devices = normalised.devices
        var first = try Federation(plan: normalised, trainer: trainer, workers: 1)
        var second = try Federation(plan: constant, trainer: trainer, workers: 1)
        while let step = await first.next() {
            #expect(await second.next()?.staleness == step.staleness)
            for (value, other) in zip(first.state.weights.values, second.state.weights.values) {
                #expect(abs(value - other) < 1e-4)
            }
        }
    }

    /// About M updates are under way while K are taken for a step (Little 1961).
    @Test(arguments: [(40, 10), (60, 5), (30, 30)])
    func updatesAreAsOldAsThereAreOthers(atWork: Int, goal: Int) async throws {
        var plan = try plan("buffered:goal=\(goal)", steps: 60, atWork: atWork)
        plan.devices.examplesPerSecond = .logNormal(median: 10, sigma: 0.7)
        let clients = [QuadraticTrainer.Client](repeating: .init(curvature: 1, centre: 1, exampleCount: 30), count: 500)
        var federation = try Federation(plan: plan, trainer: QuadraticTrainer(clients: clients), workers: 1)
        var ages: [Double] = []
        while let step = await federation.next() {
            if step.round.rawValue > 20 { ages.append(try #require(step.staleness).mean) }
        }
        let mean = ages.reduce(0, +) / Double(ages.count)
        let expected = Double(atWork) / Double(goal)
        #expect(abs(mean / expected - 1) < 0.25, "\(mean) where \(expected) is expected")
    }

    @Test(arguments: TestSeeds.first(8))
    func everyTaskIsAccountedForAndNoneIsTooOld(seed: Seed) async throws {
        var plan = Plan.troubled(seed: seed, rounds: 25)
        (plan.cohort.fraction, plan.cohort.count, plan.cohort.overSelection) = (nil, 12, 1)
        plan.cohort.selection = .uniform
        try plan.set("strategy.pacing", to: "buffered:goal=4,limit=2")
        let trainer = QuadraticTrainer.random(seed: seed, clients: 40, dimension: 4)
        var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        var (invited, ended) = (0, 0)
        while let step = await federation.next() {
            invited += step.participation.invited
            ended += step.participation.reported + step.participation.droppedCount
            let buffer = try #require(federation.state.buffer)
            #expect(buffer.tasks.count <= 12 && invited - ended == buffer.tasks.count)
            #expect(step.staleness.map { $0.largest <= 2 } ?? true)
            #expect(step.outcome == .abandoned || step.participation.reported == 4)
            // Former models are kept as long as somebody is at work on them, and no longer.
            let versions = Set(buffer.tasks.map(\.version)).subtracting([federation.state.modelVersion])
            #expect(Set(buffer.models.keys) == versions)
        }
    }

    @Test(arguments: ["buffered:goal=4", "buffered:goal=3,normalised=true,staleness=hinge,limit=3", "mixing"])
    func workersAndInterruptionsChangeNothing(pacing: String) async throws {
        var plan = try plan(pacing, steps: 9, atWork: 7)
        (plan.faults.duringTraining, plan.faults.notFinite, plan.faults.garbage) = (0.2, 0.1, 0.1)
        plan.devices.examplesPerSecond = .logNormal(median: 10, sigma: 1)
        plan.strategy.encoding = try UpdateEncoding("qsgd:4")
        plan.strategy.optimiser = PartText(name: "momentum")
        let trainer = QuadraticTrainer.random(seed: Seed(5), clients: 19, dimension: 40)
        let whole = try await expectSameInPieces(plan, trainer)
        #expect(throws: PlanError.self) {
            try Federation(plan: .everybody(rounds: 12), trainer: trainer, workers: 1, resumingFrom: whole)
        }
    }

    @Test func whereNobodyDeliversStepsAreGivenUp() async throws {
        var plan = try plan("buffered:goal=2", steps: 3, atWork: 4)
        plan.faults.beforeUpload = 1
        let trainer = QuadraticTrainer.random(seed: Seed(5), clients: 9, dimension: 2)
        var federation = try Federation(plan: plan, trainer: trainer, workers: 1)
        var elapsed = 0.0
        while let step = await federation.next() {
            #expect(step.outcome == .abandoned && step.timing.virtualElapsed > elapsed)
            elapsed = step.timing.virtualElapsed
        }
        #expect(federation.state.weights.values == [0, 0] && federation.state.lastRound == RoundNumber(3))
    }

    @Test(arguments: [
        ("cohort.selection", "poisson"), ("cohort.over-selection", "1.5"), ("strategy.method", "scaffold"),
        ("privacy.mechanism", "local:noise=1"), ("strategy.encoding", "topk:0.1"), ("strategy.aggregation", "krum"),
        ("algorithm", "fedasync"), ("strategy.pacing", "buffered:goal=0"), ("strategy.pacing", "whenever"),
    ])
    func whatDoesNotGoTogetherIsRefused(field: String, value: String) throws {
        var plan = try plan("buffered:goal=2", steps: 3, atWork: 4)
        _ = try ResolvedPlan(plan, populationSize: 20)
        #expect(throws: PlanError.self) {
            try plan.set(field, to: value)
            _ = try ResolvedPlan(plan, populationSize: 20)
        }
    }
}
