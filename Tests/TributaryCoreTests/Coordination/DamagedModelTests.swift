import Testing
import TributaryCore

/// A run whose model is damaged in the store neither waits for ever nor wears out the clients of others.
@Suite struct DamagedModelTests: BenchPlay {
    private static let damaged = ModelCondition.damaged("its newest model is gone")

    /// A run in which two clients have a task.
    private func bench(buffered: Bool, clients: Int = 2) -> (bench: MachineBench, clients: [ClientID]) {
        guard !buffered else {
            return bufferedBench(clients: clients, concurrency: 2, "buffered:goal=2") { $0.live.minClients = 1 }
        }
        var bench = MachineBench()
        let ids = bench.begin(clients: clients) { plan in
            (plan.rounds, plan.cohort.lease, plan.cohort.deadline) = (3, .seconds(30), .seconds(600))
        }
        return (bench, ids)
    }

    private func giveBack(
        _ task: TaskID, by client: ClientID, because cause: DropCause = .failed, _ bench: inout MachineBench
    ) {
        bench.tell { $0.gaveBack(task, by: client, cause: cause, call: $1, at: $2) }
    }

    private func examinations(_ bench: inout MachineBench) -> Int {
        bench.takeDone().count { if case .examine = $0 { true } else { false } }
    }

    @Test(arguments: [false, true])
    func aClientsFailureHasTheModelExamined(buffered: Bool) throws {
        var (bench, clients) = bench(buffered: buffered)
        let task = try #require(task(of: clients[0], &bench))
        giveBack(task.id, by: clients[0], &bench)
        #expect(examinations(&bench) == 1)
        // It is the client's own affair: the run goes on.
        #expect(bench.status?.row.status == .active)
        #expect(self.task(of: clients[1], &bench) != nil)
    }

    @Test(arguments: [DropCause.declined, .noData])
    func whoDoesNotWantATaskSaysNothingOfTheModel(cause: DropCause) throws {
        var (bench, clients) = bench(buffered: true)
        let task = try #require(task(of: clients[0], &bench))
        giveBack(task.id, by: clients[0], because: cause, &bench)
        #expect(examinations(&bench) == 0)
    }

    @Test(arguments: [false, true])
    func aRunWithADamagedModelFails(buffered: Bool) throws {
        var (bench, clients) = bench(buffered: buffered)
        bench.condition = Self.damaged
        let task = try #require(task(of: clients[0], &bench))
        giveBack(task.id, by: clients[0], &bench)
        #expect(bench.status?.row.status == .failed)
        #expect(bench.status?.row.reason == "its newest model is gone")
        #expect(self.task(of: clients[1], &bench) == nil, "a task that nobody can do is given out")
        #expect(bench.heartbeat(by: clients[0], task.id) == false)
    }

    @Test(arguments: [false, true])
    func aResumptionExaminesTheModelBeforeItInvitesAnybody(buffered: Bool) throws {
        var (bench, clients) = bench(buffered: buffered)
        bench.condition = Self.damaged
        let task = try #require(task(of: clients[0], &bench))
        giveBack(task.id, by: clients[0], &bench)
        _ = examinations(&bench)
        bench.restart()
        bench.poll(clients[1])
        bench.tell { $0.resuming(MachineBench.run, call: $1, at: $2) }
        #expect(examinations(&bench) == 1 && bench.status?.row.status == .failed)
        #expect(self.task(of: clients[1], &bench) == nil)
        // The operator has brought it back.
        bench.condition = .whole
        bench.tell { $0.resuming(MachineBench.run, call: $1, at: $2) }
        #expect(bench.status?.row.status == .active)
        for client in clients { bench.poll(client) }
        #expect(self.task(of: clients[1], &bench) != nil)
    }

    @Test(arguments: [false, true])
    func nobodyIsInvitedWhileAModelIsExamined(buffered: Bool) throws {
        var (bench, clients) = bench(buffered: buffered, clients: buffered ? 3 : 2)
        bench.holdsExaminations = true
        // Where clients come one after another, one waits for a place.
        var others = clients
        for client in clients {
            guard let task = task(of: client, &bench) else { continue }
            giveBack(task.id, by: client, &bench)
            if buffered { others.removeAll { $0 == client } }
        }
        #expect(examinations(&bench) == 1, "one at a time is enough")
        let count = opened(bench)
        bench.wait(.seconds(60))
        for client in others { bench.poll(client) }
        #expect(!others.isEmpty && opened(bench) == count)
        bench.finishExamination()
        bench.wait(.seconds(1))
        #expect(opened(bench) == count + 1)
    }

    /// How many rounds, or waves of clients, were opened.
    private func opened(_ bench: MachineBench) -> Int {
        let waves = bench.ledger.waves(of: MachineBench.run).count
        let rounds = (1...3).count { round in
            bench.ledger.round(TaskID(run: MachineBench.run, round: RoundNumber(round), kind: .train)) != nil
        }
        return waves + rounds
    }
}
