import Foundation
import Testing

/// `tributary sweep`: what it leaves, how it goes on, and what it refuses.
@Suite struct SweepTests {
    private static let plan =
        "--dataset d.csv --clients 20 --cohort 8 --model mlp:16 --dropout 0.2 --over-selection 1.3"
    private static let axes = "--axis local.learning-rate=0.02,0.1,0.5 --axis local.epochs=1,2 --seeds 2"

    private func names(_ sweep: String, in workspace: Workspace) throws -> [String] {
        let all = try FileManager.default.contentsOfDirectory(atPath: workspace.file(sweep))
        return all.filter { workspace.exists("\(sweep)/\($0)/run.json") }.sorted()
    }

    /// The bits of every run, and the tables but for what they took in real time.
    private func expectSame(_ first: String, _ second: String, in workspace: Workspace) throws {
        let names = try names(first, in: workspace)
        #expect(try names == self.names(second, in: workspace))
        for name in names {
            let models = try [first, second].map { try workspace.bytes("\($0)/\(name)/model.safetensors") }
            #expect(models[0] == models[1], "\(name)")
            #expect(try workspace.rounds("\(first)/\(name)") == workspace.rounds("\(second)/\(name)"), "\(name)")
        }
        #expect(try workspace.text("\(first)/settings.csv") == workspace.text("\(second)/settings.csv"))
    }

