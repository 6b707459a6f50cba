import Testing
import TributaryCore

/// What operators are told of a run's status, and when.
@Suite struct ShownStatusTests {
    private static func isStatus(_ status: RunRow.Status, _ batch: [LedgerEntry]) -> Bool {
        batch.contains { if case .run(let row) = $0 { row.status == status } else { false } }
    }

    /// A run whose only round has ended, and whose completion is on its way to disk.
    private static func completing() -> MachineBench {
        var bench = MachineBench()
        let client = bench.begin(clients: 1) { $0.rounds = 1 }[0]
        bench.holds = { isStatus(.completed, $0) }
        bench.submit(CoordinatorWorld.digest(500), by: client, round: 1)
        bench.poll(client)
        bench.score(by: client, round: 1)
        return bench
    }

    private static func activity(_ answer: CoordinatorAnswer?) -> RunStatus.Activity? {
        if case .run(let status)? = answer { status.activity } else { nil }
    }

    @Test func aRunIsCompletedWhenThatIsOnDisk() throws {
        var bench = Self.completing()
        let before = try #require(bench.status)
        #expect(before.lastRound?.round == RoundNumber(1))
        #expect(before.row.status == .active)
        #expect(before.activity == .waiting("the ledger to note that it is completed"))
        // A watcher that knows as much is told when there is more to know, and so are reports.
        let watch = bench.tell {
            $0.watching(MachineBench.run, known: before.revision, waiting: .seconds(20), call: $1, at: $2)
        }
        #expect(watch == nil)
        #expect(!bench.takeDone().contains(.publishStatus(MachineBench.run)))
        let recovered = CoordinatorMachine.recovering(
            bench.ledger.image, settings: CoordinatorMachine.Settings(), at: bench.now)
        #expect(recovered.machine.status(of: MachineBench.run, at: bench.now)?.row.status == .active)
        bench.release()
        #expect(bench.status?.activity == .completed)
        #expect(bench.answers.values.contains { Self.activity($0) == .completed })
        #expect(bench.takeDone().contains(.publishStatus(MachineBench.run)))
    }

    @Test func aRunIsCompletedWhenTheDiskTakesItAtLast() {
        var bench = Self.completing()
        for _ in 0..<3 {
            bench.refuse()
            #expect(bench.status?.row.status == .active)
            bench.wait(.seconds(2))
            #expect(bench.held.count == 1)
        }
        bench.release()
        #expect(bench.status?.activity == .completed)
    }

    @Test func ordersThatComeWhileTheEndIsWrittenAreAnsweredAfterIt() {
        var bench = Self.completing()
        let early = [
            bench.tell { $0.stopping(MachineBench.run, call: $1, at: $2) },
            bench.tell { $0.pausing(MachineBench.run, call: $1, at: $2) },
            bench.tell { $0.resuming(MachineBench.run, call: $1, at: $2) },
        ]
        #expect(early == [nil, nil, nil])
        let count = bench.answers.count
        bench.release()
        #expect(bench.answers.count == count + 3)
        #expect(
            bench.tell { $0.stopping(MachineBench.run, call: $1, at: $2) }
                == .refused(.runEnded(MachineBench.run, .completed)))
    }

    @Test func aSecondOrderToStopIsAnsweredWithTheFirst() {
        var bench = MachineBench()
        _ = bench.begin(clients: 1)
        bench.holds = { batch in batch.contains { if case .run = $0 { true } else { false } } }
        let answers = (0..<2).map { _ in bench.tell { $0.stopping(MachineBench.run, call: $1, at: $2) } }
        #expect(answers == [nil, nil])
        let count = bench.answers.count
        bench.release()
        #expect(bench.answers.count == count + 2)
        #expect(bench.status?.row.isStopRequested == true)
        #expect(bench.tell { $0.stopping(MachineBench.run, call: $1, at: $2) } != nil)
    }

    @Test func aFailureShowsWhenItIsOnDisk() {
        var bench = MachineBench()
        let client = bench.begin(clients: 1) { $0.rounds = 1 }[0]
        bench.holds = { Self.isStatus(.failed, $0) }
        bench.fails = true
        bench.submit(CoordinatorWorld.digest(500), by: client, round: 1)
        #expect(bench.status?.row.status == .active)
        bench.release()
        #expect(bench.status?.activity == .failed("the base is gone"))
    }
}
