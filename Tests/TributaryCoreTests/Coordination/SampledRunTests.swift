import Testing
import TributaryCore
import TributaryMath

/// Runs with noise on sums over clients that are drawn with the run's secret: who is in a round depends on the draw alone, and a
/// round on nobody in it.
@Suite struct SampledRunTests: BenchPlay {
    /// m of N = 10, and a budget for so many rounds.
    private static func plan(rounds: Int, count: Int = 3, mechanism: String = "clip=1,noise=2") throws -> Plan {
        var plan = Plan()
        plan.rounds = 1000
        (plan.cohort.selection, plan.cohort.count) = (.poisson, count)
        (plan.cohort.deadline, plan.cohort.lease) = (.seconds(60), .seconds(15))
        plan.evaluation.federatedEvery = nil
        plan.live.minClients = 1
        try plan.set("privacy.mechanism", to: "sampled:\(mechanism)")
        (plan.privacy.delta, plan.privacy.population) = (1e-4, 10)
        plan.privacy.epsilon = epsilon(rounds: rounds, count: count) * 1.0001
        return plan
    }

    /// What so many rounds cost, by the accountant alone.
    private static func epsilon(rounds: Int, count: Int = 3) -> Double {
        guard let step = try? SampledGaussian(samplingRate: Double(count) / 10, noiseMultiplier: 2) else { return .nan }
        var accountant = RenyiAccountant()
        accountant.add(step, count: rounds)
        return accountant.guarantee(delta: 1e-4).epsilon
    }

    /// Who is drawn for a round of such a run.
    private static func drawn(_ round: RoundNumber, count: Int = 3, of clients: [ClientID]) -> [ClientID] {
        let draw = ClientDraw(of: round, key: CoordinatorWorld.noiseKey, expected: count, population: 10)
        return clients.filter(draw.isDrawn)
    }

    private static func open(_ bench: MachineBench) -> RoundRow? { bench.ledger.image.runs.first?.openRounds.first }

    /// Everybody says that it is there, until a round is open.
    private func rouse(_ clients: [ClientID], _ bench: inout MachineBench) throws -> RoundRow {
        for client in clients { bench.poll(client) }
        return try #require(Self.open(bench))
    }