    @Test func everyRunIsTheOneThatSimulateMakes() throws {
        let workspace = try Workspace()
        let outcome = try workspace.succeed(
            "sweep \(Self.plan) \(Self.axes) --rounds 5 --output s --target-accuracy 0.7")
        #expect(outcome.output.contains("[12/12]") && outcome.output.contains("report  s/report.html"))
        #expect(outcome.errors.isEmpty)
        let names = try names("s", in: workspace)
        #expect(names.count == 12 && names.contains("4-learning-rate-0.1-epochs-2-seed-2"))
        try workspace.succeed(
            "simulate \(Self.plan) --rounds 5 --learning-rate 0.1 --epochs 2 --seed 2 --target-accuracy 0.7 --output one --quiet"
        )
        let run = "s/4-learning-rate-0.1-epochs-2-seed-2"
        #expect(try workspace.bytes("\(run)/model.safetensors") == workspace.bytes("one/model.safetensors"))
        #expect(try workspace.rounds(run) == workspace.rounds("one"))
        let files = { (folder: String) in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }
        #expect(try files(workspace.file(run)) == files(workspace.file("one")))
        try workspace.succeed("report \(run)")
        for file in ["report.html", "settings.csv", "runs.csv", "sweep.json"] { #expect(workspace.exists("s/\(file)")) }
        #expect(try workspace.text("s/settings.csv").split(separator: "\n").count == 7)
    }

    @Test func theNumberOfRunsAtATimeChangesNothing() throws {
        let workspace = try Workspace()
        for jobs in [1, 2, 5] {
            try workspace.succeed("sweep \(Self.plan) \(Self.axes) --rounds 4 --output s\(jobs) --jobs \(jobs) --quiet")
        }
        try expectSame("s1", "s2", in: workspace)
        try expectSame("s1", "s5", in: workspace)
    }

    @Test(arguments: ["--checkpoint-every 20", ""])
    func aKilledSweepGoesOnToTheSameBytes(_ checkpoints: String) throws {
        let workspace = try Workspace()
        let line = "sweep \(Self.plan) \(Self.axes) --rounds 150 --jobs 2 \(checkpoints)"
        try workspace.succeed("\(line) --output whole --quiet")
        for done in [1, 3, 7, 8] {
            let tool = try RunningTool("\(line) --output parts", in: workspace)
            tool.wait(for: "[\(done)/12]")
            tool.send(SIGKILL)
            _ = tool.end()
        }
        try workspace.succeed("sweep --output parts --quiet")
        try expectSame("whole", "parts", in: workspace)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func anInterruptedSweepSavesItsStateAndSaysHowToGoOn(_ signal: Int32) throws {
        let workspace = try Workspace()
        let line = "sweep \(Self.plan) --axis local.learning-rate=0.02,0.1 --axis rounds=3,2000"
        try workspace.succeed("\(line) --output whole --quiet")
        let tool = try RunningTool("\(line) --output parts --jobs 2", in: workspace)
        #expect(tool.wait(for: "[2/4]"))
        tool.send(signal)
        let (status, output) = tool.end()
        #expect(status == 130)
        #expect(output.contains("tributary sweep --output parts"))
        #expect(workspace.exists("parts/report.html"))
        let table = "parts/2-learning-rate-0.02-rounds-2000/rounds.csv"
        let before = try workspace.text(table)
        #expect((3..<2_000).contains(before.split(separator: "\n").count))
        let again = try workspace.succeed("\(line) --output parts")
        #expect(again.output.contains("going on;"))
        // The real time of rounds would be another one if they had been computed again.
        #expect(try workspace.text(table).hasPrefix(before))
        try expectSame("whole", "parts", in: workspace)
    }

    @Test func aFinishedSweepIsLeftAsItIs() throws {
        let workspace = try Workspace()
        let line = "sweep \(Self.plan) \(Self.axes) --rounds 3 --output s --quiet"
        try workspace.succeed(line)
        let before = workspace.snapshot()
        try workspace.succeed(line)
        #expect(workspace.snapshot() == before)
        // As a process leaves it that is killed when runs have ended and the record does not know yet.
        let record = try workspace.text("s/sweep.json")
        try workspace.write("s/sweep.json", record.replacing("\"completed\"", with: "\"pending\""))
        try FileManager.default.removeItem(atPath: workspace.file("s/1-learning-rate-0.02-epochs-1-seed-1/report.html"))
        try workspace.succeed(line)
        #expect(workspace.snapshot() == before)
    }

    @Test func aRunThatIsGoneIsRunAgain() throws {
        let workspace = try Workspace()
        try workspace.succeed("sweep \(Self.plan) \(Self.axes) --rounds 3 --output s --quiet")
        try workspace.succeed("sweep \(Self.plan) \(Self.axes) --rounds 3 --output whole --quiet")
        try FileManager.default.removeItem(atPath: workspace.file("s/1-learning-rate-0.02-epochs-1-seed-1"))
        try workspace.succeed("sweep --output s --quiet")
        try expectSame("whole", "s", in: workspace)
    }

    @Test func otherArgumentsOnTheSameFolderAreRefused() throws {
        let workspace = try Workspace()
        try workspace.succeed("sweep \(Self.plan) \(Self.axes) --rounds 2 --output s --quiet")
        try workspace.write("folder/note.txt", "not a sweep")
        let before = workspace.snapshot()
        for (line, words) in [
            ("\(Self.plan) \(Self.axes) --rounds 3 --output s", "rounds was 2 and is now 3"),
            ("\(Self.plan) \(Self.axes)000 --rounds 2 --output s", "10000 is the most"),
            ("\(Self.plan) \(Self.axes) --axis local.momentum=0,0.9 --rounds 2 --output s", "axis local.momentum"),
            ("\(Self.plan) \(Self.axes) --rounds 2 --output folder", "folder holds other things than a sweep"),
        ] {
            let outcome = try workspace.tributary("sweep \(line)")
            #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
            #expect(outcome.output.isEmpty && workspace.snapshot() == before)
        }
    }

    @Test func aRunOfAnotherPlanInASweepIsNotTakenForItsOwn() throws {
        let workspace = try Workspace()
        try workspace.succeed("sweep \(Self.plan) --axis local.epochs=1,2 --rounds 2 --output s --quiet")
        try workspace.succeed("simulate --resume s/2-epochs-2 --rounds 4 --quiet")
        let record = try workspace.text("s/sweep.json").replacing("\"completed\"", with: "\"pending\"")
        try workspace.write("s/sweep.json", record)
        let outcome = try workspace.tributary("sweep --output s")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("s/2-epochs-2 holds a run of another plan"))
    }

    @Test func aSettingThatCannotBeRunIsReportedAndTheOthersGoOn() throws {
        let workspace = try Workspace()
        let line = "sweep \(Self.plan) --axis cohort.count=8,50 --axis local.epochs=1,2 --rounds 2 --output s"
        for _ in 0..<2 {
            let outcome = try workspace.tributary(line)
            #expect(outcome.status == 64)
            #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains("2 of 4 runs failed; the first, 3-count-50-epochs-1: cohort.count is 50"))
        }
        #expect(try names("s", in: workspace) == ["1-count-8-epochs-1", "2-count-8-epochs-2"])
        #expect(try workspace.text("s/report.html").contains("Runs that failed"))
        let failed = try workspace.text("s/runs.csv").split(separator: "\n").filter { $0.contains(",failed,") }
        #expect(failed.count == 2)
    }

    @Test func onlyOneProcessAtATimeIsInASweep() throws {
        let workspace = try Workspace()
        let line = "sweep \(Self.plan) --axis local.epochs=1,2 --rounds 1000000 --output s"
        let tool = try RunningTool(line, in: workspace)
        #expect(tool.wait(for: "at a time"))
        let outcome = try workspace.tributary(line)
        tool.send(SIGKILL)
        _ = tool.end()
        #expect(outcome.status == 74 && outcome.errors.contains("another process"))
    }

    @Test func everyLineForProgramsIsJSON() throws {
        let workspace = try Workspace()
        let line = "sweep \(Self.plan) --axis cohort.count=8,50 --rounds 2 --output s --json"
        let outcome = try workspace.tributary(line)
        let events = try outcome.output.split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return try #require(object?["event"] as? String)
        }
        #expect(events == ["run", "run", "sweep"])
        let planned = try workspace.succeed("\(line) --dry-run").output.split(separator: "\n")
        #expect(planned.count == 2 && planned.allSatisfy { $0.contains("\"event\":\"planned\"") })
    }

