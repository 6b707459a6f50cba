import Testing
import TributaryCore
import TributaryStore
import TributaryTesting

/// Runs whose clients are drawn in secret, of a whole coordinator: with its ledger, its stores and its clients.
@Suite struct SampledCoordinatorTests {
    private static func world() -> CoordinatorWorld {
        var world = CoordinatorWorld()
        (world.privacy, world.rounds) = (("sampled:clip=1.3,noise=0.5", "none"), 3)
        world.fields = [
            "cohort.selection": "poisson", "cohort.count": "2", "privacy.population": "4", "cohort.quorum": "50%",
            "cohort.deadline": "200ms", "live.min-clients": "1",
        ]
        return world
    }

    /// Every model is what came and the secret make of it, and nobody was invited who was not drawn. Who comes in time is up to
    /// the machine that the test is on.
    private func expectExact(_ ledger: MemoryLedger, _ world: CoordinatorWorld) async throws {
        _ = try await world.recompute(ledger)
        let run = try #require(try await ledger.load().image.runs.first)
        let ends = try await ledger.rounds(of: run.row.id, after: RoundNumber(0), limit: 100)
        #expect(ends.count == 3 && run.privacy?.state.ledger.roundCount == 3)
        var accountant = RenyiAccountant()
        for end in ends {
            let row = try #require(
                try await ledger.round(TaskID(run: run.row.id, round: end.summary.round, kind: .train))
            ).row
            let draw = ClientDraw(
                of: end.summary.round, key: CoordinatorWorld.noiseKey, expected: 2, population: 4)
            #expect(row.cohort.allSatisfy { draw.isDrawn($0) } && row.quorum == 0)
            #expect(row.openedAt.duration(to: end.endedAt) >= .milliseconds(200))
            accountant.add(try SampledGaussian(samplingRate: 0.5, noiseMultiplier: 0.5), count: 1)
            let epsilon = try #require(end.summary.privacy?.epsilon)
            #expect(abs(epsilon / accountant.guarantee(delta: 1e-4).epsilon - 1) < 1e-12)
        }
    }

    @Test("A crash before or after a commit draws nobody anew, spends nothing twice and forgets nothing")
    func crashes() async throws {
        let first = DyingLedger(MemoryLedger())
        let undisturbed = Self.world()
        #expect(try await undisturbed.live(on: first) == .completed)
        try await expectExact(first.rows, undisturbed)
        // Rounds take their time, so one death to a commit: before it, or after it.
        let deaths = (1...first.commitCount).map { number -> DyingLedger.Death in
            number % 2 == 0 ? .before(number) : .after(number)
        }
        try await CoordinatorWorld.die(deaths, mayOutlive: true, in: Self.world) { rows, world, _ in
            try await expectExact(rows, world)
        }
    }
}
