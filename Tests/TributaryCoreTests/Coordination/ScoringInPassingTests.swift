import Testing
import TributaryCore

/// Models that clients score while others train on, where the model moves as updates come.
@Suite struct ScoringInPassingTests: BenchPlay {
    /// A run whose first model clients are asked to score, and who was asked.
    private func scoring(
        clients: Int = 5, concurrency: Int = 2, _ change: (inout Plan) -> Void = { _ in }
    ) throws -> (bench: MachineBench, clients: [ClientID], scorers: [ClientID]) {
        var (bench, ids) = bufferedBench(clients: clients, concurrency: concurrency, "buffered:goal=3") {
            ($0.evaluation.federatedEvery, $0.live.askDeadline) = (1, .seconds(20))
            change(&$0)
        }
        let isTaken = train(&bench, ids, untilSteps: 1)
        #expect(isTaken)
        // Where all are at work, the first who is done is asked.
        for _ in 0..<10 where bench.ledger.round(task(1)) == nil { _ = trainOne(&bench, ids) }
        let row = try #require(bench.ledger.round(task(1)))
        #expect(row.modelVersion == ModelVersion(1))
        return (bench, ids, row.cohort)
    }

    private func task(_ round: Int) -> TaskID {
        TaskID(run: MachineBench.run, round: RoundNumber(round), kind: .evaluate)
    }

    /// One of the clients who has a task to train does it; false if none has.
    private func trainOne(_ bench: inout MachineBench, _ clients: [ClientID]) -> Bool {
        for client in clients {
            guard let task = task(of: client, &bench), task.id.kind == .train else { continue }
            return submit(task.id, by: client, &bench) == .receipt(.accepted, isDuplicate: false, retry: .now)
        }
        return false
    }

    /// Clients train until so many steps are taken, or for a while.
    private func train(_ bench: inout MachineBench, _ clients: [ClientID], untilSteps count: Int) -> Bool {
        for turn in 0..<40 where bench.orders.count < count {
            let first = turn % clients.count
            guard trainOne(&bench, Array(clients[first...] + clients[..<first])) else { return false }
        }
        return bench.orders.count == count
    }

    private func federated(_ bench: MachineBench, _ round: Int) -> FederatedScore? {
        bench.ledger.rounds(of: MachineBench.run).first { $0.summary.round.rawValue == round }?.summary.federated
    }

    @Test func trainingGoesOnAndTheNextStepWaitsForTheScores() throws {
        var (bench, clients, scorers) = try scoring()
        let others = clients.filter { !scorers.contains($0) }
        // Whoever is at work is not asked.
        #expect(!scorers.isEmpty && scorers.count <= 3 && !others.isEmpty)
        for _ in 0..<3 {
            let hasTrained = trainOne(&bench, others)
            #expect(hasTrained)
        }
        #expect(bench.orders.count == 1, "the step waits")
        for client in scorers {
            #expect(bench.orders.count == 1)
            #expect(bench.score(by: client, round: 1) == .receipt(.accepted, isDuplicate: false, retry: .now))
        }
        #expect(bench.orders.count == 2)
        #expect(federated(bench, 1)?.clientCount == scorers.count)
    }

    @Test func scoringEndsBeforeTrainingWouldStandStill() throws {
        var (bench, clients, scorers) = try scoring()
        bench.score(by: scorers[0], round: 1)
        let waiting = Set(scorers.dropFirst())
        #expect(!waiting.isEmpty)
        // Updates for two steps: only then is nobody invited any more.
        let isTaken = train(&bench, clients.filter { !waiting.contains($0) }, untilSteps: 2)
        #expect(isTaken)
        #expect(federated(bench, 1)?.clientCount == 1)
        let updates = bench.ledger.contributions(forTasksOf: MachineBench.run, in: RoundNumber(1)...RoundNumber(9))
        #expect(updates.count == 9)
        for client in waiting {
            #expect(bench.score(by: client, round: 1) == .receipt(.late, isDuplicate: false, retry: .now))
        }
    }

    @Test func scoringEndsInTime() throws {
        var (bench, clients, scorers) = try scoring()
        let others = clients.filter { !scorers.contains($0) }
        for _ in 0..<3 { _ = trainOne(&bench, others) }
        #expect(bench.orders.count == 1)
        bench.wait(.seconds(21))
        #expect(bench.orders.count == 2)
        #expect(federated(bench, 1) == nil)
    }

    @Test func aCrashLosesNoScores() throws {
        var (bench, _, scorers) = try scoring()
        bench.score(by: scorers[0], round: 1)
        bench.restart()
        for client in scorers.dropFirst() {
            let goesOn = bench.heartbeat(by: client, task(1))
            #expect(goesOn)
            #expect(bench.score(by: client, round: 1) == .receipt(.accepted, isDuplicate: false, retry: .now))
        }
        #expect(federated(bench, 1)?.clientCount == scorers.count)
    }

    @Test func oneClientIsAskedWhereAllAreNeededToTrain() throws {
        let (_, _, scorers) = try scoring(clients: 3, concurrency: 3)
        #expect(scorers.count == 1)
    }

    @Test func aModelThatIsNotDueIsNotScored() throws {
        var (bench, clients) = bufferedBench(clients: 5, concurrency: 2, "buffered:goal=3") {
            $0.evaluation.federatedEvery = 2
        }
        let isTaken = train(&bench, clients, untilSteps: 2)
        #expect(isTaken)
        #expect(bench.ledger.round(task(1)) == nil && bench.ledger.round(task(2)) != nil)
    }
}
