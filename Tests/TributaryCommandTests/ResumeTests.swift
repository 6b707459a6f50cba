import Foundation
import Testing

/// Runs that end too early, in every way, go on to the same bytes.
@Suite struct ResumeTests {
    private static let flags =
        "--dataset d.csv --clients 20 --cohort 8 --epochs 3 --model mlp:16 --dropout 0.2 --stall 0.1 --over-selection 1.3 --seed 7"

    /// The run, never interrupted.
    private func reference(_ workspace: Workspace, rounds: Int, more: String = "") throws {
        try workspace.succeed("simulate \(Self.flags) --rounds \(rounds) --output whole --quiet \(more)")
    }

    private func expectSame(_ run: String, in workspace: Workspace) throws {
        #expect(try workspace.bytes("\(run)/model.safetensors") == workspace.bytes("whole/model.safetensors"))
        #expect(try workspace.rounds(run) == workspace.rounds("whole"))
        let names = try FileManager.default.subpathsOfDirectory(atPath: workspace.file(run))
        #expect(!names.contains { $0.hasSuffix(".tmp") }, "\(names)")
    }

    @Test(arguments: [1, 2, 4])
    func theNumberOfWorkersChangesNothing(_ workers: Int) throws {
        let workspace = try Workspace()
        try reference(workspace, rounds: 12)
        try workspace.succeed("simulate \(Self.flags) --rounds 12 --output run --quiet --workers \(workers)")
        try expectSame("run", in: workspace)
    }

    @Test(arguments: [
        ("--checkpoint-every 1", [2, 9, 30]), ("--checkpoint-every 7", [1, 8, 20]), ("", [1, 5]),
        ("--checkpoint-every 50", [3]),
    ])
    func aKilledRunGoesOnToTheSameBytes(_ checkpoints: String, _ rounds: [Int]) throws {
        let workspace = try Workspace()
        try reference(workspace, rounds: 40)
        let line = "simulate \(Self.flags) --rounds 40 --output run \(checkpoints)"
        for (sitting, round) in rounds.enumerated() {
            let tool = try RunningTool(sitting == 0 ? line : "\(line) --resume", in: workspace)
            tool.wait(for: "round \(round)/40")
            tool.send(SIGKILL)
            _ = tool.end()
        }
        try workspace.succeed("simulate --resume run --quiet")
        try expectSame("run", in: workspace)
    }

    @Test func dataThatChangedSinceTheRunWasBegunIsRefused() throws {
        let workspace = try Workspace()
        try workspace.succeed("simulate \(Self.flags) --rounds 2 --output run --quiet")
        let before = try workspace.bytes("run/rounds.csv")
        try workspace.write("d.csv", try workspace.text("d.csv").replacing("1", with: "2", maxReplacements: 1))
        let outcome = try workspace.tributary("simulate --resume run --rounds 4")
        #expect(outcome.status == 65)
        #expect(outcome.errors.contains("is not what the run was begun with"))
        #expect(try workspace.bytes("run/rounds.csv") == before)
    }

    @Test func aRunKilledBeforeItsFirstRoundBeginsAnew() throws {
        let workspace = try Workspace()
        try reference(workspace, rounds: 3)
        let tool = try RunningTool("simulate \(Self.flags) --rounds 3 --output run", in: workspace)
        tool.wait(for: "examples")
        tool.send(SIGKILL)
        _ = tool.end()
        try workspace.succeed("simulate --resume run --quiet")
        try expectSame("run", in: workspace)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func anInterruptedRunSavesItsStateAndSaysHowToGoOn(_ signal: Int32) throws {
        let workspace = try Workspace()
        let tool = try RunningTool(
            "simulate \(Self.flags) --rounds 100000 --evaluate-every 1 --output run", in: workspace)
        #expect(tool.wait(for: "round 2/"))
        tool.send(signal)
        let (status, output) = tool.end()
        #expect(status == 130)
        #expect(output.contains("tributary simulate --resume run"))
        let done = try workspace.rounds("run").count
        #expect(done < 100_000)
        try workspace.succeed("simulate --resume run --rounds \(done + 3) --quiet")
        try reference(workspace, rounds: done + 3)
        try expectSame("run", in: workspace)
    }

    @Test func aSecondInterruptEndsAtOnce() throws {
        let workspace = try Workspace()
        let slow = "--steps 10000000 --batch-size 1 --model mlp:100 --speed 1e9 --rounds 3"
        let tool = try RunningTool("simulate --dataset d.csv --clients 5 \(slow) --output run", in: workspace)
        #expect(tool.wait(for: "examples"))
        tool.send(SIGINT)
        #expect(tool.waitForError("again"))
        tool.send(SIGINT)
        #expect(tool.end().status == 130)
        #expect(try workspace.rounds("run").isEmpty)
    }

    @Test func moreRoundsGoOnWhereTheRunEnded() throws {
        let workspace = try Workspace()
        try reference(workspace, rounds: 9)
        try workspace.succeed("simulate \(Self.flags) --rounds 4 --output run --quiet")
        try workspace.succeed("simulate --resume run --rounds 9 --quiet")
        try expectSame("run", in: workspace)
    }

    @Test func whatAServerOptimiserKeepsGoesOnWithTheRun() throws {
        let workspace = try Workspace()
        try reference(workspace, rounds: 9, more: "--server-optimiser adam:tau=0.01")
        try workspace.succeed(
            "simulate \(Self.flags) --rounds 4 --output run --quiet --server-optimiser adam:tau=0.01")
        try workspace.succeed("simulate --resume run --rounds 9 --quiet --server-optimiser adam:tau=0.01")
        try expectSame("run", in: workspace)
        #expect(try workspace.tributary("simulate --resume run --server-optimiser adam").status == 64)
        try workspace.succeed("evaluate run")
    }

    @Test func earlyStoppingIsTheSameAcrossAPause() throws {
        let workspace = try Workspace()
        try reference(workspace, rounds: 60, more: "--early-stop 0.9")
        let stopped = try workspace.rounds("whole").count
        try #require(stopped > 2 && stopped < 60)
        try workspace.succeed("simulate \(Self.flags) --rounds 2 --output run --quiet")
        let outcome = try workspace.succeed("simulate --resume run --rounds 60 --early-stop 0.9")
        #expect(outcome.output.contains("reached in round \(stopped)"))
        try expectSame("run", in: workspace)
    }

    @Test(arguments: [
        "--seed 8", "--model softmax", "--set local.epochs=5", "--no-faults", "--rounds 2", "--clients 21",
    ])
    func whatTheRoundsSoFarDependOnCannotChange(_ flag: String) throws {
        let workspace = try Workspace()
        try workspace.succeed("simulate \(Self.flags) --rounds 4 --output run --quiet")
        let before = workspace.snapshot()
        let outcome = try workspace.tributary("simulate --resume run \(flag)")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("begun with") || outcome.errors.contains("has done 4"), "\(outcome.errors)")
        #expect(workspace.snapshot() == before)
    }

    @Test func oneProcessAtATimeRunsInAFolder() throws {
        let workspace = try Workspace()
        let tool = try RunningTool(
            "simulate \(Self.flags) --rounds 1000000 --evaluate-every 0 --output run", in: workspace)
        #expect(tool.wait(for: "round 1/"))
        let outcome = try workspace.tributary("simulate --resume run")
        #expect(outcome.status == 74)
        #expect(outcome.errors.contains("another process"))
        tool.send(SIGKILL)
        _ = tool.end()
    }
}
