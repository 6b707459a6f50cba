import Testing
import TributaryCore
import TributaryMath

/// Whole runs whose model moves as updates come, in a played world, many seeds each.
@Suite struct BufferedRunTests {
    private static func plan(_ pacing: String = "buffered:goal=3", _ change: (inout Plan) -> Void = { _ in }) -> Plan {
        var plan = Plan()
        (plan.algorithm, plan.rounds) = (pacing.hasPrefix("mixing") ? .fedAsync : .fedBuff, 6)
        plan.strategy.pacing = PartText(planText: pacing)
        (plan.cohort.count, plan.cohort.fraction) = (5, nil)
        (plan.cohort.deadline, plan.cohort.lease) = (.seconds(60), .seconds(15))
        change(&plan)
        return plan
    }

    @Test(arguments: ["buffered:goal=3", "buffered:goal=1", "buffered:goal=9,limit=1", "mixing:alpha=0.5"])
    func runsWithoutFaultsTakeAllTheirSteps(pacing: String) {
        for seed in 0..<15 as Range<UInt64> {
            var world = CoordinatorWorld(seed: seed, clients: 12, plan: Self.plan(pacing))
            world.play(for: .seconds(3600))
            let (violations, isOver) = (world.violations, world.isOver)
            #expect(violations == [], "seed \(seed)")
            #expect(isOver, "seed \(seed)")
            #expect(world.published.map(\.summary.round.rawValue) == Array(1...6), "seed \(seed)")
            #expect(world.published.allSatisfy { $0.summary.outcome == .committed }, "seed \(seed)")
            #expect(world.published.last?.summary.federated != nil, "seed \(seed)")
            checkHistory(world, seed)
        }
    }

