import Foundation
import Testing

/// A run's files, damaged: what is lost is computed again, and the person is told.
@Suite struct DamageTests {
    private static let flags = "--dataset d.csv --clients 8 --cohort 3 --checkpoint-every 2 --seed 7"

    /// Damages a run of 6 rounds, resumes it to 9, and compares it with an undamaged run.
    private func expectRecovery(warning: String?, _ damage: (Workspace) throws -> Void) throws {
        let workspace = try Workspace()
        try workspace.succeed("simulate \(Self.flags) --rounds 9 --output whole --quiet")
        try workspace.succeed("simulate \(Self.flags) --rounds 6 --output run --quiet")
        try damage(workspace)
        let outcome = try workspace.succeed("simulate --resume run --rounds 9")
        #expect(warning.map { outcome.errors.contains($0) } ?? outcome.errors.isEmpty, "\(outcome.errors)")
        #expect(try workspace.bytes("run/model.safetensors") == workspace.bytes("whole/model.safetensors"))
        #expect(try workspace.rounds("run") == workspace.rounds("whole"))
    }

    private static let newest = "run/checkpoints/round-0000006.safetensors"

    @Test(arguments: [0, 9, 100, -1])
    func aCutCheckpointIsPassedOver(_ length: Int) throws {
        try expectRecovery(warning: "warning: \(Self.newest): ") { workspace in
            let bytes = try workspace.bytes(Self.newest)
            try workspace.write(Self.newest, length < 0 ? bytes.dropLast(-length) : bytes.prefix(length))
        }
    }

    @Test(arguments: [0, 40, 407, 481, 600, 900, -5])
    func aFlippedBitAnywhereInACheckpointIsSeen(_ place: Int) throws {
        try expectRecovery(warning: "warning: \(Self.newest): ") { workspace in
            var bytes = try workspace.bytes(Self.newest)
            bytes[place < 0 ? bytes.count + place : place] ^= 1
            try workspace.write(Self.newest, bytes)
        }
    }

    @Test func withoutAnyCheckpointTheRunBeginsAnew() throws {
        try expectRecovery(warning: "begins anew") { workspace in
            try FileManager.default.removeItem(atPath: workspace.file("run/checkpoints"))
        }
    }

    @Test func roundsThatAreMissingAreComputedAgain() throws {
        try expectRecovery(warning: "computed again") { workspace in
            let lines = try workspace.text("run/rounds.jsonl").split(separator: "\n")
            try workspace.write(
                "run/rounds.jsonl", lines.prefix(5).joined(separator: "\n") + "\n" + lines[5].prefix(30))
        }
    }

    @Test func aDamagedRoundIsComputedAgain() throws {
        try expectRecovery(warning: "run/rounds.jsonl:3: ") { workspace in
            var lines = try workspace.text("run/rounds.jsonl").split(separator: "\n")
            lines[2] = "hello"
            try workspace.write("run/rounds.jsonl", lines.joined(separator: "\n") + "\n")
        }
    }

    @Test func aDamagedTableIsMended() throws {
        try expectRecovery(warning: nil) { try $0.write("run/rounds.csv", "hello") }
    }

    @Test func aDamagedRecordIsReplacedByTheCheckpoint() throws {
        try expectRecovery(warning: "warning: run/run.json: ") { try $0.write("run/run.json", "hello") }
    }

    @Test func withoutRecordAndCheckpointThereIsNothingToGoOnFrom() throws {
        let workspace = try Workspace()
        try workspace.succeed("simulate \(Self.flags) --rounds 2 --output run --quiet")
        try workspace.write("run/run.json", "hello")
        try FileManager.default.removeItem(atPath: workspace.file("run/checkpoints"))
        let before = workspace.snapshot()
        let outcome = try workspace.tributary("simulate --resume run")
        #expect(outcome.status == 65)
        #expect(outcome.errors.hasPrefix("error: run/run.json: ") && outcome.errors.contains("--overwrite"))
        #expect(workspace.snapshot() == before)
    }

    @Test(arguments: [
        ("run/run.json", "report run"), ("run/rounds.jsonl", "report run"), ("run/model.safetensors", "evaluate run"),
    ])
    func readersNameTheDamagedFile(_ file: String, _ line: String) throws {
        let workspace = try Workspace()
        try workspace.succeed("simulate \(Self.flags) --rounds 2 --output run --quiet")
        try workspace.write(file, "hello\n" + "world\n")
        let before = workspace.snapshot()
        let outcome = try workspace.tributary(line)
        #expect(outcome.status == 65)
        #expect(outcome.errors.hasPrefix("error: \(file)"))
        #expect(workspace.snapshot() == before)
    }
}
