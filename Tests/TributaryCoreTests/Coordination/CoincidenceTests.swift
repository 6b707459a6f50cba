import Testing
import TributaryCore

/// Coincidences that went wrong once. Tortured worlds have found them, and would again; here each happens for certain.
@Suite struct CoincidenceTests {
    private static func isStatus(_ batch: [LedgerEntry]) -> Bool {
        batch.contains { if case .run = $0 { true } else { false } }
    }

    private static func isOpening(_ batch: [LedgerEntry]) -> Bool {
        batch.contains { if case .roundOpened = $0 { true } else { false } }
    }

    private static func isOpened(_ round: Int, _ bench: MachineBench) -> Bool {
        bench.ledger.round(TaskID(run: MachineBench.run, round: RoundNumber(round), kind: .train)) != nil
    }

    /// A run of several rounds that was paused in its first, which has ended since.
    private static func paused(
        clients: Int, _ change: (inout CoordinatorMachine.Settings) -> Void = { _ in }
    ) -> (bench: MachineBench, clients: [ClientID]) {
        var bench = MachineBench(change)
        let clients = bench.begin(clients: clients) { ($0.rounds, $0.evaluation.federatedEvery) = (5, 0) }
        bench.tell { $0.pausing(MachineBench.run, call: $1, at: $2) }
        for client in clients { bench.submit(CoordinatorWorld.digest(client.rawValue), by: client, round: 1) }
        return (bench, clients)
    }

    @Test func aResumptionThatTheDiskRefusesOpensNoRound() {
        var (bench, clients) = Self.paused(clients: 1)
        bench.holds = Self.isStatus
        let answer = bench.tell { $0.resuming(MachineBench.run, call: $1, at: $2) }
        bench.poll(clients[0])
        #expect(answer == nil && !Self.isOpened(2, bench))
        bench.refuse()
        bench.wait(.seconds(5))
        bench.poll(clients[0])
        #expect(bench.status?.activity == .paused && !Self.isOpened(2, bench))
        bench.tell { $0.resuming(MachineBench.run, call: $1, at: $2) }
        bench.release()
        bench.poll(clients[0])
        #expect(Self.isOpened(2, bench))
    }

    /// Callers who go and come again while the disk stands still leave ever more behind, up to a limit.
    @Test func changesThatWaitForTheDiskAreLimited() {
        var (bench, clients) = Self.paused(clients: 1) { $0.changeLimit = 3 }
        bench.holds = { _ in true }
        for number in 0..<4 {
            // Neither what is asked nor whether anybody still waits for it matters.
            let run = bench.tell {
                number % 2 == 0
                    ? $0.resuming(MachineBench.run, call: $1, at: $2) : $0.pausing(MachineBench.run, call: $1, at: $2)
            }
            let renewal = bench.tell {
                $0.renewing(clients[0], credential: CoordinatorWorld.digest(UInt64(number)), call: $1, at: $2)
            }
            for answer in [run, renewal] {
                guard number == 3 else {
                    #expect(answer == nil)
                    continue
                }
                var isRefused = false
                if case .refused(.unavailable)? = answer { isRefused = true }
                #expect(isRefused, "\(answer as Any)")
            }
        }
        #expect(bench.machine.footprint.batches == 6)
        bench.holds = { _ in false }
        bench.release()
        let late = bench.tell { $0.pausing(MachineBench.run, call: $1, at: $2) }
        var isAnswered = false
        if case .run? = late { isAnswered = true }
        #expect(isAnswered, "\(late as Any)")
    }

    @Test func aPauseAndAResumptionOnTheirWayOpenNoRound() {
        var bench = MachineBench()
        let client = bench.begin(clients: 1) { ($0.rounds, $0.evaluation.federatedEvery) = (5, 0) }[0]
        bench.holdsModels = true
        bench.submit(CoordinatorWorld.digest(1), by: client, round: 1)
        bench.holds = Self.isStatus
        bench.tell { $0.pausing(MachineBench.run, call: $1, at: $2) }
        bench.tell { $0.resuming(MachineBench.run, call: $1, at: $2) }
        bench.make(bench.orders[0])
        // The pause may get there and the resumption not.
        bench.poll(client)
        #expect(bench.held.count == 2 && bench.status?.lastRound != nil && !Self.isOpened(2, bench))
        bench.holds = { _ in false }
        bench.release()
        bench.poll(client)
        #expect(Self.isOpened(2, bench))
    }

