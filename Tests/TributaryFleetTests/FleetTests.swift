import Foundation
import Testing
import TributaryClient
import TributaryCore
import TributaryFleet
import TributaryMath
import TributaryTesting

/// A fleet against a server in memory, all of whose waits are short.
private func play(
    clients: Int = 20, rounds: Int = 5, seed: UInt64 = 1, lease: Duration = .seconds(30), regions: [String] = [],
    _ edit: (inout FleetFaults) -> Void = { _ in }
) async throws -> (report: FleetReport, server: ScriptedServer.State) {
    var client = ClientSettings(server: "https://scripted.test")
    client.patience.firstBackoff = .milliseconds(1)
    client.patience.longestBackoff = .milliseconds(5)
    var settings = FleetSettings(client)
    settings.seed = seed
    settings.workers = 2
    settings.regions = regions
    settings.faults.absence = .milliseconds(1)
    edit(&settings.faults)
    let trainer = QuadraticTrainer.random(seed: Seed(seed), clients: clients, dimension: 50)
    let server = ScriptedServer(clients: clients, rounds: rounds, parameters: 50, lease: lease)
    let fleet = Fleet(settings, work: OneTrainer(trainer), connections: server)
    return (try await fleet.run(until: { await server.finished() }), server.now)
}

/// All that can go wrong without a network.
private func everything(_ faults: inout FleetFaults) {
    faults.plan.beforeTraining = 0.1
    faults.plan.duringTraining = 0.1
    faults.plan.beforeUpload = 0.1
    faults.plan.stall = 0.1
    faults.plan.garbage = 0.1
    faults.plan.notFinite = 0.1
    faults.plan.duplicate = 0.2
    faults.cut = 0.3
}

@Suite struct FleetTests {
    @Test func aHealthyFleetDoesEveryTaskOnce() async throws {
        let (report, server) = try await play(clients: 30, rounds: 4)
        #expect(report.tasks.receipts == ["accepted": 120])
        #expect(server.handedOut == 120 && report.tasks.received == 120)
        #expect(report.clients.registered == 30)
        #expect(report.faults.isEmpty)
        #expect(report.calls["submit"]?.count == 120 && report.calls["submit"]?.errors == [:])
    }

    @Test func clientsAreInTheRegionsOfTheSimulatedOnes() async throws {
        let names = ["a", "b", "c"]
        let (_, server) = try await play(rounds: 1, seed: 5, regions: names)
        let expected = (0..<20).map { names[EnergyModel.region(of: ClientID(index: $0), among: 3, seed: 5)] }
        #expect(server.regions.values.sorted() == expected.sorted() && Set(expected).count > 1)
        let (_, silent) = try await play(rounds: 1)
        #expect(Set(silent.regions.values) == [""])
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func everyTaskHandedOutIsAccountedFor(seed: UInt64) async throws {
        let (report, server) = try await play(seed: seed, lease: .milliseconds(30), everything)
        let tasks = report.tasks
        #expect(tasks.received == server.handedOut)
        let ended = tasks.receipts.values.reduce(0, +) + tasks.givenBack.values.reduce(0, +)
        #expect(tasks.received + tasks.resumed == ended + tasks.over + tasks.vanished + tasks.unfinished)
        #expect(tasks.open == 0)
        // Each client got one answer for each of its rounds.
        #expect(server.members.values.reduce(0) { $0 + $1.answers.count } + server.givenBack == 100)
    }

    @Test func vanishedClientsComeBackAsThemselves() async throws {
        let (report, server) = try await play(clients: 20, rounds: 6) { $0.plan.duringTraining = 0.5 }
        let vanished = try #require(report.faults["vanished-during-training"])
        #expect(vanished > 20)
        #expect(report.clients.returns == vanished && report.tasks.vanished == vanished)
        #expect(server.ids.count == 20 && report.clients.registered == 20 && report.clients.identityChanges == 0)
        #expect(report.tasks.receipts == ["accepted": 120])
    }

    @Test func anUpdateThatWasReadyOutlivesItsClient() async throws {
        let (report, _) = try await play(clients: 10, rounds: 5) { $0.plan.beforeUpload = 0.6 }
        let vanished = try #require(report.faults["vanished-before-upload"])
        #expect(report.tasks.resumed == vanished)
        #expect(report.tasks.received == 50, "nothing was trained twice")
        #expect(report.tasks.receipts == ["accepted": 50])
    }

    @Test func repeatedResultsAreAnsweredAsDuplicates() async throws {
        let (report, server) = try await play(clients: 20, rounds: 5) { $0.plan.duplicate = 0.5 }
        let lost = try #require(report.faults["answer-lost"])
        #expect(lost > 20)
        #expect(report.tasks.duplicates == lost && server.duplicates == lost)
        #expect(report.tasks.receipts == ["accepted": 100])
    }

    @Test func whatIsNoUpdateIsSentAndRefused() async throws {
        let (report, _) = try await play(clients: 20, rounds: 5) {
            $0.plan.garbage = 0.3
            $0.plan.notFinite = 0.2
        }
        let (tasks, faults) = (report.tasks.receipts, report.faults)
        #expect(faults["truncated", default: 0] > 0 && tasks["refused: size"] == faults["truncated"])
        let other = faults["garbage", default: 0] + faults["not-finite", default: 0]
        #expect(other > 0 && tasks["refused: not-finite"] == other)
        #expect(tasks["accepted", default: 0] == 100 - other - faults["truncated", default: 0])
    }

    @Test func transfersThatAreCutOffGoOnWhereTheyWere() async throws {
        let (report, _) = try await play(clients: 20, rounds: 5) { $0.cut = 0.5 }
        let cuts = try #require(report.faults["cut"])
        #expect(report.tasks.receipts == ["accepted": 100])
        let errors = ["upload", "download"].reduce(0) { $0 + (report.calls[$1]?.errors["unreachable"] ?? 0) }
        // A client's updates are the same in all rounds here, so that only the first one is sent.
        #expect(cuts > 5 && errors == cuts)
        // 20 updates and the model of 200 bytes each, none of it sent twice, and the messages.
        #expect(report.bytes.up - report.bytes.down < 100 * 200 + 100 * 500)
    }

    @Test func theSameSeedPlaysTheSameFaults() async throws {
        func faults(_ seed: UInt64) async throws -> [String: Int] {
            // Who fetches the shared model is left to chance, and with it who is cut off.
            try await play(seed: seed, lease: .milliseconds(30)) {
                everything(&$0)
                $0.cut = 0
            }.report.faults
        }
        let first = try await faults(7)
        #expect(try await faults(7) == first)
        #expect(try await faults(8) != first)
    }

    @Test func aFleetThatNoServerTakesSaysWhy() async throws {
        var settings = FleetSettings(ClientSettings(server: "https://closed.test"))
        settings.faults.absence = .zero
        let trainer = QuadraticTrainer.random(seed: Seed(1), clients: 3, dimension: 2)
        let fleet = Fleet(settings, work: OneTrainer(trainer), connections: ClosedServer())
        let error = await #expect(throws: ClientError.self) { try await fleet.run() }
        #expect(error?.message.contains("the join token is wrong") == true)
    }

    @Test func reportsReadBackFromJSON() async throws {
        let (report, _) = try await play(clients: 3, rounds: 2)
        let data = try JSONEncoder().encode(report)
        #expect(try JSONDecoder().decode(FleetReport.self, from: data) == report)
        #expect(report.description.contains("6 accepted"))
    }
}
