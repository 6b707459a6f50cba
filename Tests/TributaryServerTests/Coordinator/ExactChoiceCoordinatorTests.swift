import Testing
import TributaryCore
import TributaryServer
import TributaryStore
import TributaryTesting
import TributaryWire

/// Runs that choose clients by their exact losses, of a whole coordinator: with its ledger, its stores and its clients.
@Suite struct ExactChoiceCoordinatorTests {
    private static func world() -> CoordinatorWorld {
        var world = CoordinatorWorld()
        world.fields = [
            "cohort.selection": "power-of-choice:candidates=4", "cohort.count": "2", "cohort.quorum": "2",
            "evaluation.federated-every": "none",
        ]
        return world
    }

    /// Whom each round invited, and the last model.
    private func course(_ ledger: MemoryLedger) async throws -> (cohorts: [[ClientID]], model: TensorBlob) {
        let run = try #require(try await ledger.load().image.runs.first)
        let ends = try await ledger.rounds(of: run.row.id, after: RoundNumber(0), limit: 100)
        var cohorts: [[ClientID]] = []
        for end in ends {
            #expect(end.summary.outcome == .committed)
            let task = TaskID(run: run.row.id, round: end.summary.round, kind: .train)
            cohorts.append(try #require(try await ledger.round(task)).row.cohort)
        }
        return (cohorts, try #require(ends.last?.model))
    }

    @Test("A crash before or after any commit changes no choice: what is lost is asked again")
    func crashes() async throws {
        let first = DyingLedger(MemoryLedger())
        #expect(try await Self.world().live(on: first) == .completed)
        let expected = try await course(first.rows)
        #expect(expected.cohorts.map(\.count) == [2, 2, 2])
        for number in 1...first.commitCount {
            for death in [DyingLedger.Death.before(number), .after(number)] {
                let world = Self.world()
                let dying = DyingLedger(MemoryLedger(), death: death)
                #expect(try await world.live(on: dying) == .died)
                world.store.crash()
                let reopened = DyingLedger(MemoryLedger(reopening: dying.rows))
                #expect(try await world.live(on: reopened) == .completed)
                let course = try await course(reopened.rows)
                #expect(course.cohorts == expected.cohorts && course.model == expected.model, "\(death)")
            }
        }
    }
}
