import Testing
import TributaryCore
import TributaryMath

/// Methods on the coordinator: what comes with updates is checked, and what the server keeps is on disk with the model.
@Suite struct NetworkMethodTests {
    private static func plan(_ method: String) throws -> Plan {
        var plan = Plan()
        plan.rounds = 8
        (plan.cohort.count, plan.cohort.fraction, plan.cohort.quorum) = (4, nil, .count(2))
        (plan.cohort.deadline, plan.cohort.lease) = (.seconds(60), .seconds(15))
        plan.evaluation.federatedEvery = 0
        try plan.set("strategy.method", to: method)
        return plan
    }

    @Test(arguments: ["prox:mu=0.2,adaptive=true", "nova", "qfedavg:q=0.5", "dyn", "scaffold"])
    func whatAMethodKeepsIsThatOfAllCommittedRounds(text: String) throws {
        for seed in 0..<25 as Range<UInt64> {
            var faults = CoordinatorWorld.Faults()
            (faults.crash, faults.storageFailure, faults.silentClient, faults.badUpdate) = (0.03, 0.05, 0.2, 0.2)
            let plan = try Self.plan(text)
            var world = CoordinatorWorld(seed: seed, clients: 12, plan: plan, faults: faults)
            world.play(for: .seconds(1000))
            world.heal()
            world.play(for: .seconds(20_000))
            let (violations, isOver) = (world.violations, world.isOver)
            #expect(violations == [] && isOver, "\(text), seed \(seed)")
            try expectReplay(world, plan, "\(text), seed \(seed)")
        }
    }

    /// Plays the ends of all rounds again, from what is recorded of their contributions.
    private func expectReplay(_ world: CoordinatorWorld, _ plan: Plan, _ comment: Comment) throws {
        let method = try Strategy(plan).method
        var figures = method.initialFigures(populationSize: 1)
        var kept: MethodStateRow?
        for end in world.ledger.rounds(of: CoordinatorWorld.run) {
            let task = TaskID(run: CoordinatorWorld.run, round: end.summary.round, kind: .train)
            // Those of the twelve who had registered when the round opened.
            let population = try #require(world.ledger.round(task)?.populationSize, comment)
            #expect((1...12).contains(population), comment)
            if end.summary.outcome == .committed {
                let rows = world.ledger.contributions(to: task)
                let contributions = rows.map {
                    MethodContribution(client: $0.client, weight: $0.weight, figures: $0.update.method?.figures ?? [])
                }
                _ = method.advance(&figures, by: contributions, populationSize: population)
                // That these are the ones that were made, and gone on from, the world checks.
                let vectors = end.method?.vectors ?? []
                kept = MethodStateRow(form: method.form.name, figures: figures, vectors: vectors)
                #expect(vectors.map(\.name) == method.form.server, comment)
                #expect(end.counted == (method.form.memory.isEmpty ? nil : rows.map(\.client)), comment)
            } else {
                #expect(end.counted == nil, comment)
            }
            #expect(end.method == kept, comment)
        }
        #expect(kept != nil, comment)
    }

    private static func update(_ method: MethodReport?) -> TrainedUpdate {
        TrainedUpdate(
            blob: UpdateBlob(CoordinatorWorld.blob(named: 7)),
            outcome: TrainingOutcome(exampleCount: 1, stepCount: 1, meanLoss: 0), method: method)
    }

    private func answer(
        to report: MethodReport?, method: String
    ) throws -> (answer: RoundMachine.Answer?, bench: MachineBench) {
        var bench = MachineBench()
        let text = try #require(PartText(planText: method))
        let clients = bench.begin(clients: 2) { $0.strategy.method = text }
        let task = TaskID(run: MachineBench.run, round: RoundNumber(1), kind: .train)
        let told = bench.tell {
            $0.submitted(.trained(Self.update(report)), for: task, by: clients[0], call: $1, at: $2)
        }
        guard case .receipt(let answer, _, _)? = told else { return (nil, bench) }
        return (answer, bench)
    }