    @Test func aDryRunListsTheRunsAndLeavesNothingBehind() throws {
        let workspace = try Workspace()
        try workspace.write(
            "s.yaml", "samples: 3\nsweep-seed: 4\nseeds: 2\naxes:\n  local.learning-rate: 0.01..1:log\n")
        let before = workspace.snapshot()
        let drawn = try workspace.succeed("sweep \(Self.plan) --sweep s.yaml --output s --dry-run")
        #expect(drawn.output.split(separator: "\n").count == 7 && drawn.output.hasSuffix("\n6 runs\n"))
        let flags = "--axis local.learning-rate=0.01..1:log --samples 3 --sweep-seed 4 --seeds 2"
        #expect(try workspace.succeed("sweep \(Self.plan) \(flags) --dry-run").output == drawn.output)
        let fewer = try workspace.succeed("sweep \(Self.plan) --sweep s.yaml --seeds 1 --dry-run")
        #expect(fewer.output.hasSuffix("\n3 runs\n"))
        let refused = try workspace.succeed("sweep --algorithm fedsgd --axis local.epochs=1,2 --dry-run")
        #expect(refused.output.contains("2-epochs-2  local.epochs=2  seed=1  refused: algorithm fedsgd"))
        #expect(workspace.snapshot() == before)
    }

    private static let mistakes = [
        Mistake("--axis local.epochs=1,2", 64, "--output"),
        Mistake("--output s", 64, "vary"),
        Mistake("--axis local.epochs=1,2 --output=", 64, "folder"),
        Mistake("--axis local.epochs --output s", 64, "--axis", "local.epochs"),
        Mistake("--axis local.epochs=0,2 --output s", 64, "local.epochs is '0'"),
        Mistake("--axis local.epoch=1,2 --output s", 64, "local.epochs"),
        Mistake("--axis local.epochs=1..2 --output s", 64, "--samples"),
        Mistake("--axis local.epochs=1..9 --samples x --output s", 64, "--samples", "x"),
        Mistake("--axis local.epochs=1..9 --samples 2 --sweep-seed -1 --output s", 64, "--sweep-seed", "-1"),
        Mistake("--axis local.epochs=1,2 --seeds -1 --output s", 64, "--seeds", "-1"),
        Mistake("--axis local.epochs=1,2 --seeds 5001 --output s", 64, "10002 runs"),
        Mistake("--axis local.epochs=1,2 --jobs 0 --output s", 64, "--jobs"),
        Mistake("--axis local.epochs=1,2 --workers 0 --output s", 64, "--workers"),
        Mistake("--axis local.epochs=1,2 --output d.csv", 74, "d.csv"),
        Mistake("--axis local.epochs=1,2 --output /proc/nope/x", 74, "/proc"),
        Mistake("--sweep nope.yaml --output s", 66, "nope.yaml"),
        Mistake("--sweep bad.yaml --output s", 65, "bad.yaml:2: local.epochs is 'x'"),
        Mistake("--sweep odd.yaml --output s", 65, "odd.yaml:1: ", "sample"),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsAnsweredInOneLineAndLeavesNothingBehind(_ mistake: Mistake) throws {
        let workspace = try Workspace()
        try workspace.write("bad.yaml", "axes:\n  local.epochs: 1,x\n")
        try workspace.write("odd.yaml", "sample: 3\n")
        let before = workspace.snapshot()
        let outcome = try workspace.tributary("sweep --dataset d.csv \(mistake.line)")
        #expect(outcome.status == mistake.status)
        #expect(
            outcome.errors.hasPrefix("error: ") && outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)"
        )
        for word in mistake.words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
        #expect(outcome.output.isEmpty && workspace.snapshot() == before)
    }

    @Test func aFolderWithoutASweepHasNoneToGoOnWith() throws {
        let outcome = try Workspace().tributary("sweep --output nope")
        #expect(outcome.status == 66 && outcome.errors.contains("nope: there is no sweep to go on with"))
    }
}
