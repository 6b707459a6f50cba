import Testing
import TributaryCore

/// Rounds that begin with time slots: which, follows from what is on disk, whatever stops in between.
@Suite struct SlotRunTests: BenchPlay {
    /// From the run's beginning, at 1000 s, slots of 600 s with 500, 100, 500, 50, 500 and 400 g/kWh.
    private static let intensities = [500, 100, 500, 50, 500, 400]
    private static var table: String {
        intensities.enumerated().reduce("h\n") { $0 + "\($1.offset * 600),a,\($1.element)\n" }
    }
    /// The same by dates, which begin one step earlier.
    private static var dated: String {
        ([500] + intensities).enumerated().reduce("h\n") { text, step in
            text + "\(Instant(sinceStart: .seconds(400 + 600 * step.offset)).dateText),a,\(step.element)\n"
        }
    }

    private func plan(_ plan: inout Plan) {
        (plan.rounds, plan.evaluation.federatedEvery) = (2, nil)
        (plan.cohort.deadline, plan.cohort.lease) = (.seconds(60), .seconds(30))
        (plan.energy.trace, plan.energy.slot, plan.energy.slack) = ("t", .seconds(600), 4)
    }

    /// Clients come every few seconds and do what they are given, and the coordinator starts anew at some instants.
    private func play(
        _ bench: inout MachineBench, _ clients: [ClientID], until end: Double, restarts: [Double] = []
    ) {
        var restarts = restarts[...]
        while bench.now.sinceStart.inSeconds < end {
            if let next = restarts.first, bench.now.sinceStart.inSeconds >= next {
                restarts.removeFirst()
                bench.restart()
            }
            for client in clients {
                if let task = task(of: client, &bench) { _ = submit(task.id, by: client, &bench) }
            }
            bench.wait(.seconds(4))
        }
    }

    private func openings(_ bench: MachineBench) -> [Double] {
        (1...2).compactMap { round in
            let task = TaskID(run: MachineBench.run, round: RoundNumber(round), kind: .train)
            return bench.ledger.round(task)?.openedAt.sinceStart.inSeconds
        }
    }

    @Test(arguments: [[], [1500], [1100, 1590, 1612, 2700], [1601, 2799, 2801]] as [[Double]], [false, true])
    func roundsBeginWithTheSlotsOfTheLeastCarbon(restarts: [Double], isDated: Bool) {
        var bench = MachineBench()
        let clients = bench.begin(clients: 2, carbonTrace: isDated ? Self.dated : Self.table, plan)
        play(&bench, clients, until: 4000, restarts: restarts)
        let openings = openings(bench)
        #expect(openings.count == 2)
        for (opening, slot) in zip(openings, [1600.0, 2800]) { #expect((slot...slot + 20).contains(opening)) }
        #expect(bench.status?.activity == .completed)
    }

    @Test func aRunSaysWhichSlotItWaitsFor() {
        var bench = MachineBench()
        _ = bench.begin(clients: 2, carbonTrace: Self.table, plan)
        guard case .waiting(let what)? = bench.status?.activity else {
            Issue.record("it does not wait")
            return
        }
        #expect(what.contains("the time slot of round 1") && what.contains("1970-01-01T00:26:40Z"), "\(what)")
    }

    @Test func withoutSlackEachSlotHasItsRound() {
        var bench = MachineBench()
        let clients = bench.begin(clients: 2) { plan in
            self.plan(&plan)
            (plan.energy.trace, plan.energy.slack) = (nil, 0)
        }
        play(&bench, clients, until: 1700)
        let openings = openings(bench)
        #expect(openings.count == 2)
        for (opening, slot) in zip(openings, [1000.0, 1600]) { #expect((slot...slot + 20).contains(opening)) }
        #expect(bench.ledger.rounds(of: MachineBench.run).allSatisfy { $0.summary.energy == nil })
    }

    /// Whoever comes too late for the slot has the round all the same.
    @Test func aSlotThatNobodyCameToIsMadeUpFor() {
        var bench = MachineBench()
        let clients = bench.begin(clients: 2, carbonTrace: Self.table, plan)
        bench.wait(.seconds(1200))
        #expect(openings(bench).isEmpty)
        play(&bench, clients, until: 4000)
        let openings = openings(bench)
        #expect(openings.count == 2 && (2200...2220).contains(openings.first ?? 0))
    }

    @Test func slotsThatTakeTooLongToChooseAreRefused() {
        var bench = MachineBench()
        let table = (0..<100).reduce("h\n") { $0 + "0,r\($1),1\n" }
        _ = bench.begin(clients: 1, carbonTrace: table) { plan in
            self.plan(&plan)
            plan.energy.slack = 1_000_000
        }
        #expect(bench.status == nil)
    }
}