    /// The stop is for after the round that is being opened, and that one never comes to be.
    @Test(arguments: [true, false])
    func aRunThatWasStoppedWhileARoundCouldNotBeOpenedEnds(stopIsWrittenFirst: Bool) {
        var bench = MachineBench()
        let client = bench.begin(clients: 1) { ($0.rounds, $0.evaluation.federatedEvery) = (5, 0) }[0]
        bench.holds = { Self.isOpening($0) || Self.isStatus($0) }
        bench.submit(CoordinatorWorld.digest(1), by: client, round: 1)
        bench.poll(client)
        bench.tell { $0.stopping(MachineBench.run, call: $1, at: $2) }
        #expect(bench.held.count == 2)
        // Changes of a run are written in the order in which they were decided.
        bench.holds = Self.isStatus
        if stopIsWrittenFirst { bench.release(Self.isStatus) }
        bench.refuse(Self.isOpening)
        bench.holds = { _ in false }
        bench.release()
        bench.wait(.seconds(30))
        bench.poll(client)
        #expect(bench.status?.activity == .stopped && !Self.isOpened(2, bench))
    }

    @Test(arguments: [true, false])
    func aRunThatWasStoppedAfterItFailedStaysStopped(fails: Bool) {
        var bench = MachineBench()
        let client = bench.begin(clients: 1) { ($0.rounds, $0.evaluation.federatedEvery) = (5, 0) }[0]
        bench.fails = true
        bench.submit(CoordinatorWorld.digest(1), by: client, round: 1)
        // A resumption has the model made once more, and does not get to the disk itself.
        (bench.holdsModels, bench.holds) = (true, Self.isStatus)
        bench.tell { $0.resuming(MachineBench.run, call: $1, at: $2) }
        bench.refuse()
        bench.holds = { _ in false }
        bench.tell { $0.stopping(MachineBench.run, call: $1, at: $2) }
        #expect(bench.status?.activity == .stopped && bench.orders.count == 2)
        bench.fails = fails
        bench.make(bench.orders[1])
        bench.wait(.seconds(60))
        #expect(bench.status?.activity == .stopped && bench.status?.lastRound == nil)
    }

    @Test func aModelThatIsBeingMadeIsNotOrderedAgain() {
        var bench = MachineBench()
        let client = bench.begin(clients: 1) { ($0.rounds, $0.evaluation.federatedEvery) = (5, 0) }[0]
        bench.holdsModels = true
        bench.submit(CoordinatorWorld.digest(1), by: client, round: 1)
        // What the disk refuses meanwhile is tried again later; that is no reason to try the model again.
        bench.holds = Self.isStatus
        bench.tell { $0.pausing(MachineBench.run, call: $1, at: $2) }
        bench.refuse()
        bench.wait(.seconds(30))
        #expect(bench.orders.count == 1)
        bench.make(bench.orders[0])
        #expect(bench.status?.lastRound?.outcome == .committed)
        #expect(bench.orders.count == 1)
    }

    @Test func whoWasTurnedAwayIsThereUntilItsWindowIsOver() throws {
        var (bench, clients) = Self.paused(clients: 3) {
            ($0.waitingLimit, $0.presence, $0.longestWait) = (1, .seconds(2), .seconds(60))
        }
        bench.wait(.seconds(300))
        bench.tell { $0.resuming(MachineBench.run, call: $1, at: $2) }
        bench.tell { $0.polled(by: clients[0], waiting: .seconds(60), call: $1, at: $2) }
        let answer = bench.tell { $0.polled(by: clients[1], waiting: .seconds(60), call: $1, at: $2) }
        guard case .noTask(let window)? = answer else {
            Issue.record("there was room for one call only, and \(String(describing: answer)) came of the second")
            return
        }
        // The second keeps to its window to the last; the third comes just before.
        bench.wait(window.latest - .milliseconds(500))
        #expect(!Self.isOpened(2, bench))
        bench.poll(clients[2])
        #expect(Self.isOpened(2, bench))
    }
}