    @Test func aRoundLastsItsTimeAndCommitsWhateverHasCome() throws {
        var bench = MachineBench()
        let plan = try Self.plan(rounds: 16, count: 1)
        let clients = bench.begin(clients: 6) { $0 = plan }
        var sizes: Set<Int> = []
        for number in 1...16 {
            let round = try rouse(clients, &bench)
            // In the first one, clients were registered one after the other.
            let drawn = Self.drawn(round.id.round, count: 1, of: clients)
            #expect(round.id.round == RoundNumber(number) && (round.cohort == drawn || number == 1))
            for client in round.cohort {
                let task = try #require(task(of: client, &bench))
                _ = submit(task.id, by: client, &bench)
            }
            for client in clients { #expect(task(of: client, &bench) == nil) }
            bench.wait(bench.now.duration(to: round.openedAt.advanced(by: .seconds(59.9))))
            #expect(bench.orders.count == number - 1 && Self.open(bench)?.id == round.id)
            bench.wait(.seconds(0.2))
            let order = try #require(bench.orders.last)
            #expect(bench.orders.count == number && order.contributions.map(\.client) == round.cohort)
            #expect(order.privacy?.denominator == 1)
            sizes.insert(round.cohort.count)
        }
        #expect(sizes.count > 1 && sizes.contains(0), "\(sizes)")
        let ends = bench.ledger.rounds(of: MachineBench.run)
        #expect(ends.count == 16 && ends.allSatisfy { $0.summary.outcome == .committed })
        #expect(bench.ledger.image.runs.first?.row.ending == .budgetSpent)
    }

    @Test func whoIsDrawnAndComesLaterHasItsTaskAndNobodyElseHas() throws {
        var bench = MachineBench()
        let plan = try Self.plan(rounds: 20, count: 5)
        let clients = bench.begin(clients: 12) { $0 = plan }
        bench.wait(.seconds(100))
        // One says that it is there: that is enough for a round for which all were drawn.
        let round = try rouse([clients[0]], &bench)
        #expect(round.cohort == Self.drawn(round.id.round, count: 5, of: clients) && !round.cohort.isEmpty)
        bench.wait(.seconds(50))
        for client in clients {
            #expect((task(of: client, &bench)?.id == round.id) == round.cohort.contains(client))
        }
        // Whoever gives its task back, or goes silent, is waited for no longer, and may still come again.
        let first = round.cohort[0]
        bench.tell { $0.gaveBack(round.id, by: first, cause: .declined, call: $1, at: $2) }
        #expect(task(of: first, &bench)?.id == round.id)
        #expect(bench.orders.last?.round != round.id.round)
    }

    /// The draw follows from the secret: the plan's seed, which is no secret, has no part in it.
    @Test func thePlansSeedDrawsNobody() throws {
        let cohorts = try ([1, 77] as [UInt64]).map { seed in
            var bench = MachineBench()
            var plan = try Self.plan(rounds: 20, count: 5)
            plan.seed = seed
            let clients = bench.begin(clients: 40) { $0 = plan }
            bench.wait(.seconds(100))
            return try rouse(clients, &bench).cohort
        }
        #expect(cohorts[0] == cohorts[1] && cohorts[0].count > 5)
    }

    @Test func aDamagedModelEndsNoRoundEarly() throws {
        var bench = MachineBench()
        let plan = try Self.plan(rounds: 20, count: 9)
        let clients = bench.begin(clients: 12) { $0 = plan }
        bench.wait(.seconds(100))
        let round = try rouse(clients, &bench)
        (bench.condition, bench.fails) = (.damaged("its newest model is gone"), true)
        bench.tell { $0.gaveBack(round.id, by: round.cohort[0], cause: .failed, call: $1, at: $2) }
        #expect(bench.status?.row.status == .active && Self.open(bench)?.id == round.id)
        #expect(task(of: round.cohort[1], &bench) == nil, "a task that nobody can do is given out")
        // Whoever has the model may send what it has made of it.
        let answer = submit(round.id, by: round.cohort[2], &bench)
        guard case .receipt(.accepted, _, _)? = answer else {
            Issue.record("\(String(describing: answer))")
            return
        }
        bench.wait(.seconds(60))
        #expect(bench.status?.row.status == .failed)
    }

    @Test func theBudgetIsSpentRoundByRoundWhateverHappens() throws {
        var (crashes, empty, late) = (0, 0, 0)
        for seed in 0..<40 as Range<UInt64> {
            var draw = Seed(seed).derived("sampled").stream()
            var faults = CoordinatorWorld.Faults()
            func strength(_ largest: Double) -> Double { draw.bernoulli(0.6) ? draw.uniform() * largest : 0 }
            faults.crash = strength(0.05)
            faults.storageFailure = strength(0.2)
            faults.lostAnswer = strength(0.3)
            faults.silentClient = strength(0.3)
            faults.badUpdate = strength(0.3)
            faults.failedTask = strength(0.3)
            let mechanism = draw.bernoulli(0.5) ? "clip=1,noise=2" : "clip=1,noise=2,adaptive=true,count-noise=3"
            let plan = try Self.plan(rounds: 9, mechanism: mechanism)
            var world = CoordinatorWorld(seed: seed, clients: 7, plan: plan, faults: faults)
            world.play(for: .seconds(1000))
            world.heal()
            world.play(for: .seconds(20_000))
            let (violations, isOver) = (world.violations, world.isOver)
            #expect(violations == [] && isOver, "seed \(seed)")
            let ends = world.ledger.rounds(of: CoordinatorWorld.run)
            #expect(ends.count == 9, "seed \(seed)")
            for end in ends { try check(end, world, seed) }
            let run = try #require(world.ledger.image.runs.first)
            #expect(run.row.ending == .budgetSpent && run.privacy?.state.ledger.roundCount == 9, "seed \(seed)")
            crashes += world.crashes
            empty += ends.count { $0.summary.participation.reported == 0 }
            late += ends.reduce(0) { $0 + ($1.summary.participation.dropped[.beforeTraining] ?? 0) }
        }
        #expect(crashes > 50 && empty > 5, "\(crashes), \(empty), \(late)")
    }

    /// A round has only those in it who were drawn, has lasted its time, and has cost what one costs.
    private func check(_ end: RoundEndRow, _ world: CoordinatorWorld, _ seed: UInt64) throws {
        let id = TaskID(run: CoordinatorWorld.run, round: end.summary.round, kind: .train)
        let row = try #require(world.ledger.round(id))
        #expect(row.cohort == Self.drawn(id.round, of: row.cohort), "seed \(seed), \(id)")
        #expect(row.openedAt.duration(to: end.endedAt) >= .seconds(60), "seed \(seed), \(id)")
        #expect(end.summary.outcome == .committed, "seed \(seed), \(id)")
        let wanted = Self.epsilon(rounds: id.round.rawValue)
        let epsilon = try #require(end.summary.privacy?.epsilon)
        #expect(abs(epsilon - wanted) < 1e-9, "seed \(seed), \(id)")
    }

    @Test func aDeathAtAnyWriteChangesNoDrawAndNeitherForgetsNorRepeatsWhatWasSpent() throws {
        for death in 0..<48 {
            var bench = MachineBench()
            let plan = try Self.plan(rounds: 4)
            let clients = bench.begin(clients: 6) { $0 = plan }
            var sums: [RoundNumber: PrivateSum] = [:]
            bench.playToTheEnd(clients, death: death) { $0.wait(.seconds(60)) }
            for order in bench.orders {
                let sum = try #require(order.privacy)
                #expect(sums[order.round].map { $0 == sum } ?? true, "death \(death), \(order.round)")
                sums[order.round] = sum
            }
            let ends = bench.ledger.rounds(of: MachineBench.run)
            #expect(ends.count == 4 && ends.allSatisfy { $0.summary.outcome == .committed }, "death \(death)")
            for end in ends.dropFirst() {
                let row = bench.ledger.round(TaskID(run: MachineBench.run, round: end.summary.round, kind: .train))
                #expect(row?.cohort == Self.drawn(end.summary.round, of: clients), "death \(death)")
            }
            let run = try #require(bench.ledger.image.runs.first)
            #expect(run.privacy?.state.ledger.roundCount == 4 && run.row.ending == .budgetSpent, "death \(death)")
        }
    }

    @Test(arguments: [
        ("privacy.population", "none", "privacy.population"), ("privacy.population", "2", "cohort.count"),
        ("cohort.selection", "all", "privacy.population"), ("cohort.quorum", "1", "cohort.quorum"),
        ("strategy.method", "dyn:alpha=0.1", "strategy.method"), ("privacy.delta", "none", "privacy.delta"),
        ("privacy.mechanism", "tree:noise=1", "privacy.population"),
        ("privacy.mechanism", "none", "privacy.population"),
    ])
    func whatCannotBePromisedIsRefused(field: String, value: String, word: String) throws {
        var plan = try Self.plan(rounds: 1)
        #expect(throws: Never.self) { try plan.checkRunsOverNetwork() }
        try plan.set(field, to: value)
        if field == "strategy.method" { plan.server.weighting = .uniform }
        let error = #expect(throws: PlanError.self) { try plan.checkRunsOverNetwork() }
        #expect(error?.description.contains(word) == true, "\(String(describing: error))")
    }

    /// The noise is the least that keeps the budget with the plan's rate, whoever comes, and stands in the run's plan.
    @Test func noiseByTheBudgetGoesByThePlansRate() throws {
        var plan = try Self.plan(rounds: 12, mechanism: "clip=1")
        plan.rounds = 12
        let resolved = try ResolvedPlan(plan, populationSize: plan.leastPopulation, isOpen: true)
        let figures = try #require(resolved.privacy)
        #expect(abs(figures.noiseMultiplier - 2) < 0.01 && figures.step.samplingRate == 0.3)
        #expect(figures.expectedContributions == 3 && figures.coveredRounds == 12)
        let again = try Plan(text: resolved.plan.text)
        #expect(try ResolvedPlan(again, populationSize: 10, isOpen: true).privacy == figures)
        // A share of the population says the same.
        (plan.cohort.count, plan.cohort.fraction) = (nil, 0.3)
        #expect(try ResolvedPlan(plan, populationSize: 10, isOpen: true).privacy == figures)
        // A simulation of the same plan has as many clients, or is refused.
        #expect(try ResolvedPlan(plan, populationSize: 10).privacy?.step == figures.step)
        #expect(throws: PlanError.self) { try ResolvedPlan(plan, populationSize: 11) }
    }
}
