import Testing
import TributaryCore

/// Runs whose clients add noise to their own updates: only those take part who can, and every round is paid for.
@Suite struct LocalNoiseRunTests {
    private static let request = NoiseRequest(clip: 1, multiplier: 2)

    private func plan(_ plan: inout Plan) {
        (plan.cohort.selection, plan.cohort.count, plan.cohort.quorum) = (.uniform, 2, .count(2))
        (plan.cohort.deadline, plan.cohort.lease) = (.seconds(60), .seconds(15))
        (plan.evaluation.federatedEvery, plan.live.minClients, plan.rounds) = (nil, 2, 20)
        plan.privacy.mechanism = PartText(planText: "local:clip=1,noise=2")
        plan.privacy.delta = 1e-4
    }

    /// ε of so many rounds, by the accountant alone.
    private func epsilon(_ rounds: Int) throws -> Double {
        var accountant = RenyiAccountant()
        accountant.add(try SampledGaussian(samplingRate: 1, noiseMultiplier: 2), count: rounds)
        return accountant.guarantee(delta: 1e-4).epsilon
    }

    @discardableResult
    private func poll(
        _ client: ClientID, _ bench: inout MachineBench, addsNoise: Bool = true
    ) -> CoordinatorAnswer? {
        bench.tell {
            $0.polled(by: client, waiting: .seconds(20), abilities: addsNoise ? .noise : [], call: $1, at: $2)
        }
    }

    private func task(of client: ClientID, _ bench: inout MachineBench, addsNoise: Bool = true) -> TaskDescription? {
        if case .task(let task)? = poll(client, &bench, addsNoise: addsNoise) { return task }
        return nil
    }

    private func submit(
        _ task: TaskDescription, by client: ClientID, _ bench: inout MachineBench, noise: NoiseRequest?
    ) -> CoordinatorAnswer? {
        let update = TrainedUpdate(
            blob: UpdateBlob(CoordinatorWorld.blob(named: CoordinatorWorld.name(task.id, client))),
            outcome: TrainingOutcome(exampleCount: 1, stepCount: 0, meanLoss: 0), localNoise: noise)
        return bench.tell { $0.submitted(.trained(update), for: task.id, by: client, call: $1, at: $2) }
    }

    private func receipt(_ answer: RoundMachine.Answer) -> CoordinatorAnswer {
        .receipt(answer, isDuplicate: false, retry: .now)
    }

    private func cohort(_ bench: MachineBench) -> [ClientID] {
        bench.ledger.image.runs.first?.openRounds.first?.cohort ?? []
    }

    @Test func whoDoesNotSayThatItAddsNoiseIsGivenNoTask() throws {
        var bench = MachineBench()
        let clients = bench.begin(clients: 4, plan)
        #expect(cohort(bench).isEmpty)
        guard case .waiting(let what)? = bench.status?.activity else {
            Issue.record("it does not wait")
            return
        }
        #expect(what.contains("noise of their own"))
        // Two that can are enough, and they are the cohort.
        for client in clients[2...] { poll(client, &bench) }
        #expect(cohort(bench) == Array(clients[2...]))
        // Software of before would send its update as it is: also one that was invited is given nothing then.
        bench.restart()
        #expect(task(of: clients[2], &bench, addsNoise: false) == nil)
        let task = try #require(task(of: clients[2], &bench))
        #expect(task.localNoise == Self.request && task.compression == nil)
    }

    @Test func aResultWithoutItsNoiseIsRefused() throws {
        for noise in [nil, NoiseRequest(clip: 1, multiplier: 1), NoiseRequest(clip: 2, multiplier: 2)] {
            var bench = MachineBench()
            let clients = bench.begin(clients: 2, plan)
            for client in clients { poll(client, &bench) }
            let task = try #require(task(of: clients[0], &bench))
            #expect(submit(task, by: clients[0], &bench, noise: noise) == receipt(.refused(.wrongSchema)))
            #expect(bench.ledger.contributions(to: task.id).isEmpty)
        }
    }

