import Testing
import TributaryCore

/// Runs whose clients have models of their own: who takes part, what each is told, and what becomes of what they say.
@Suite struct PersonalRunTests {
    private static let tensors = [TensorShape(name: "x", shape: [3]), TensorShape(name: "head", shape: [1])]

    /// A run of a model with a head, and its clients, which have asked for tasks.
    private func begin(
        _ part: String, clients count: Int = 2, tensors: [TensorShape] = Self.tensors, _ bench: inout MachineBench,
        _ change: (inout Plan) throws -> Void = { _ in }
    ) throws -> (clients: [ClientID], answer: CoordinatorAnswer?) {
        var plan = Plan()
        (plan.cohort.selection, plan.cohort.quorum, plan.live.minClients) = (.all, .count(2), count)
        (plan.cohort.fraction, plan.cohort.deadline, plan.rounds) = (nil, .seconds(60), 10)
        try plan.set("strategy.personalisation", to: part)
        try change(&plan)
        let row = RunRow(
            id: MachineBench.run, plan: plan.text, target: ClientTarget(), tensors: tensors,
            initialModel: CoordinatorWorld.blob(named: 0), createdAt: bench.now)
        let answer = bench.tell { $0.creating(row, noiseKey: CoordinatorWorld.noiseKey, call: $1, at: $2) }
        let clients = (1...UInt64(count)).map { ClientID($0) }
        for id in clients {
            let registration = CoordinatorMachine.Registration(
                id: id, description: ClientDescription(name: "\(id.rawValue)"),
                key: CoordinatorWorld.digest(id.rawValue), credential: CoordinatorWorld.digest(id.rawValue))
            bench.tell { $0.registering(registration, call: $1, at: $2) }
        }
        for client in clients { poll(client, &bench) }
        return (clients, answer)
    }

    @discardableResult
    private func poll(
        _ client: ClientID, _ bench: inout MachineBench, personalises: Bool = true
    ) -> CoordinatorAnswer? {
        let abilities: TaskNeeds = personalises ? .ownModels : []
        return bench.tell {
            $0.polled(by: client, waiting: .seconds(20), abilities: abilities, call: $1, at: $2)
        }
    }

    private func task(
        of client: ClientID, _ bench: inout MachineBench, personalises: Bool = true
    ) -> TaskDescription? {
        if case .task(let task)? = poll(client, &bench, personalises: personalises) { return task }
        return nil
    }

    private static func update(_ task: TaskID, _ client: ClientID) -> TrainedUpdate {
        TrainedUpdate(
            blob: UpdateBlob(CoordinatorWorld.blob(named: CoordinatorWorld.name(task, client))),
            outcome: TrainingOutcome(exampleCount: 1, stepCount: 1, meanLoss: 0))
    }

    private func submit(
        _ result: TaskResult, _ task: TaskID, by client: ClientID, _ bench: inout MachineBench
    ) -> RoundMachine.Answer? {
        let answer = bench.tell { $0.submitted(result, for: task, by: client, call: $1, at: $2) }
        if case .receipt(let receipt, _, _)? = answer { return receipt }
        return nil
    }

