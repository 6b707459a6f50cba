import Foundation
import Testing
import TributaryCore
import TributaryReports
import TributaryServer
import TributaryStore
import TributaryTesting

/// The server's coordinator, stores, model maker and report, where the model moves as updates come.
struct BufferedCoordinatorTests {
    private static let goal = 3

    private func world(_ pacing: String = "buffered:goal=3") -> CoordinatorWorld {
        var world = CoordinatorWorld()
        world.rounds = 5
        world.fields = [
            "cohort.selection": "uniform", "cohort.count": "3", "algorithm": "fedbuff", "strategy.pacing": pacing,
        ]
        return world
    }

    /// Computes every model again from what the ledger says, on whole numbers of any size.
    private func expectExact(_ ledger: MemoryLedger, _ world: CoordinatorWorld) async throws {
        let run = try #require(RunID(rawValue: "trial"))
        let row = try #require(try await ledger.load().image.runs.first?.row)
        #expect(row.status == .completed)
        let ends = try await ledger.rounds(of: run, after: RoundNumber(0), limit: 100)
        #expect(ends.map(\.summary.round.rawValue) == Array(1...world.rounds))
        var model = try #require(try world.store.floats(row.initialModel))
        var counted: Set<String> = []
        for (version, end) in ends.enumerated() {
            let round = end.summary.round
            let rows = try await ledger.contributions(forTasksOf: run, in: RoundNumber(1)...round)
                .filter { $0.place?.round == round }
            #expect(rows.count == Self.goal && end.summary.outcome == .committed)
            var ages: [Int] = []
            var updates: [(values: [Float], weight: Int)] = []
            for row in rows {
                let age = version - (try #require(row.place).startedFrom.rawValue)
                let factor = 1 / Double(1 + age).squareRoot()
                let values = try #require(try world.store.floats(row.numbers))
                updates.append((values.map { Float(Double($0) * factor) }, row.weight))
                counted.insert("\(row.task) \(row.client.rawValue)")
                ages.append(age)
            }
            #expect(rows.allSatisfy { $0.weight == 1 })
            let expected = ExactOracle.model(after: model, updates, bound: 8, learningRate: 0.9)
            model = try #require(try world.store.floats(end.model))
            #expect(model.map(\.bitPattern) == expected.weights.map(\.bitPattern))
            let mean = Double(ages.reduce(0, +)) / Double(ages.count)
            #expect(end.summary.staleness == RoundSummary.Staleness(mean: mean, largest: ages.max() ?? 0))
        }
        let told = world.log.all.filter { $0.contains("/train/") }
        #expect(told.isSubset(of: counted), "an update that was acknowledged does not count")
        #expect(ends.last?.summary.federated != nil)
    }

    @Test("Steps are exactly what their updates make, and the report holds them")
    func steps() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tributary-live-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var world = world()
        world.reports = folder.path()
        // Whoever is free scores a model while others train on.
        world.fields["evaluation.federated-every"] = "2"
        let ledger = DyingLedger(MemoryLedger())
        #expect(try await world.live(on: ledger) == .completed)
        try await expectExact(ledger.rows, world)
        let (record, rounds) = try RunFolder(folder.path() + "/trial").read()
        #expect(record.status == .completed && rounds.count == world.rounds)
        #expect(rounds.allSatisfy { $0.staleness != nil })
    }

    @Test("A crash before or after any commit loses nothing acknowledged")
    func crashes() async throws {
        let undisturbed = DyingLedger(MemoryLedger())
        #expect(try await world().live(on: undisturbed) == .completed)
        for number in 1...undisturbed.commitCount {
            for death in [DyingLedger.Death.before(number), .after(number)] {
                let world = world()
                let dying = DyingLedger(MemoryLedger(), death: death)
                // Who is quick may do with fewer writes another time.
                if try await world.live(on: dying) == .died {
                    world.store.crash()
                    let reopened = DyingLedger(MemoryLedger(reopening: dying.rows))
                    #expect(try await world.live(on: reopened) == .completed)
                    try await expectExact(reopened.rows, world)
                }
            }
        }
    }
}
