import Testing
import TributaryCore

/// What rounds of a coordinator take, counted again from what is on disk.
@Suite struct EnergyRunTests: BenchPlay {
    private static let trace = "h\n0,a,100\n0,b,300\n"
    private static let said = [
        EnergyStatement(region: "a"), EnergyStatement(region: "b", trainingWatts: 72),
        EnergyStatement(region: "elsewhere"),
    ]
    private static let task = TaskID(run: MachineBench.run, round: RoundNumber(1), kind: .train)

    private func plan(_ plan: inout Plan) {
        (plan.rounds, plan.evaluation.federatedEvery) = (1, nil)
        (plan.cohort.deadline, plan.cohort.lease) = (.seconds(600), .seconds(300))
        (plan.energy.trace, plan.energy.trainingWatts, plan.energy.transferWatts) = ("t", .constant(36), 3.6)
        (plan.energy.networkKWhPerGB, plan.energy.serverWatts) = (1, 360)
    }

    private func submit(_ times: WorkTimes?, by client: ClientID, _ bench: inout MachineBench) {
        var update = TrainedUpdate(
            blob: UpdateBlob(CoordinatorWorld.blob(named: CoordinatorWorld.name(Self.task, client))),
            outcome: TrainingOutcome(exampleCount: 1, stepCount: 1, meanLoss: 0))
        update.times = times
        let result = TaskResult.trained(update)
        bench.tell { $0.submitted(result, for: Self.task, by: client, call: $1, at: $2) }
    }

    private func near(_ value: Double?, _ expected: Double) -> Bool {
        value.map { abs($0 - expected) <= 1e-9 * max(abs(expected), 1e-9) } ?? false
    }

    /// What the round took, by the definition; times as the first two clients said them, and as the third was at work.
    private func expectDefinition(_ bench: MachineBench, _ times: [WorkTimes]) throws {
        let end = try #require(bench.ledger.rounds(of: MachineBench.run).first)
        let energy = try #require(end.summary.energy)
        let round = try #require(bench.ledger.round(Self.task))
        let third = try #require(bench.ledger.contributions(to: Self.task).last)
        let begin = try #require(third.work?.begin)
        #expect(begin >= round.openedAt)
        let span = begin.duration(to: third.acceptedAt).inSeconds
        // Clients draw 36, 72 and 36 W in regions of 100, 300 and, as nobody knows, 200 g/kWh.
        let training = [36 * times[0].training, 72 * times[1].training, 36 * span].map { $0 / 3.6e6 }
        #expect(near(energy.training.kilowattHours, training.reduce(0, +)))
        #expect(near(energy.training.grams, training[0] * 100 + training[1] * 300 + training[2] * 200))
        let traffic = end.summary.traffic
        let download = times.map { 3.6 * $0.download / 3.6e6 }.reduce(0, +) + Double(traffic.bytesDown) * 1e-9
        #expect(near(energy.download.kilowattHours, download))
        let upload = times.map { 3.6 * $0.upload / 3.6e6 }
        #expect(near(energy.upload.kilowattHours, upload.reduce(0, +) + Double(traffic.bytesUp) * 1e-9))
        #expect(near(energy.upload.grams, (upload[0] + 16e-9) * 100 + (upload[1] + 16e-9) * 300 + 16e-9 * 200))
        let server = 360 * round.openedAt.duration(to: end.endedAt).inSeconds / 3.6e6
        #expect(near(energy.server.kilowattHours, server) && near(energy.server.grams, server * 200))
        #expect(traffic.bytesUp == 48)
    }

    @Test func aRoundTakesWhatTheDefinitionSays() throws {
        var bench = MachineBench()
        let clients = bench.begin(clients: 3, carbonTrace: Self.trace, energy: Self.said, plan)
        bench.wait(.seconds(60))
        let times = [
            WorkTimes(download: 5, training: 20, upload: 10), WorkTimes(download: 2, training: 30.5, upload: 0.25),
        ]
        submit(times[0], by: clients[0], &bench)
        bench.wait(.seconds(10))
        submit(times[1], by: clients[1], &bench)
        submit(nil, by: clients[2], &bench)
        try expectDefinition(bench, times)
        #expect(bench.ledger.rounds(of: MachineBench.run).first?.summary.traffic.bytesDown == 48)
    }

