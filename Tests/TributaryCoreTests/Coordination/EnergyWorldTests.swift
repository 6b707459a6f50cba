import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// Energy, carbon and slots on a coordinator that crashes, whose disk fails and whose clients vanish.
@Suite struct EnergyWorldTests {
    private static func plan() -> Plan {
        var plan = Plan()
        (plan.rounds, plan.cohort.count, plan.cohort.fraction, plan.cohort.quorum) = (6, 4, nil, .count(2))
        (plan.cohort.deadline, plan.cohort.lease, plan.evaluation.federatedEvery) = (.seconds(60), .seconds(15), nil)
        (plan.energy.trace, plan.energy.slot, plan.energy.slack) = ("t", .seconds(120), 5)
        (plan.energy.carbonWeight, plan.energy.trainingWatts, plan.energy.transferWatts) = (1, .constant(36), 0)
        (plan.energy.networkKWhPerGB, plan.energy.serverWatts) = (1000, 720)
        return plan
    }

    private func near(_ value: Double, _ expected: Double) -> Bool {
        abs(value - expected) <= 1e-9 * max(abs(expected), 1e-9)
    }

    @Test(arguments: TestSeeds.first(30)) func whatIsOnDiskAddsUpAndKeepsToItsSlots(seed: Seed) throws {
        var stream = seed.stream()
        let table = (0..<11).reduce("h\n") { text, step in
            text + ["a", "b"].map { "\(step * 120),\($0),\(100 + stream.uniform(below: 400))\n" }.joined()
        }
        let plan = Self.plan()
        var faults = CoordinatorWorld.Faults()
        (faults.crash, faults.storageFailure, faults.silentClient, faults.badUpdate) = (0.02, 0.05, 0.1, 0.1)
        var world = CoordinatorWorld(seed: seed.rawValue, clients: 14, plan: plan, faults: faults, carbonTrace: table)
        world.play(for: .seconds(1000))
        world.heal()
        world.play(for: .seconds(20_000))
        let (violations, isOver) = (world.violations, world.isOver)
        #expect(violations == [] && isOver)
        let created = try #require(world.ledger.image.runs.first).row.createdAt
        let schedule = SlotSchedule(
            rounds: plan.rounds, slack: plan.energy.slack, slot: .seconds(120), trace: try CarbonTrace(csv: table))
        let ends = world.ledger.rounds(of: CoordinatorWorld.run)
        #expect(ends.count == plan.rounds)
        for end in ends {
            let task = TaskID(run: CoordinatorWorld.run, round: end.summary.round, kind: .train)
            let round = try #require(world.ledger.round(task))
            #expect(round.openedAt >= schedule.start(of: end.summary.round, since: created))
            expectSound(try #require(end.summary.energy), end, round, world.ledger.contributions(to: task))
        }
    }

    private func expectSound(
        _ energy: RoundSummary.Energy, _ end: RoundEndRow, _ round: RoundRow, _ contributions: [ContributionRow]
    ) {
        let open = round.openedAt.duration(to: end.endedAt).inSeconds
        #expect(near(energy.server.kilowattHours, 720 * open / 3.6e6))
        #expect(near(energy.upload.kilowattHours, Double(end.summary.traffic.bytesUp) * 1e-6))
        #expect(near(energy.download.kilowattHours, Double(end.summary.traffic.bytesDown) * 1e-6))
        let known = contributions.reduce(0.0) { sum, row in
            let most = round.openedAt.duration(to: row.acceptedAt).inSeconds
            return sum + min(0.5, most)
        }
        #expect(energy.training.kilowattHours >= 36 * known / 3.6e6 * (1 - 1e-9))
        #expect(energy.training.kilowattHours <= 36 * open * Double(round.cohort.count) / 3.6e6 * (1 + 1e-9))
        for (_, amount) in energy.parts where amount.kilowattHours > 0 {
            #expect((99...501).contains((amount.grams ?? 0) / amount.kilowattHours))
        }
    }
}