    @Test func anUpdateWithoutItsMethodsFiguresDoesNotCount() throws {
        let refusals: [(MethodReport?, UpdateRefusal)] = [
            (nil, .wrongSchema),
            (MethodReport(form: "nova-0", figures: [1, 1]), .wrongSchema),
            (MethodReport(form: "nova-1", figures: [1]), .wrongSchema),
            (MethodReport(form: "nova-1", figures: [1, 1, 1]), .wrongSchema),
            (MethodReport(form: "nova-1", figures: [.nan, 1]), .notFinite),
            (MethodReport(form: "nova-1", figures: [1, -.infinity]), .notFinite),
            (MethodReport(form: "nova-1", figures: [1e200, 1]), .outOfBound),
            (MethodReport(form: "nova-1", figures: [1, -1]), .outOfBound),
        ]
        for (report, refusal) in refusals {
            let found = try answer(to: report, method: "nova").answer
            #expect(found == .refused(refusal), "\(String(describing: report))")
        }
        let sound = try answer(to: MethodReport(form: "nova-1", figures: [3, 3]), method: "nova")
        #expect(sound.answer == .accepted)
        let rows = sound.bench.ledger.contributions(
            to: TaskID(run: MachineBench.run, round: RoundNumber(1), kind: .train))
        #expect(rows.map(\.update.method) == [MethodReport(form: "nova-1", figures: [3, 3])])
    }

    @Test func aPlainRunTakesNoFigures() throws {
        #expect(try answer(to: MethodReport(form: "", figures: []), method: "plain").answer == .refused(.wrongSchema))
        let plain = try answer(to: nil, method: "plain")
        #expect(plain.answer == .accepted)
        let round = plain.bench.ledger.round(TaskID(run: MachineBench.run, round: RoundNumber(1), kind: .train))
        #expect(round != nil && round?.populationSize == nil)
    }

    @Test func aRoundThatWasGivenUpIsNotOneThatCounted() throws {
        var bench = MachineBench { $0.keptRounds = 1 }
        let clients = bench.begin(clients: 2) {
            $0.strategy.method = PartText(name: "dyn")
            ($0.rounds, $0.cohort.quorum, $0.cohort.deadline) = (6, .count(2), .seconds(60))
        }
        var told: [Int?] = []
        // The second round has one update and its deadline; the fourth has two again.
        for round in 1...4 {
            for client in clients { bench.poll(client) }
            for client in clients {
                let answer = bench.tell { $0.polled(by: client, waiting: .seconds(20), call: $1, at: $2) }
                guard case .task(let task)? = answer else { continue }
                #expect(task.id.round == RoundNumber(round))
                if client == clients[0] { told.append(task.method?.countedRound?.rawValue) }
                if round == 2, client == clients[1] { continue }
                let update = Self.update(MethodReport(form: "dyn-1", figures: []))
                bench.tell { $0.submitted(.trained(update), for: task.id, by: client, call: $1, at: $2) }
            }
            if round == 2 { bench.wait(.seconds(61)) }
            bench.restart()
        }
        let ends = bench.ledger.rounds(of: MachineBench.run)
        #expect(ends.prefix(4).map(\.summary.outcome) == [.committed, .abandoned, .committed, .committed])
        #expect(told == [nil, 1, 1, 3])
        #expect(bench.orders.map { $0.method?.factors } == [[0.1], [0.1], [0.1]])
    }

    @Test func clientsTrainByWhatTheServerKeeps() throws {
        var bench = MachineBench()
        let clients = bench.begin(clients: 1) {
            $0.strategy.method = PartText(planText: "prox:mu=0.5,adaptive=true")
            $0.rounds = 4
        }
        var pulls: [Double] = []
        for (index, loss) in [1.0, 2.0, 3.0].enumerated() {
            let answer = bench.tell { $0.polled(by: clients[0], waiting: .seconds(20), call: $1, at: $2) }
            guard case .task(let task)? = answer else { break }
            #expect(task.method?.form == "prox-1")
            #expect(task.method?.text.description == "prox:mu=0.5,adaptive=true")
            pulls.append(task.solver?.proximal ?? .nan)
            let update = Self.update(MethodReport(form: "prox-1", figures: [loss]))
            bench.tell { $0.submitted(.trained(update), for: task.id, by: clients[0], call: $1, at: $2) }
            // What was learnt survives.
            if index == 1 { bench.restart() }
        }
        #expect(pulls == [0.5, 0.5, 0.6])
    }
}