    @Test(
        arguments: [
            ("fine-tuning", "tuning-1", []), ("ditto:lambda=0.5", "own-1", []), ("fedper", "head-1", ["head"]),
            ("fedrep:head=x", "head-1", ["x"]), ("apfl", "mixture-1", []),
        ] as [(String, String, [String])])
    func aTaskSaysWhatIsAsked(part: String, form: String, head: [String]) throws {
        var bench = MachineBench()
        let (clients, _) = try begin(part, &bench)
        let task = try #require(task(of: clients[0], &bench))
        // With every parameter, as another version may have other defaults.
        let text = try Catalogue.standard.personalisation(try #require(PartText(planText: part))).text
        #expect(task.personal == TaskPersonal(text, form: form, head: head))
        #expect(task.id.kind == .train && task.solver != nil && task.method == nil)
    }

    /// Older software would send what is to stay with its client.
    @Test(arguments: ["fedper", "ditto", "fine-tuning"])
    func whoDoesNotKnowOfOwnModelsIsGivenNoTask(part: String) throws {
        var bench = MachineBench()
        _ = try begin(part, clients: 3, &bench) {
            ($0.live.minClients, $0.cohort.selection, $0.cohort.count) = (2, .uniform, 2)
        }
        let open = try #require(bench.ledger.image.runs.first?.openRounds.first)
        // One that was invited, and says since that it does not know of them, gets nothing of it.
        #expect(task(of: open.cohort[0], &bench, personalises: false) == nil)
        #expect(task(of: open.cohort[0], &bench)?.id == open.id)
        var other = MachineBench()
        _ = try begin(part, clients: 1, &other) { $0.live.minClients = 2 }
        guard case .waiting(let what)? = other.status?.activity else {
            Issue.record("it does not wait")
            return
        }
        #expect(what.contains("models of their own"))
    }

    @Test func aRunWithoutTakesAnybody() throws {
        var bench = MachineBench()
        let clients = bench.begin(clients: 1)
        let task = try #require(task(of: clients[0], &bench, personalises: false))
        #expect(task.personal == nil)
        #expect(submit(.trained(Self.update(task.id, clients[0])), task.id, by: clients[0], &bench) == .accepted)
        let ends = bench.ledger.rounds(of: MachineBench.run)
        #expect(ends.count == 1 && ends[0].counted == nil)
    }

    @Test(
        arguments: [("fedper", [3..<4]), ("fedrep:head=x", [0..<3]), ("ditto", []), ("apfl", [])]
            as [(String, [Range<Int>])])
    func updatesAreToBeStillWhereTensorsStay(part: String, still: [Range<Int>]) throws {
        var bench = MachineBench()
        let (clients, _) = try begin(part, &bench)
        let task = try #require(task(of: clients[0], &bench))
        var machine = bench.machine
        let actions = machine.submitted(
            .trained(Self.update(task.id, clients[0])), for: task.id, by: clients[0], call: CallID(rawValue: 1 << 40),
            at: bench.now)
        let checks = actions.compactMap { action -> UpdateCheck? in
            if case .check(let check) = action { check } else { nil }
        }
        #expect(checks.map(\.still) == [still])
    }

    /// Each goes on from its last update that came to something, also after the coordinator has started anew.
    @Test(
        arguments: [
            ("ditto", [nil, 1, 1, 3]), ("fedper", [nil, 1, 1, 3]), ("fine-tuning", [nil, nil, nil, nil]),
        ] as [(String, [Int?])])
    func whatCountedIsTold(part: String, expected: [Int?]) throws {
        var bench = MachineBench { $0.keptRounds = 1 }
        let (clients, _) = try begin(part, &bench)
        var told: [Int?] = []
        for round in 1...4 {
            for client in clients { poll(client, &bench) }
            for client in clients {
                guard let task = task(of: client, &bench) else { continue }
                #expect(task.id.round == RoundNumber(round))
                if client == clients[0] { told.append(task.personal?.countedRound?.rawValue) }
                // The second round has one update and its deadline.
                if round == 2, client == clients[1] { continue }
                _ = submit(.trained(Self.update(task.id, client)), task.id, by: client, &bench)
            }
            if round == 2 { bench.wait(.seconds(61)) }
            bench.restart()
        }
        #expect(told == expected)
    }

    /// Whatever crashes and gets lost, each goes on from what counts, and scores are of whom they should be.
    @Test(arguments: ["ditto", "apfl", "fine-tuning"], ["plain", "dyn"])
    func worlds(part: String, method: String) throws {
        // A mixture is defined for plain training alone.
        guard part != "apfl" || method == "plain" else { return }
        for seed in 0..<12 as Range<UInt64> {
            var faults = CoordinatorWorld.Faults()
            (faults.crash, faults.storageFailure, faults.silentClient, faults.badUpdate) = (0.03, 0.05, 0.2, 0.2)
            var plan = Plan()
            plan.rounds = 6
            (plan.cohort.count, plan.cohort.fraction, plan.cohort.quorum) = (4, nil, .count(2))
            (plan.cohort.deadline, plan.cohort.lease) = (.seconds(60), .seconds(15))
            plan.evaluation.federatedEvery = 2
            try plan.set("strategy.personalisation", to: part)
            try plan.set("strategy.method", to: method)
            var world = CoordinatorWorld(seed: seed, clients: 12, plan: plan, faults: faults)
            world.play(for: .seconds(1000))
            world.heal()
            world.play(for: .seconds(20_000))
            let (violations, isOver) = (world.violations, world.isOver)
            #expect(violations == [] && isOver, "\(part), \(method), seed \(seed)")
            let ends = world.ledger.rounds(of: CoordinatorWorld.run)
            for end in ends {
                let summary = end.summary
                #expect((summary.personal == nil) == (summary.federated == nil), "seed \(seed), \(summary.round)")
                #expect(summary.personal?.clientCount == summary.federated?.clientCount)
                let keeps = part != "fine-tuning" || method == "dyn"
                #expect((end.counted != nil) == (keeps && summary.outcome == .committed))
            }
            #expect(ends.contains { $0.summary.personal != nil }, "seed \(seed)")
        }
    }

    @Test func ownModelsAreScoredBesideTheGlobalOne() throws {
        var bench = MachineBench()
        let (clients, _) = try begin("ditto", &bench) { $0.evaluation.federatedEvery = 1 }
        for client in clients {
            let task = try #require(task(of: client, &bench))
            #expect(submit(.trained(Self.update(task.id, client)), task.id, by: client, &bench) == .accepted)
        }
        for client in clients { poll(client, &bench) }
        for (place, client) in clients.enumerated() {
            let task = try #require(task(of: client, &bench))
            // The round is committed: what was made with it counts.
            #expect(task.id.kind == .evaluate && task.personal?.countedRound == RoundNumber(1) && task.solver == nil)
            let result = TaskResult.evaluated(
                Evaluation(exampleCount: 4, lossSum: 8, correctCount: 1), metrics: [:],
                own: Evaluation(exampleCount: 4, lossSum: place == 0 ? 2 : 4, correctCount: 2 + place))
            #expect(submit(result, task.id, by: client, &bench) == .accepted)
            // What was told is on disk.
            if place == 0 { bench.restart() }
        }
        let summary = try #require(bench.ledger.rounds(of: MachineBench.run).first?.summary)
        #expect(summary.federated?.mean == Score(exampleCount: 8, loss: 2, accuracy: 0.25))
        let personal = try #require(summary.personal)
        #expect(personal.clientCount == 2 && personal.mean == Score(exampleCount: 8, loss: 0.75, accuracy: 0.625))
        let spread = try #require(personal.accuracy)
        #expect(spread.worstTenth == 0.5 && spread.bestTenth == 0.75 && spread.variance == 0.015625)
    }

    @Test func whoTunesIsToldHowToTrain() throws {
        var bench = MachineBench()
        let (clients, _) = try begin("fine-tuning:epochs=3", &bench) {
            ($0.evaluation.federatedEvery, $0.local.learningRate) = (1, 0.25)
        }
        for client in clients {
            let task = try #require(task(of: client, &bench))
            #expect(submit(.trained(Self.update(task.id, client)), task.id, by: client, &bench) == .accepted)
        }
        poll(clients[0], &bench)
        let task = try #require(task(of: clients[0], &bench))
        #expect(task.id.kind == .evaluate && task.solver?.learningRate == 0.25 && task.personal?.form == "tuning-1")
    }

    @Test func aScoreWithoutThatOfTheOwnModelIsRefused() throws {
        let global = Evaluation(exampleCount: 4, lossSum: 8, correctCount: 1)
        let refusals: [(Evaluation?, UpdateRefusal)] = [
            (nil, .wrongSchema), (Evaluation(exampleCount: 5, lossSum: 1, correctCount: nil), .badWeight),
            (Evaluation(exampleCount: 4, lossSum: 1, correctCount: 5), .badWeight),
            (Evaluation(exampleCount: 4, lossSum: .nan, correctCount: 1), .notFinite),
        ]
        for (own, refusal) in refusals {
            var bench = MachineBench()
            let (clients, _) = try begin("ditto", &bench) { $0.evaluation.federatedEvery = 1 }
            for client in clients {
                let task = try #require(task(of: client, &bench))
                _ = submit(.trained(Self.update(task.id, client)), task.id, by: client, &bench)
            }
            for client in clients { poll(client, &bench) }
            let task = try #require(task(of: clients[0], &bench))
            let result = TaskResult.evaluated(global, metrics: [:], own: own)
            #expect(submit(result, task.id, by: clients[0], &bench) == .refused(refusal), "\(String(describing: own))")
        }
        // And one that nobody asked for.
        var bench = MachineBench()
        let clients = bench.begin(clients: 1) { $0.evaluation.federatedEvery = 1 }
        let training = try #require(task(of: clients[0], &bench))
        _ = submit(.trained(Self.update(training.id, clients[0])), training.id, by: clients[0], &bench)
        let scoring = try #require(task(of: clients[0], &bench))
        let result = TaskResult.evaluated(global, metrics: [:], own: global)
        #expect(scoring.id.kind == .evaluate && scoring.personal == nil)
        #expect(submit(result, scoring.id, by: clients[0], &bench) == .refused(.wrongSchema))
    }

    @Test(arguments: [
        ("fedper", "strategy.method", "scaffold", "scaffold"), ("apfl", "strategy.method", "dyn", "dyn"),
        ("fedrep", "strategy.encoding", "eden:2", "plain zeros"),
        ("fedper", "strategy.encoding", "topk:0.1", "plain zeros"),
        ("ditto", "strategy.pacing", "buffered", "strategy.pacing"),
        ("fedper", "cohort.selection", "oort", "cohort.selection"),
        ("ditto", "privacy.mechanism", "local:noise=1", "privacy.mechanism"),
        ("ditto", "evaluation.federated-every", "none", "evaluation.federated-every"),
    ])
    func whatDoesNotGoWithThemIsRefused(part: String, field: String, value: String, words: String) throws {
        var plan = Plan()
        plan.cohort.count = 4
        try plan.set("strategy.personalisation", to: part)
        // Clients have data of their own: whether they hold any out is theirs to say.
        #expect(plan.data.test == 0)
        #expect(throws: Never.self) { try plan.checkRunsOverNetwork() }
        try plan.set(field, to: value)
        let error = #expect(throws: PlanError.self) { try plan.checkRunsOverNetwork() }
        let line = try #require(error?.description)
        #expect(line.contains("strategy.personalisation") && line.contains(words) && !line.contains("\n"), "\(line)")
    }

    @Test func whatGoesWithThemIsTaken() throws {
        for (part, field, value) in [
            ("ditto", "strategy.encoding", "topk:0.1"), ("ditto", "strategy.method", "scaffold"),
            ("apfl", "strategy.encoding", "qsgd:4"), ("fedper", "strategy.encoding", "f16"),
            ("fedrep", "strategy.method", "prox:mu=0.1"), ("fine-tuning", "strategy.pacing", "buffered"),
            ("fedper", "strategy.aggregation", "median"), ("ditto", "strategy.download", "delta"),
        ] {
            var plan = Plan()
            (plan.cohort.count, plan.cohort.fraction) = (4, nil)
            try plan.set("strategy.personalisation", to: part)
            try plan.set(field, to: value)
            #expect(throws: Never.self, "\(part), \(value)") { try plan.checkRunsOverNetwork() }
        }
    }

    @Test func aHeadThatTheModelHasNotIsRefused() throws {
        for (part, words) in [("fedper:head=nose", "the model has x, head"), ("fedper:head=2", "whole model")] {
            var bench = MachineBench()
            let (_, answer) = try begin(part, &bench)
            guard case .refused(.badPlan(let line))? = answer else {
                Issue.record("\(part) was taken: \(String(describing: answer))")
                continue
            }
            #expect(line.contains(words) && !line.contains("\n"))
        }
    }
}