    /// Models are scored by clients while others train on: those that are due, each in the row of its round.
    @Test(arguments: ["buffered:goal=3", "buffered:goal=1", "buffered:goal=9,limit=1", "mixing:alpha=0.5"])
    func modelsAreScoredWhileTrainingGoesOn(pacing: String) {
        var scored = 0
        for seed in 0..<15 as Range<UInt64> {
            let plan = Self.plan(pacing) { $0.evaluation.federatedEvery = 2 }
            var world = CoordinatorWorld(seed: seed, clients: 12, plan: plan)
            world.play(for: .seconds(3600))
            let (violations, isOver) = (world.violations, world.isOver)
            #expect(violations == [] && isOver, "seed \(seed)")
            // What is to be done is done a little later here, each for itself.
            let published = world.published.sorted { $0.summary.round < $1.summary.round }
            #expect(published.map(\.summary.round.rawValue) == Array(1...6), "seed \(seed)")
            for end in published {
                let task = TaskID(run: CoordinatorWorld.run, round: end.summary.round, kind: .evaluate)
                let count = world.ledger.evaluations(of: task).count
                #expect(end.summary.federated?.clientCount ?? 0 == count, "seed \(seed), \(end.summary.round)")
                #expect(end.summary.round.rawValue % 2 == 0 || count == 0, "seed \(seed), \(end.summary.round)")
                scored += end.summary.round.rawValue < 6 && count > 0 ? 1 : 0
            }
            #expect(published.last?.summary.federated != nil, "seed \(seed)")
            checkHistory(world, seed)
        }
        // Where every update is a step, hardly anybody has answered before the next ones are in.
        if pacing.hasPrefix("buffered:goal=3") || pacing.hasPrefix("buffered:goal=9") { #expect(scored > 5) }
    }

    @Test func nothingAcknowledgedIsLostAndEachCountsOnceUnderFaults() {
        var (crashes, oldest) = (0, 0)
        for seed in 0..<120 as Range<UInt64> {
            var draw = Seed(seed).derived("swarm").stream()
            func strength(_ largest: Double) -> Double { draw.bernoulli(0.5) ? draw.uniform() * largest : 0 }
            var faults = CoordinatorWorld.Faults()
            faults.crash = strength(0.05)
            faults.storageFailure = strength(0.2)
            faults.lostAnswer = strength(0.3)
            faults.silentClient = strength(0.3)
            faults.badUpdate = strength(0.2)
            faults.failedTask = strength(0.2)
            let limit = draw.bernoulli(0.5) ? ",limit=\(draw.uniform(below: 3))" : ""
            let plan = Self.plan("buffered:goal=\(1 + draw.uniform(below: 6))\(limit)") { plan in
                if draw.bernoulli(0.5) { plan.algorithm = .fedAdam }
                plan.cohort.count = 1 + draw.uniform(below: 12)
                plan.evaluation.federatedEvery = draw.uniform(below: 3)
            }
            var world = CoordinatorWorld(seed: seed, clients: 12, plan: plan, faults: faults)
            world.play(for: .seconds(2000))
            world.heal()
            world.play(for: .seconds(20_000))
            crashes += world.crashes
            let (violations, isOver) = (world.violations, world.isOver)
            let activity = world.machine.status(of: CoordinatorWorld.run, at: world.now)?.activity
            #expect(violations == [], "seed \(seed)")
            #expect(isOver, "seed \(seed): \(String(describing: activity))")
            checkHistory(world, seed)
            oldest = max(oldest, world.published.compactMap { $0.summary.staleness?.largest }.max() ?? 0)
        }
        #expect(crashes > 200)
        #expect(oldest > 3, "the worlds must have updates of old models")
    }

    @Test func nothingIsLostWhereModelsAreMixed() {
        var oldest = 0
        for seed in 0..<60 as Range<UInt64> {
            var draw = Seed(seed).derived("mixing").stream()
            var faults = CoordinatorWorld.Faults()
            (faults.crash, faults.storageFailure) = (draw.uniform() * 0.05, draw.uniform() * 0.2)
            (faults.lostAnswer, faults.silentClient) = (draw.uniform() * 0.3, draw.uniform() * 0.3)
            let limit = draw.bernoulli(0.5) ? ",limit=\(draw.uniform(below: 3))" : ""
            let plan = Self.plan("mixing:alpha=0.5\(limit)") { plan in
                (plan.algorithm, plan.rounds) = (.fedAsync, 12)
                (plan.cohort.count, plan.checkpoint.keep) = (1 + draw.uniform(below: 12), 1)
            }
            var world = CoordinatorWorld(seed: seed, clients: 12, plan: plan, faults: faults)
            world.play(for: .seconds(2000))
            world.heal()
            world.play(for: .seconds(20_000))
            let (violations, isOver) = (world.violations, world.isOver)
            #expect(violations == [], "seed \(seed)")
            #expect(isOver, "seed \(seed)")
            checkHistory(world, seed)
            oldest = max(oldest, world.published.compactMap { $0.summary.staleness?.largest }.max() ?? 0)
        }
        #expect(oldest > 3, "the worlds must have updates of old models")
    }

    @Test func anOperatorsWordHoldsWhateverHappens() {
        for seed in 0..<60 as Range<UInt64> {
            var draw = Seed(seed).derived("operator").stream()
            var faults = CoordinatorWorld.Faults()
            (faults.crash, faults.storageFailure) = (0.02, 0.1)
            var world = CoordinatorWorld(seed: seed, clients: 8, plan: Self.plan { $0.rounds = 60 }, faults: faults)
            for _ in 0..<10 {
                world.play(for: .seconds(draw.uniform() * 40))
                world.order(draw.bernoulli(0.5) ? .pause : .resume)
            }
            world.heal()
            world.play(for: .seconds(60))
            world.order(.resume)
            world.play(for: .seconds(draw.uniform() * 100))
            world.order(.stop)
            world.play(for: .seconds(2000))
            let activity = world.machine.status(of: CoordinatorWorld.run, at: world.now)?.activity
            let violations = world.violations
            #expect(violations == [], "seed \(seed)")
            #expect(activity == .stopped || activity == .completed, "seed \(seed): \(String(describing: activity))")
            checkHistory(world, seed)
        }
    }

    /// Every model is made of what counts in its step; whatever was acknowledged counts in a step that was taken, or in one
    /// that was given up, and none counts twice.
    private func checkHistory(_ world: CoordinatorWorld, _ seed: UInt64) {
        var (model, state) = (CoordinatorWorld.blob(named: 0), [TensorBlob]())
        var version = ModelVersion(0)
        var counted: [CoordinatorWorld.Contribution: Int] = [:]
        let ends = world.ledger.rounds(of: CoordinatorWorld.run)
        #expect(ends.map(\.summary.round.rawValue) == (0..<ends.count).map { $0 + 1 }, "seed \(seed)")
        for end in ends {
            let round = end.summary.round
            let rows = world.recorded(in: round)
            for row in rows {
                counted[CoordinatorWorld.Contribution(task: row.task, client: row.client), default: 0] += 1
            }
            if end.summary.outcome == .committed {
                let order = ModelOrder(
                    run: CoordinatorWorld.run, round: round, base: model, contributions: rows, parameterCount: 4,
                    bound: 8,
                    step: ServerStep(world.optimiser), state: state)
                (model, state) = (CoordinatorWorld.model(from: order), CoordinatorWorld.state(from: order))
                version = version.next
            }
            #expect(end.model == model, "seed \(seed), \(round)")
            #expect(end.optimiserState?.vectors.map(\.blob) ?? [] == state, "seed \(seed), \(round)")
            #expect(end.summary.modelVersion == version, "seed \(seed), \(round)")
            #expect(end.summary.participation.reported == rows.count, "seed \(seed), \(round)")
        }
        for promise in world.accepted where promise.task.kind == .train {
            #expect(counted[promise] == 1, "seed \(seed): \(promise.task) of \(promise.client)")
        }
    }
}