    /// What is accepted is on disk with all that its energy follows from.
    @Test func aRestartWithinARoundForgetsNothingOfWhatWasAccepted() throws {
        var bench = MachineBench()
        let clients = bench.begin(clients: 3, carbonTrace: Self.trace, energy: Self.said, plan)
        bench.wait(.seconds(60))
        let times = [
            WorkTimes(download: 5, training: 20, upload: 10), WorkTimes(download: 2, training: 30.5, upload: 0.25),
        ]
        submit(times[0], by: clients[0], &bench)
        bench.restart()
        bench.wait(.seconds(5))
        for place in [1, 2] { bench.poll(clients[place], Self.said[place]) }
        bench.wait(.seconds(5))
        submit(times[1], by: clients[1], &bench)
        submit(nil, by: clients[2], &bench)
        try expectDefinition(bench, times)
    }

    @Test(arguments: [1e9, .infinity, .nan, -5] as [Double])
    func aClientWasNotAtWorkForLongerThanTheRoundWasOpen(seconds: Double) throws {
        var bench = MachineBench()
        let clients = bench.begin(clients: 1, carbonTrace: Self.trace, energy: Self.said, plan)
        bench.wait(.seconds(100))
        submit(WorkTimes(download: seconds, training: seconds, upload: seconds), by: clients[0], &bench)
        let end = try #require(bench.ledger.rounds(of: MachineBench.run).first)
        let energy = try #require(end.summary.energy)
        let most = 36 * end.summary.timing.virtualSeconds / 3.6e6 + 16e-9
        for part in [energy.training, energy.download, energy.upload] {
            #expect((0...most).contains(part.kilowattHours) && part.grams?.isFinite == true)
        }
    }

    @Test func whoVanishesWasAtWorkUntilItWasLastHeardOf() throws {
        var bench = MachineBench()
        let clients = bench.begin(clients: 2, carbonTrace: Self.trace, plan)
        bench.wait(.seconds(100))
        let isAtWork = bench.heartbeat(by: clients[1], Self.task)
        #expect(isAtWork)
        submit(WorkTimes(), by: clients[0], &bench)
        bench.wait(.seconds(600))
        let end = try #require(bench.ledger.rounds(of: MachineBench.run).first)
        #expect(end.summary.participation.reported == 1)
        let seconds = (end.summary.energy?.training.kilowattHours ?? 0) * 3.6e6 / 36
        #expect((99...101).contains(seconds))
    }

    @Test func clientsAreAskedForTheirTimesWhereEnergyIsCountedAndNothingElseChanges() throws {
        var (counted, plain) = (MachineBench(), MachineBench())
        let clients = counted.begin(clients: 2, carbonTrace: Self.trace, energy: Self.said, plan)
        _ = plain.begin(clients: 2) { plan in
            self.plan(&plan)
            plan.energy = Plan.Energy()
        }
        var asked = try #require(task(of: clients[0], &counted))
        let unasked = try #require(task(of: clients[0], &plain))
        #expect(asked.asksForTimes && !unasked.asksForTimes)
        asked.asksForTimes = false
        #expect(asked == unasked)
        for client in clients {
            submit(nil, by: client, &counted)
            submit(nil, by: client, &plain)
        }
        let ends = (counted.ledger.rounds(of: MachineBench.run), plain.ledger.rounds(of: MachineBench.run))
        #expect(ends.0.first?.model == ends.1.first?.model && ends.0.count == 1)
        #expect(ends.0.first?.summary.energy != nil && ends.1.first?.summary.energy == nil)
        #expect(plain.ledger.contributions(to: Self.task).allSatisfy { $0.work == nil })
    }

    @Test func aRunWithoutItsTableIsRefused() {
        for (table, words) in [(nil, "carbon_trace"), ("h\n0,a\n", "line 2")] as [(String?, String)] {
            var bench = MachineBench()
            var plan = Plan()
            plan.energy.trace = "t"
            var row = RunRow(
                id: MachineBench.run, plan: plan.text, target: ClientTarget(),
                tensors: [TensorShape(name: "w", shape: [4])], initialModel: CoordinatorWorld.blob(named: 0),
                createdAt: bench.now)
            row.carbonTrace = table
            let wanted = row
            guard case .refused(.badPlan(let reason))? = bench.tell({ $0.creating(wanted, call: $1, at: $2) }) else {
                Issue.record("it was taken")
                continue
            }
            #expect(reason.contains("energy.trace") && reason.contains(words))
        }
    }
}
