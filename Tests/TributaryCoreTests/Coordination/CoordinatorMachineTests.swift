import Testing
import TributaryCore
import TributaryMath

/// Whole runs of the coordinator's machine in a played world, many seeds each.
@Suite struct CoordinatorMachineTests {
    private static func plan(_ change: (inout Plan) -> Void = { _ in }) -> Plan {
        var plan = Plan()
        plan.rounds = 5
        plan.cohort.count = 5
        plan.cohort.fraction = nil
        plan.cohort.quorum = .count(3)
        plan.cohort.overSelection = 1.4
        plan.cohort.deadline = .seconds(60)
        plan.cohort.lease = .seconds(15)
        change(&plan)
        return plan
    }

    @Test func runsWithoutFaultsReachTheirLastRoundWithFullCohorts() {
        for seed in 0..<20 as Range<UInt64> {
            var world = CoordinatorWorld(seed: seed, clients: 12, plan: Self.plan())
            world.play(for: .seconds(3600))
            let (violations, isOver) = (world.violations, world.isOver)
            #expect(violations == [], "seed \(seed)")
            #expect(isOver, "seed \(seed)")
            #expect(world.published.map(\.summary.round.rawValue) == [1, 2, 3, 4, 5], "seed \(seed)")
            #expect(world.published.allSatisfy { $0.summary.outcome == .committed }, "seed \(seed)")
        }
    }

