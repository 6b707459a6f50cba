import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// Plans as text, and the sense they must make.
@Suite struct PlanTests {
    @Test func everyFieldReadsBackWhatItWrites() throws {
        #expect(try Plan(text: Plan().text) == Plan())
        var plan = Plan()
        for (path, text) in Self.unusual { try plan.set(path, to: text) }
        for (path, text) in Self.unusual { #expect(PlanField.named(path)?.text(in: plan) == text) }
        #expect(try Plan(text: plan.text) == plan)
        #expect(Set(PlanField.all.map(\.path)).count == PlanField.all.count)
    }

    private static let unusual = [
        ("seed", "18446744073709551615"), ("cohort.quorum", "80%"), ("cohort.deadline", "90s"),
        ("local.batch-size", "full"), ("local.schedule", "step:10,0.5"), ("local.learning-rate", "0.001"),
        ("devices.latency-ms", "uniform:1,2.5"), ("devices.upload-mbit", "pareto:1,2"), ("stop.accuracy", "0.8"),
        ("server.weighting", "uniform"), ("data.set", "csv"), ("evaluation.baselines", "all"),
        ("checkpoint.every", "7"), ("strategy.optimiser", "adam:tau=0.01,beta1=0.8"), ("server.schedule", "warmup:3"),
        ("server.learning-rate", "0.3"),
    ]

    @Test(arguments: [
        ("local.learning-rate", "nan"), ("local.learning-rate", "-1"), ("local.learning-rate", "inf"),
        ("local.learning-rate", ""), ("rounds", "0"), ("rounds", "ten"), ("rounds", "99999999999999999999"),
        ("cohort.fraction", "1.5"), ("cohort.quorum", "0"), ("cohort.deadline", "-3s"), ("cohort.deadline", "nan"),
        ("local.batch-size", "0"), ("local.schedule", "step:0,1"), ("faults.stall", "1.1"), ("stop.accuracy", "0"),
        ("strategy.optimiser", ""), ("strategy.optimiser", "adam:"), ("strategy.optimiser", "adam:tau"),
        ("strategy.optimiser", "adam:tau=1,,"), ("strategy.optimiser", ":tau=1"), ("server.learning-rate", "0"),
        ("server.schedule", "cosine:2"), ("devices.latency-ms", "lognormal:1"),
        ("devices.availability", "0"), ("data.clients", "-4"), ("seed", "-1"),
    ])
    func aValueThatIsNotAllowedIsNamedWithWhatItMustBe(path: String, text: String) {
        var plan = Plan()
        do throws(PlanError) {
            try plan.set(path, to: text)
            Issue.record("\(path) took '\(text)'")
        } catch {
            #expect(error.description.contains(path) && error.description.contains("must be"))
            #expect(plan == Plan())
        }
    }

    @Test func anUnknownFieldSuggestsTheNearest() {
        var plan = Plan()
        #expect(throws: PlanError("unknown plan field 'local.epoch'; did you mean 'local.epochs'?")) {
            try plan.set("local.epoch", to: "1")
        }
        #expect(throws: PlanError("unknown plan field 'zzzzzzzz'")) { try plan.set("zzzzzzzz", to: "1") }
    }

    @Test(arguments: [
        ["cohort.count": "11"], ["cohort.fraction": "0.1", "cohort.count": "1"], ["cohort.quorum": "2"],
        ["local.epochs": "1", "local.steps": "1"], ["algorithm": "fedsgd", "local.epochs": "2"],
        ["algorithm": "fedsgd", "local.batch-size": "10"], ["data.validation": "0.5", "data.test": "0.5"],
        ["faults.stall": "0.6", "faults.garbage": "0.6"],
        ["cohort.selection": "poisson", "cohort.over-selection": "1.5"],
    ])
    func partsThatContradictOneAnotherAreRefused(fields: [String: String]) throws {
        var plan = Plan()
        for (path, text) in fields { try plan.set(path, to: text) }
        #expect(throws: PlanError.self) { try ResolvedPlan(plan, populationSize: 10) }
    }

    @Test func theCohortIsTheFractionOfThePopulation() throws {
        var plan = Plan()
        for (fraction, population, goal) in [(0.1, 100, 10), (0.1, 4, 1), (0.25, 10, 3), (1, 7, 7)] {
            plan.cohort.fraction = fraction
            #expect(try ResolvedPlan(plan, populationSize: population).goal == goal)
        }
        plan.cohort.fraction = 0.1
        plan.cohort.overSelection = 1.3
        #expect(try ResolvedPlan(plan, populationSize: 100).inviteCount == 13)
        #expect(try ResolvedPlan(plan, populationSize: 1).inviteCount == 1)
    }

    @Test func aShareRoundedUpIsThatOfDecimalArithmetic() throws {
        for percent in 1...100 {
            var plan = Plan()
            try plan.set("cohort.quorum", to: "\(percent)%")
            #expect(PlanField.named("cohort.quorum")?.text(in: plan) == "\(percent)%")
            #expect(try Plan(text: plan.text) == plan)
            for goal in 1...400 { expectEqual(plan.cohort.quorum.count(of: goal), (percent * goal + 99) / 100) }
            plan.cohort.fraction = 1
            plan.cohort.overSelection = 1 + Double(percent) / 100
            let resolved = try ResolvedPlan(plan, populationSize: 100_000)
            #expect(resolved.inviteCount == 100_000)
            plan.cohort.fraction = 0.001
            #expect(try ResolvedPlan(plan, populationSize: 100_000).inviteCount == 100 + percent)
        }
    }

