import Testing
import TributaryCore

/// How long a run waits for clients to score its model, and that it asks none if the plan wants none.
@Suite struct FederatedScoringTests {
    private static let update = CoordinatorWorld.digest(500)

    /// A run of one round that two clients are invited to; the first has done its part, and neither is heard of again.
    private static func abandoned(_ change: (inout Plan) -> Void = { _ in }) -> MachineBench {
        var bench = MachineBench()
        let clients = bench.begin(clients: 2) {
            ($0.rounds, $0.cohort.lease, $0.cohort.deadline) = (1, .seconds(60), .seconds(600))
            change(&$0)
        }
        bench.submit(update, by: clients[0], round: 1)
        return bench
    }

    private static func federated(_ bench: MachineBench) -> FederatedScore? {
        bench.ledger.rounds(of: MachineBench.run).last?.summary.federated
    }

    @Test func aRunIsCompletedAtOnceIfNobodyIsThereToScoreIt() {
        var bench = Self.abandoned()
        bench.wait(.seconds(59))
        #expect(bench.status?.activity == .training)
        bench.wait(.seconds(2))
        #expect(bench.status?.activity == .completed)
        #expect(Self.federated(bench) == nil)
    }

    @Test func clientsThatAreThereAreAskedAndTheRunEndsWithThem() {
        var bench = MachineBench()
        let clients = bench.begin(clients: 2) { $0.rounds = 1 }
        for client in clients { bench.submit(Self.update, by: client, round: 1) }
        #expect(bench.status?.activity == .evaluating)
        for client in clients {
            bench.poll(client)
            #expect(bench.score(by: client, round: 1) == .receipt(.accepted, isDuplicate: false, retry: .now))
        }
        #expect(bench.status?.activity == .completed)
        #expect(Self.federated(bench)?.clientCount == 2)
    }

    /// A client that rests after a failure, the only one that is there, is waited for as long as it may come back.
    @Test(arguments: [true, false])
    func aClientThatRestsIsWaitedForWhileItIsThere(comesBack: Bool) {
        var bench = Self.abandoned()
        let client = ClientID(2)
        bench.wait(.seconds(20))
        let task = TaskID(run: MachineBench.run, round: RoundNumber(1), kind: .train)
        bench.tell { $0.gaveBack(task, by: client, cause: .failed, call: $1, at: $2) }
        #expect(
            bench.status?.activity == .waiting("clients to score the model") || bench.status?.activity == .evaluating)
        if comesBack {
            for _ in 0..<11 {
                bench.wait(.seconds(1))
                bench.poll(client)
            }
            bench.score(by: client, round: 1)
        } else {
            bench.wait(.seconds(12))
        }
        #expect(bench.status?.activity == .completed)
        #expect(Self.federated(bench)?.clientCount == (comesBack ? 1 : nil))
    }

    @Test func whoeverComesInTimeAfterAStartScoresTheModel() {
        var bench = Self.ended()
        bench.restart()
        bench.wait(.seconds(20))
        #expect(bench.status?.activity != .completed)
        let client = ClientID(1)
        bench.poll(client)
        bench.score(by: client, round: 1)
        #expect(bench.status?.activity == .completed)
        #expect(Self.federated(bench)?.clientCount == 1)
    }

    @Test func whoeverComesTooLateAfterAStartIsNotWaitedFor() {
        var bench = Self.ended()
        bench.restart()
        bench.wait(.seconds(31))
        #expect(bench.status?.activity == .completed)
        #expect(Self.federated(bench) == nil)
    }

    @Test func nobodyIsAskedIfThePlanWantsNoScores() {
        var bench = MachineBench()
        let clients = bench.begin(clients: 2) { ($0.rounds, $0.evaluation.federatedEvery) = (2, nil) }
        for round in 1...2 {
            for client in clients {
                bench.submit(Self.update, by: client, round: round)
                bench.poll(client)
            }
        }
        #expect(bench.status?.activity == .completed)
        let tasks = bench.ledger.round(TaskID(run: MachineBench.run, round: RoundNumber(2), kind: .evaluate))
        #expect(tasks == nil)
    }

    /// A run whose only round has ended, and whose model is about to be scored.
    private static func ended() -> MachineBench {
        var bench = MachineBench()
        let client = bench.begin(clients: 1) { $0.rounds = 1 }[0]
        bench.holds = { batch in
            batch.contains { if case .roundOpened(let row) = $0 { row.id.kind == .evaluate } else { false } }
        }
        bench.submit(update, by: client, round: 1)
        return bench
    }
}
