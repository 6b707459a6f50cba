import Foundation
import Logging
import Testing
import TributaryCore
import TributaryReports
import TributaryServer
import TributaryStore
import TributaryTesting
import TributaryWire

/// Private runs of a whole coordinator: with its ledger, its stores, its reports and its clients.
struct PrivateCoordinatorTests {
    private static func world(_ mechanism: String, epsilon: String = "none", optimiser: String = "sgd")
        -> CoordinatorWorld
    {
        var world = CoordinatorWorld()
        (world.privacy, world.optimiser, world.rounds) = ((mechanism, epsilon), optimiser, 5)
        return world
    }

    private static let mechanism = "tree:clip=1.3,noise=1.5,rounds=4,participations=4"

    /// Computes all again, with some updates that were clipped and some that were not; returns the last model.
    private func expectExact(_ ledger: MemoryLedger, _ world: CoordinatorWorld) async throws -> TensorBlob {
        let run = try await world.recompute(ledger)
        #expect(run.clippedCount > 0 && run.clippedCount < run.contributionCount && run.contributionCount % 4 == 0)
        return run.lastModel
    }

    @Test(
        "A crash before or after any commit spends nothing twice, forgets nothing, and changes no bit of the noise",
        arguments: ["sgd", "adam"])
    func crashes(optimiser: String) async throws {
        let first = DyingLedger(MemoryLedger())
        let undisturbed = Self.world(Self.mechanism, optimiser: optimiser)
        #expect(try await undisturbed.live(on: first) == .completed)
        let expected = try await expectExact(first.rows, undisturbed)
        let deaths = CoordinatorWorld.deaths(atCommits: first.commitCount)
        let make = { Self.world(Self.mechanism, optimiser: optimiser) }
        try await CoordinatorWorld.die(deaths, in: make) { rows, world, death in
            let last = try await expectExact(rows, world)
            #expect(last == expected, "\(death)")
        }
    }

    @Test("A run ends before its budget is exceeded, says so, and shows its secret to nobody")
    func budget() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tributary-private-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        // One tree comes to less than 40, two to more.
        var world = Self.world(Self.mechanism, epsilon: "40")
        (world.reports, world.rounds) = (folder.path(), 50)
        let ledger = DyingLedger(MemoryLedger())
        #expect(try await world.live(on: ledger) == .completed)
        _ = try await expectExact(ledger.rows, world)
        let (record, rounds) = try RunFolder(folder.path() + "/trial").read()
        #expect(record.status == .budgetSpent && rounds.count == 4)
        let epsilon = try #require(rounds.last?.privacy?.epsilon)
        #expect(epsilon <= 40 && rounds.allSatisfy { $0.privacy?.epsilon == epsilon })
        // What it has written, and what it says when it is asked.
        let coordinator = try await Coordinator.open(world.setting(DyingLedger(MemoryLedger(reopening: ledger.rows))))
        let calls = CoordinatorCalls(coordinator, operatorToken: CoordinatorWorld.token)
        var get = WireGetRunRequest()
        (get.run, get.withRounds) = ("trial", true)
        let answer = try await calls.getRun(get, from: CoordinatorWorld.caller)
        #expect(answer.run.reason == "its privacy budget is spent")
        #expect(answer.rounds.last?.privacyEpsilon == epsilon && answer.rounds.last?.privacyDelta == 1e-4)
        let list = try await calls.listRuns(WireListRunsRequest(), from: CoordinatorWorld.caller)
        var outputs = [
            try ConnectCoding.encode(answer, as: .proto), try ConnectCoding.encode(answer, as: .json),
            try ConnectCoding.encode(list, as: .json),
        ]
        let files = try #require(FileManager.default.enumerator(atPath: folder.path()))
        for case let name as String in files {
            if let data = FileManager.default.contents(atPath: folder.path() + "/" + name) {
                outputs.append([UInt8](data))
            }
        }
        #expect(outputs.count > 6)
        let secret = CoordinatorWorld.noiseKey.bytes
        let digits = secret.map { String(format: "%02x", $0) }.joined()
        for output in outputs.map({ Data($0) }) {
            #expect(output.range(of: Data(secret)) == nil)
            #expect(String(decoding: output, as: UTF8.self).range(of: digits, options: .caseInsensitive) == nil)
            #expect(output.range(of: Data(secret).base64EncodedData()) == nil)
        }
    }

    @Test("Every run has a secret of its own, from the system's generator")
    func secrets() async throws {
        let world = Self.world(Self.mechanism)
        let makers = (0..<2).map { _ in
            CoordinatorSetting(
                ledger: MemoryLedger(), store: world.store, clock: LiveClock(wallTime: 0), logger: Logger(label: "test")
            )
        }
        let keys = Set(makers.flatMap { [$0.makeNoiseKey(), $0.makeNoiseKey()] })
        #expect(keys.count == 4)
    }

    @Test("Privacy that could not be kept over a network is refused with the way out")
    func refusals() async throws {
        let world = Self.world("sampled:noise=1")
        let coordinator = try await Coordinator.open(world.setting(MemoryLedger()))
        let calls = CoordinatorCalls(coordinator, operatorToken: CoordinatorWorld.token)
        var request = try world.request
        request.plan["cohort.selection"] = "poisson"
        let error = await #expect(throws: ConnectError.self) {
            try await calls.createRun(request, from: CoordinatorWorld.caller)
        }
        #expect(error?.message.contains("choose tree") == true, "\(String(describing: error))")
    }
}