    @Test func aTimeReadsBackAsItWasSaid() throws {
        for milliseconds in stride(from: 1, through: 20_000, by: 7) {
            var plan = Plan()
            try plan.set("cohort.deadline", to: "\(milliseconds)ms")
            #expect(plan.cohort.deadline == .milliseconds(milliseconds))
            #expect(try Plan(text: plan.text) == plan)
        }
        var plan = Plan()
        try plan.set("cohort.lease", to: "11ms")
        #expect(PlanField.named("cohort.lease")?.text(in: plan) == "0.011s")
    }

    @Test func faultsMayAddUpToOne() {
        var plan = Plan()
        plan.faults.beforeTraining = 0.05
        plan.faults.duringTraining = 0.55
        plan.faults.beforeUpload = 0.3
        plan.faults.stall = 0.1
        #expect(plan.faults.total > 1, "the sum is exact, so this tests nothing")
        #expect(throws: Never.self) { try ResolvedPlan(plan, populationSize: 10) }
    }

    @Test func valuesSetInCodeAreCheckedLikeText() {
        func refused(_ change: (inout Plan) -> Void) -> Bool {
            var plan = Plan()
            change(&plan)
            do throws(PlanError) { _ = try ResolvedPlan(plan, populationSize: 10) } catch { return true }
            return false
        }
        #expect(!refused { $0.rounds = 3 })
        #expect(refused { $0.cohort.fraction = .nan })
        #expect(refused { $0.cohort.fraction = 2 })
        #expect(refused { $0.cohort.count = 0 })
        #expect(refused { $0.checkpoint.every = 0 })
        #expect(refused { $0.local.batchSize = .examples(0) })
        #expect(refused { $0.devices.latency = .constant(-1) })
        #expect(refused { $0.cohort.deadline = .zero })
    }

    @Test func aBillionClientsAreFineButNotInOneRound() throws {
        var plan = Plan()
        #expect(throws: PlanError.self) { try ResolvedPlan(plan, populationSize: 1_000_000_000) }
        plan.cohort.count = 1000
        #expect(try ResolvedPlan(plan, populationSize: 1_000_000_000).inviteCount == 1000)
        plan.cohort.selection = .all
        #expect(throws: PlanError.self) { try ResolvedPlan(plan, populationSize: 1_000_000_000) }
    }

    @Test func schedulesFollowTheirFormulas() {
        func factors(_ schedule: LearningRateSchedule, _ rounds: [Int]) -> [Double] {
            rounds.map { schedule.factor(round: RoundNumber($0), planned: 5) }
        }
        #expect(factors(.constant, [1, 5]) == [1, 1])
        #expect(factors(.step(interval: 2, factor: 0.5), [1, 2, 3, 4, 5]) == [1, 1, 0.5, 0.5, 0.25])
        #expect(factors(.exponential(factor: 0.5), [1, 2, 3]) == [1, 0.5, 0.25])
        #expect(factors(.warmup(rounds: 4), [1, 2, 4, 9]) == [0.25, 0.5, 1, 1])
        func cosine(_ rounds: [Int]) -> [Double] {
            rounds.map { LearningRateSchedule.cosine(floor: 0.1).factor(round: RoundNumber($0), planned: 4) }
        }
        let expected = [1, 0.55 + 0.45 * 0.5.squareRoot(), 0.55, 0.55 - 0.45 * 0.5.squareRoot(), 0.1, 0.1]
        for (factor, value) in zip(cosine([1, 2, 3, 4, 5, 6]), expected) { #expect(abs(factor - value) < 1e-12) }
    }

    @Test(arguments: [1, 2, 20])
    func noScheduleTrainsARoundForNothing(rounds: Int) {
        for schedule in [LearningRateSchedule.cosine(floor: 0), .warmup(rounds: 5), .constant] {
            for round in 1...rounds {
                #expect(schedule.factor(round: RoundNumber(round), planned: rounds) > 0)
            }
        }
    }

    @Test func theLeastPopulationIsTheFirstThatTheQuorumFits() throws {
        for quorum in [1, 2, 3, 7, 40] {
            for fraction in [nil, 0.03, 0.1, 0.34, 0.5, 1] as [Double?] {
                var plan = Plan()
                (plan.cohort.quorum, plan.cohort.fraction) = (.count(quorum), fraction)
                if fraction == nil { plan.cohort.selection = .all }
                let least = plan.leastPopulation
                #expect(throws: Never.self) { try ResolvedPlan(plan, populationSize: least, isOpen: true) }
                // A cohort is rounded to the nearest, so somewhat fewer may do, too; a third of them never does.
                guard least > 2, quorum > 1 else { continue }
                #expect(throws: PlanError.self) { try ResolvedPlan(plan, populationSize: least / 3, isOpen: true) }
            }
        }
        var plan = Plan()
        (plan.cohort.count, plan.cohort.quorum) = (4, .count(5))
        #expect(plan.leastPopulation == 4)
        #expect(throws: PlanError.self) { try ResolvedPlan(plan, populationSize: 4, isOpen: true) }
    }
}
