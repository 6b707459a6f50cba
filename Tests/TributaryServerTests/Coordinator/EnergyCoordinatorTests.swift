import Foundation
import Testing
import TributaryCore
import TributaryReports
import TributaryServer
import TributaryStore
import TributaryTesting
import TributaryWire

/// Energy and carbon of a whole coordinator: the table of intensities comes with the run, and stays with it.
@Suite struct EnergyCoordinatorTests {
    private static let table = "time,region,intensity\n2023-11-14T00:00Z,a,100\n2023-11-14T00:00Z,b,300\n"

    private static func world() -> CoordinatorWorld {
        var world = CoordinatorWorld()
        world.carbonTrace = table
        world.fields = ["energy.training-watts": "36", "evaluation.federated-every": "none"]
        return world
    }

    private func expectCounted(_ ledger: MemoryLedger) async throws {
        let run = try #require(try await ledger.load().image.runs.first)
        #expect(run.row.carbonTrace == Self.table)
        #expect(run.row.plan["energy"]?["trace"]?.hasPrefix("sha256:") == true)
        let ends = try await ledger.rounds(of: run.row.id, after: RoundNumber(0), limit: 100)
        #expect(ends.count == 3)
        for end in ends {
            let energy = try #require(end.summary.energy)
            // Nobody says where it is: the mean of both regions counts.
            for (_, amount) in energy.parts where amount.kilowattHours > 0 {
                let intensity = try #require(amount.grams) / amount.kilowattHours
                #expect(abs(intensity - 200) < 1)
            }
            #expect(energy.training.kilowattHours >= 0 && energy.server.kilowattHours > 0)
            #expect(abs(energy.upload.kilowattHours - Double(end.summary.traffic.bytesUp) * 0.05e-9) < 1e-15)
        }
    }

    @Test func roundsAreCountedAndACrashTakesNothingOfIt() async throws {
        let first = DyingLedger(MemoryLedger())
        #expect(try await Self.world().live(on: first) == .completed)
        try await expectCounted(first.rows)
        for number in stride(from: 1, through: first.commitCount, by: 3) {
            let world = Self.world()
            let dying = DyingLedger(MemoryLedger(), death: .after(number))
            #expect(try await world.live(on: dying) == .died)
            world.store.crash()
            let reopened = DyingLedger(MemoryLedger(reopening: dying.rows))
            #expect(try await world.live(on: reopened) == .completed)
            try await expectCounted(reopened.rows)
        }
    }

    @Test func theFolderHasColumnsForIt() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tributary-live-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var world = Self.world()
        world.reports = folder.path()
        let ledger = DyingLedger(MemoryLedger())
        #expect(try await world.live(on: ledger) == .completed)
        let (record, rounds) = try RunFolder(folder.path() + "/trial").read()
        #expect(record.totals.energy != nil && rounds.count == 3 && rounds.allSatisfy { $0.energy?.total.grams != nil })
        let table = try String(contentsOf: folder.appending(path: "trial/rounds.csv"), encoding: .utf8)
        #expect(table.prefix { $0 != "\n" }.hasSuffix("server_kwh,server_gco2e"))
        #expect(table.split(separator: "\n").count == 4)
    }

    @Test func aTableThatIsNotThereOrNoneIsRefusedWithTheWayOut() async throws {
        let world = CoordinatorWorld()
        let coordinator = try await Coordinator.open(world.setting(MemoryLedger()))
        let calls = CoordinatorCalls(coordinator, operatorToken: CoordinatorWorld.token)
        for (path, table, words) in [("t.csv", "", "carbon_trace"), ("none", "h\n0,a", "line 2")] {
            var request = try world.request
            (request.plan["energy.trace"], request.carbonTrace) = (path, table)
            let wanted = request
            let error = await #expect(throws: ConnectError.self) {
                try await calls.createRun(wanted, from: CoordinatorWorld.caller)
            }
            #expect(error?.message.contains(words) == true, "\(String(describing: error))")
        }
    }
}
