import Testing
import TributaryCore
import TributaryReports
import TributaryServer
import TributaryStore
import TributaryTesting
import TributaryWire

/// Runs whose clients add noise to their own updates, of a whole coordinator: with its ledger, its stores and its clients.
@Suite struct LocalNoiseCoordinatorTests {
    private static func world() -> CoordinatorWorld {
        var world = CoordinatorWorld()
        (world.privacy, world.rounds) = (("local:clip=0.5,noise=0.25", "none"), 4)
        world.fields["evaluation.federated-every"] = "none"
        return world
    }

    /// Computes every model again as the exact mean of what came, and what was spent on it; returns the last.
    private func expectExact(_ ledger: MemoryLedger, _ world: CoordinatorWorld) async throws -> TensorBlob {
        let run = try #require(try await ledger.load().image.runs.first)
        let resolved = try ResolvedPlan(Plan(text: run.row.plan), populationSize: 4, isOpen: true)
        var model = try #require(try world.store.floats(run.row.initialModel))
        var accountant = RenyiAccountant()
        let ends = try await ledger.rounds(of: run.row.id, after: RoundNumber(0), limit: 100)
        #expect(ends.count == 4)
        for end in ends {
            #expect(end.summary.outcome == .committed && end.summary.trainLoss == nil)
            let task = TaskID(run: run.row.id, round: end.summary.round, kind: .train)
            let contributions = try #require(try await ledger.round(task)).contributions
            // 2 · 0.5 · 0.25 is the deviation: no coordinate is 16 of them beyond C.
            var sum = try #require(
                UpdateSum(parameterCount: model.count, bound: Float(4.5).nextUp, weightLimit: contributions.count))
            for contribution in contributions {
                #expect(contribution.update.localNoise == NoiseRequest(clip: 0.5, multiplier: 0.25))
                let refusal = sum.add(try #require(try world.store.floats(contribution.numbers)), weight: 1)
                #expect(refusal == nil)
            }
            var state = OptimiserState.none
            _ = resolved.serverStep(for: end.summary.round, making: end.summary.modelVersion).advance(
                &model, state: &state, along: try #require(sum.mean()))
            #expect(try world.store.floats(end.model)?.map(\.bitPattern) == model.map(\.bitPattern))
            accountant.add(try SampledGaussian(samplingRate: 1, noiseMultiplier: 0.25), count: 1)
            let epsilon = try #require(end.summary.privacy?.epsilon)
            #expect(abs(epsilon / accountant.guarantee(delta: 1e-4).epsilon - 1) < 1e-12)
        }
        #expect(run.privacy?.state.ledger.roundCount == 4)
        return try #require(ends.last?.model)
    }

    @Test("A crash before or after any commit changes no model, and no round is paid for twice")
    func crashes() async throws {
        let first = DyingLedger(MemoryLedger())
        let undisturbed = Self.world()
        #expect(try await undisturbed.live(on: first) == .completed)
        let expected = try await expectExact(first.rows, undisturbed)
        let deaths = CoordinatorWorld.deaths(atCommits: first.commitCount)
        try await CoordinatorWorld.die(deaths, in: Self.world) { rows, world, death in
            let last = try await expectExact(rows, world)
            #expect(last == expected, "\(death)")
        }
    }
}
