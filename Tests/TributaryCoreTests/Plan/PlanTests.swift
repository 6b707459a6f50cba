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
        ("checkpoint.every", "7"),
    ]

    @Test(arguments: [
        ("local.learning-rate", "nan"), ("local.learning-rate", "-1"), ("local.learning-rate", "inf"),
        ("local.learning-rate", ""), ("rounds", "0"), ("rounds", "ten"), ("rounds", "99999999999999999999"),
        ("cohort.fraction", "1.5"), ("cohort.quorum", "0"), ("cohort.deadline", "-3s"), ("cohort.deadline", "nan"),
        ("local.batch-size", "0"), ("local.schedule", "step:0,1"), ("faults.stall", "1.1"), ("stop.accuracy", "0"),
        ("devices.latency-ms", "lognormal:1"), ("devices.availability", "0"), ("data.clients", "-4"), ("seed", "-1"),
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

    @Test func schedulesFollowTheirFormulas() {
        func factors(_ schedule: LearningRateSchedule, _ rounds: [Int]) -> [Double] {
            rounds.map { schedule.factor(round: RoundNumber($0), planned: 5) }
        }
        #expect(factors(.constant, [1, 5]) == [1, 1])
        #expect(factors(.step(interval: 2, factor: 0.5), [1, 2, 3, 4, 5]) == [1, 1, 0.5, 0.5, 0.25])
        #expect(factors(.exponential(factor: 0.5), [1, 2, 3]) == [1, 0.5, 0.25])
        #expect(factors(.warmup(rounds: 4), [1, 2, 4, 9]) == [0.25, 0.5, 1, 1])
        let cosine = factors(.cosine(floor: 0.1), [1, 3, 5])
        #expect(abs(cosine[0] - 1) < 1e-12 && abs(cosine[1] - 0.55) < 1e-12 && abs(cosine[2] - 0.1) < 1e-12)
    }
}