    @Test func nothingAcknowledgedIsLostAndEveryRunEndsUnderFaults() {
        var crashes = 0
        for seed in 0..<100 as Range<UInt64> {
            var draw = Seed(seed).derived("swarm").stream()
            var faults = CoordinatorWorld.Faults()
            func strength(_ largest: Double) -> Double { draw.bernoulli(0.5) ? draw.uniform() * largest : 0 }
            faults.crash = strength(0.05)
            faults.storageFailure = strength(0.2)
            faults.lostAnswer = strength(0.3)
            faults.silentClient = strength(0.3)
            faults.badUpdate = strength(0.2)
            faults.failedTask = strength(0.2)
            let plan = Self.plan { plan in
                plan.algorithm = draw.bernoulli(0.5) ? .fedAdam : .fedAvg
                plan.evaluation.federatedEvery = draw.bernoulli(0.5) ? 2 : 0
                if seed % 4 == 3 { plan.strategy.encoding = try? UpdateEncoding("topk:0.5") }
                plan.cohort.selection = draw.bernoulli(0.2) ? .poisson : draw.bernoulli(0.2) ? .all : .uniform
                if plan.cohort.selection != .uniform { plan.cohort.overSelection = 1 }
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
        }
        #expect(crashes > 300)
    }

    @Test func poissonRoundsAreNotSpentWhileNobodyIsFree() {
        for seed in 0..<30 as Range<UInt64> {
            var faults = CoordinatorWorld.Faults()
            faults.silentClient = 0.5
            let plan = Self.plan { plan in
                plan.cohort.selection = .poisson
                plan.cohort.overSelection = 1
                plan.cohort.quorum = .count(1)
                plan.rounds = 20
            }
            var world = CoordinatorWorld(seed: seed, clients: 6, plan: plan, faults: faults)
            world.play(for: .seconds(20_000))
            let (violations, isOver) = (world.violations, world.isOver)
            #expect(violations == [] && isOver, "seed \(seed)")
            let empty = world.published.count { $0.summary.participation.invited == 0 }
            #expect(empty <= 2, "seed \(seed): \(empty) rounds had nobody to invite")
        }
    }

    @Test func theLastModelIsScoredByClientsWheneverTheCoordinatorDies() {
        for seed in 0..<100 as Range<UInt64> {
            var faults = CoordinatorWorld.Faults()
            faults.crash = 0.03
            let plan = Self.plan { plan in
                plan.rounds = 2
                plan.cohort.lease = .seconds(60)
                plan.cohort.deadline = .seconds(120)
            }
            var world = CoordinatorWorld(seed: seed, clients: 8, plan: plan, faults: faults)
            world.play(for: .seconds(300))
            world.heal()
            world.play(for: .seconds(5000))
            let ends = world.ledger.rounds(of: CoordinatorWorld.run)
            #expect(ends.last?.isScored == true && ends.last?.summary.federated != nil, "seed \(seed)")
        }
    }

    @Test func anOperatorsWordHoldsWhateverHappens() {
        for seed in 0..<60 as Range<UInt64> {
            var draw = Seed(seed).derived("operator").stream()
            var faults = CoordinatorWorld.Faults()
            faults.crash = 0.02
            faults.storageFailure = 0.1
            var world = CoordinatorWorld(seed: seed, clients: 8, plan: Self.plan { $0.rounds = 30 }, faults: faults)
            for _ in 0..<10 {
                world.play(for: .seconds(draw.uniform() * 40))
                switch draw.uniform(below: 2) {
                case 0: world.order(.pause)
                default: world.order(.resume)
                }
            }
            world.heal()
            world.play(for: .seconds(60))
            world.order(.resume)
            world.play(for: .seconds(draw.uniform() * 100))
            world.order(.stop)
            world.play(for: .seconds(2000))
            let (violations, activity) = (
                world.violations, world.machine.status(of: CoordinatorWorld.run, at: world.now)?.activity
            )
            #expect(violations == [], "seed \(seed)")
            #expect(activity == .stopped || activity == .completed, "seed \(seed): \(String(describing: activity))")
            checkHistory(world, seed)
        }
    }

    @Test func aStateInAnotherFormIsNotGoneOnFrom() throws {
        var world = CoordinatorWorld(seed: 1, clients: 8, plan: Self.plan { $0.algorithm = .fedAdam })
        while world.ledger.image.runs.first?.lastEnd == nil, world.now < Instant(sinceStart: .seconds(5000)) {
            world.play(for: .seconds(5))
        }
        let image = world.ledger.image
        let settings = CoordinatorMachine.Settings()
        for forget in [false, true] {
            var other = image
            if forget {
                other.runs[0].lastEnd?.optimiserState = nil
            } else {
                other.runs[0].lastEnd?.optimiserState?.form = "adam-0"
            }
            try #require(other != image)
            let (machine, actions) = CoordinatorMachine.recovering(other, settings: settings, at: world.now)
            #expect(machine.status(of: CoordinatorWorld.run, at: world.now) == nil)
            let isNoted = actions.contains { action in
                if case .note(_, let text) = action { text.contains("adam-1") } else { false }
            }
            #expect(isNoted)
        }
    }

    /// What the ledger forgets of old rounds changes nothing about the new ones, whenever the coordinator dies.
    @Test func aRunThatForgetsItsOldRoundsIsTheSame() {
        for seed in 0..<20 as Range<UInt64> {
            var faults = CoordinatorWorld.Faults()
            (faults.crash, faults.storageFailure, faults.lostAnswer) = (0.02, 0.05, 0.1)
            let plan = Self.plan { ($0.rounds, $0.evaluation.federatedEvery) = (20, 3) }
            var world = CoordinatorWorld(seed: seed, clients: 12, plan: plan, faults: faults) { $0.keptRounds = 4 }
            world.play(for: .seconds(1000))
            world.heal()
            world.play(for: .seconds(20_000))
            let (violations, isOver) = (world.violations, world.isOver)
            #expect(violations == [] && isOver, "seed \(seed)")
            let ends = world.ledger.rounds(of: CoordinatorWorld.run)
            #expect(ends.map(\.summary.round.rawValue) == Array(1...20), "seed \(seed)")
            for number in 1...20 {
                let task = TaskID(run: CoordinatorWorld.run, round: RoundNumber(number), kind: .train)
                #expect((world.ledger.round(task) != nil) == (number > 16), "seed \(seed), \(task)")
                #expect(number > 16 || world.ledger.contributions(to: task).isEmpty, "seed \(seed), \(task)")
            }
        }
    }

    /// Recomputes every model from the ledger alone.
    private func checkHistory(_ world: CoordinatorWorld, _ seed: UInt64) {
        var model = CoordinatorWorld.blob(named: 0)
        var state: [TensorBlob] = []
        var version = ModelVersion(0)
        let ends = world.ledger.rounds(of: CoordinatorWorld.run)
        #expect(ends.map(\.summary.round.rawValue) == Array(1...max(ends.count, 1)).prefix(ends.count).map(\.self))
        for end in ends {
            let id = TaskID(run: CoordinatorWorld.run, round: end.summary.round, kind: .train)
            if end.summary.outcome == .committed {
                let order = ModelOrder(
                    run: id.run, round: id.round, base: model, contributions: world.ledger.contributions(to: id),
                    parameterCount: 4, bound: 8, step: ServerStep(world.optimiser), state: state)
                (model, state) = (CoordinatorWorld.model(from: order), CoordinatorWorld.state(from: order))
                version = version.next
            }
            #expect(end.model == model, "seed \(seed), \(id.round)")
            #expect(end.optimiserState?.vectors.map(\.blob) ?? [] == state, "seed \(seed), \(id.round)")
            #expect(end.summary.modelVersion == version, "seed \(seed), \(id.round)")
        }
        for promise in world.accepted where promise.task.kind == .train {
            let counted = world.ledger.contributions(to: promise.task).contains { $0.client == promise.client }
            #expect(counted, "seed \(seed): \(promise.task) of \(promise.client)")
        }
    }
}