    @Test func theModelIsTheMeanOfWhatCameAndEveryRoundIsPaidFor() throws {
        var bench = MachineBench()
        let clients = bench.begin(clients: 2, plan)
        for round in 1...3 {
            for client in clients { poll(client, &bench) }
            for client in clients {
                let task = try #require(task(of: client, &bench))
                #expect(submit(task, by: client, &bench, noise: Self.request) == receipt(.accepted))
            }
            let order = try #require(bench.orders.last)
            // Its noise is in it: nothing is clipped or added, and no coordinate may reach beyond 16 deviations of 2Cz.
            #expect(order.privacy == nil && order.bound == Float(65).nextUp)
            #expect(order.contributions.map(\.weight) == [1, 1])
            let summary = try #require(bench.status?.lastRound)
            #expect(summary.round == RoundNumber(round) && summary.trainLoss == nil)
            #expect(summary.privacy?.clippedShare == nil)
            #expect(abs(try #require(summary.privacy?.epsilon) - (try epsilon(round))) < 1e-9)
            bench.restart()
        }
        #expect(bench.ledger.image.runs.first?.privacy?.state.ledger.roundCount == 3)
    }

    /// The coordinator has seen updates of a round that it gives up.
    @Test func aRoundThatIsGivenUpIsPaidForToo() throws {
        var bench = MachineBench()
        let clients = bench.begin(clients: 2, plan)
        for client in clients { poll(client, &bench) }
        let task = try #require(task(of: clients[0], &bench))
        #expect(submit(task, by: clients[0], &bench, noise: Self.request) == receipt(.accepted))
        bench.wait(.seconds(70))
        let summary = try #require(bench.ledger.rounds(of: MachineBench.run).first?.summary)
        #expect(summary.outcome == .abandoned)
        #expect(abs(try #require(summary.privacy?.epsilon) - (try epsilon(1))) < 1e-9)
    }

    @Test func theBudgetEndsTheRun() throws {
        var bench = MachineBench()
        let budget = try epsilon(2) * 1.0001
        let clients = bench.begin(clients: 2) {
            plan(&$0)
            $0.privacy.epsilon = budget
        }
        for round in 1...3 {
            for client in clients { poll(client, &bench) }
            for client in clients {
                guard let task = task(of: client, &bench), task.id.round == RoundNumber(round) else { continue }
                #expect(round <= 2)
                if round == 2 {
                    _ = submit(task, by: client, &bench, noise: Self.request)
                } else {
                    // The first round is given up: it counts.
                    bench.tell { $0.gaveBack(task.id, by: client, cause: .declined, call: $1, at: $2) }
                }
            }
        }
        #expect(bench.ledger.rounds(of: MachineBench.run).map(\.summary.outcome) == [.abandoned, .committed])
        #expect(bench.status?.row.ending == .budgetSpent)
    }

    @Test(arguments: [
        ("privacy.delta", "none", "privacy.delta"), ("evaluation.federated-every", "2", "evaluation.federated-every"),
        ("strategy.encoding", "topk:0.1", "strategy.encoding"),
    ])
    func whatWouldLetMoreOutIsRefused(field: String, value: String, word: String) throws {
        var plan = Plan()
        self.plan(&plan)
        #expect(throws: Never.self) { try plan.checkRunsOverNetwork() }
        try plan.set(field, to: value)
        let error = #expect(throws: PlanError.self) { try plan.checkRunsOverNetwork() }
        #expect(error?.description.contains(word) == true)
    }

    /// A plain run has nothing to do with any of it.
    @Test func aPlainRunTakesAnybody() throws {
        var bench = MachineBench()
        let clients = bench.begin(clients: 2) { $0.evaluation.federatedEvery = nil }
        let task = try #require(task(of: clients[0], &bench, addsNoise: false))
        #expect(task.localNoise == nil)
        #expect(submit(task, by: clients[0], &bench, noise: nil) == receipt(.accepted))
    }
}
