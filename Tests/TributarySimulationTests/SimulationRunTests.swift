import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryReports
import TributarySimulation
import TributaryTesting

/// Runs with an output folder: what is written, and that a pause anywhere changes nothing of it.
@Suite struct SimulationRunTests {
    @Test(arguments: TestSeeds.first(8), [Plan.Algorithm.fedAvg, .fedAvgM, .fedAdam, .scaffold, .fedDyn, .fedNova])
    func anInterruptedRunGoesOnToTheSameBytes(seed: Seed, algorithm: Plan.Algorithm) async throws {
        var plan = Plan.troubled(seed: seed, rounds: 12)
        plan.algorithm = algorithm
        plan.checkpoint.every = 2
        let whole = try TemporaryFolder()
        _ = try await run(plan, seed, in: whole, stoppingAfter: nil)
        let parts = try TemporaryFolder()
        for stop in [3, 4, 9] {
            let record = try await run(plan, seed, in: parts, stoppingAfter: stop)
            #expect(record.status == .interrupted)
            #expect(record.totals.rounds == stop)
        }
        let record = try await run(plan, seed, in: parts, stoppingAfter: nil)
        #expect(record.status == .completed)
        #expect(try whole.bytes("model.safetensors") == parts.bytes("model.safetensors"))
        #expect(try whole.roundsWithoutRealTime() == parts.roundsWithoutRealTime())
    }

    @Test func aLogThatIsAheadOfItsCheckpointIsTakenBack() async throws {
        // As a process killed between checkpoints leaves it.
        var plan = Plan.troubled(seed: Seed(5), rounds: 10)
        plan.checkpoint.every = 4
        let whole = try TemporaryFolder()
        _ = try await run(plan, Seed(5), in: whole, stoppingAfter: nil)
        let killed = try TemporaryFolder()
        _ = try await run(plan, Seed(5), in: killed, stoppingAfter: nil)
        try killed.remove("checkpoints/round-0000010.safetensors")
        try killed.remove("model.safetensors")
        _ = try await run(plan, Seed(5), in: killed, stoppingAfter: nil)
        #expect(try whole.bytes("model.safetensors") == killed.bytes("model.safetensors"))
        #expect(try whole.roundsWithoutRealTime() == killed.roundsWithoutRealTime())
    }

    @Test func aDamagedCheckpointIsNamedAndTheOneBeforeIsUsed() async throws {
        var plan = Plan.troubled(seed: Seed(6), rounds: 6)
        plan.checkpoint.every = 3
        let folder = try TemporaryFolder()
        _ = try await run(plan, Seed(6), in: folder, stoppingAfter: nil)
        var bytes = try folder.bytes("checkpoints/round-0000006.safetensors")
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: URL(fileURLWithPath: folder.path + "/checkpoints/round-0000006.safetensors"))
        let found = CheckpointFolder(folder.path + "/checkpoints", keep: 2).newest()
        #expect(found.checkpoint?.state.lastRound == RoundNumber(3))
        #expect(found.damaged.count == 1)
        #expect(found.damaged.first?.contains("round-0000006") == true)
    }

    @Test func everythingThatWasPromisedIsInTheFolder() async throws {
        var plan = Plan.everybody(rounds: 3)
        plan.evaluation.baselines = .all
        let folder = try TemporaryFolder()
        let record = try await run(plan, Seed(1), in: folder, stoppingAfter: nil)
        for name in ["report.html", "rounds.csv", "rounds.jsonl", "run.json", "model.safetensors", "checkpoints"] {
            #expect(FileManager.default.fileExists(atPath: folder.path + "/" + name))
        }
        #expect(try RunFolder(folder.path).read().record == record)
        #expect(record.baselines.map(\.kind) == [.local, .pooled])
        let model = try ModelFile(reading: folder.path + "/model.safetensors")
        #expect(model.round == RoundNumber(3))
    }

    private func run(_ plan: Plan, _ seed: Seed, in folder: TemporaryFolder, stoppingAfter stop: Int?) async throws
        -> RunRecord
    {
        let trainer = QuadraticTrainer.random(seed: seed, clients: 30, dimension: 10)
        let found = CheckpointFolder(folder.path + "/checkpoints", keep: 1).newest()
        let isFirstSitting = !FileManager.default.fileExists(atPath: folder.path + "/checkpoints")
        #expect((found.checkpoint == nil) == isFirstSitting && found.damaged.isEmpty)
        let record = RunRecord(
            version: "test", name: "test", seed: plan.seed, plan: plan.text,
            data: .init(
                set: "quadratic", trainExamples: 1, testExamples: 3, classes: nil, clients: 30, partition: "natural",
                shardSizes: nil),
            model: .init(name: "vector", parameters: 10), machine: .current(workers: 2))
        let setting = SimulationSetting(
            folder: RunFolder(folder.path), record: record, workers: 2, checkpoint: found.checkpoint)
        var run = try SimulationRun(plan: plan, trainer: trainer, setting: setting)
        let request = StopRequest()
        return try await run.run(observer: StopAfter(round: stop, request: request), stop: request)
    }
}

/// Asks for a stop when a round has ended.
private struct StopAfter: RunObserver {
    let round: Int?
    let request: StopRequest

    func roundEnded(_ round: RoundSummary, in record: RunRecord) {
        if round.round.rawValue == self.round { request.make() }
    }
}

/// A folder that goes when the test does.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "tributary-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)) }
    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }

    /// The logged rounds, without the one figure that differs from sitting to sitting.
    func roundsWithoutRealTime() throws -> [RoundSummary] {
        try RunFolder(path).readRounds().map {
            var round = $0
            round.timing.realSeconds = 0
            return round
        }
    }
}
