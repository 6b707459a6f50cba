import Foundation
import Testing

@Suite struct OutputTests {
    private static let line = "simulate --dataset d.csv --clients 10 --rounds 3 --output run"

    @Test func everyLineForProgramsIsJSON() throws {
        let outcome = try Workspace().succeed(
            "\(Self.line) --json --baselines all --holdout-test 0.2 --federated-every 1")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 4)
        for line in lines { #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) } }
        #expect(outcome.errors.isEmpty)
    }

    @Test func quietSaysNothing() throws {
        let outcome = try Workspace().succeed("\(Self.line) --quiet")
        #expect(outcome.output.isEmpty && outcome.errors.isEmpty)
    }

    @Test func aLogGetsPlainLines() throws {
        let outcome = try Workspace().succeed(Self.line)
        #expect(!outcome.output.contains("\u{1b}") && !outcome.output.contains("\r"))
        #expect(outcome.output.contains("\nround 3/3 "))
    }

    @Test(arguments: ["", "--json"])
    func aReaderThatGoesAwayDoesNotEndTheRun(_ flag: String) throws {
        let workspace = try Workspace()
        let outcome = try workspace.shell(
            "{ $T simulate --dataset d.csv --clients 10 --rounds 200 --output run \(flag); echo $? >&2; } | head -n 1")
        #expect(outcome.errors == "0\n")
        #expect(try workspace.rounds("run").count == 200)
    }

    @Test func closedStreamsDoNotGetIntoFiles() throws {
        let workspace = try Workspace()
        try workspace.succeed("\(Self.line) --quiet")
        let rounds = try workspace.rounds("run")
        let outcome = try workspace.shell("$T \(Self.line) --overwrite <&- >&- 2>&-")
        #expect(outcome.status == 0)
        #expect(try workspace.rounds("run") == rounds)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full here"))
    func outputThatIsLostIsAFailure() throws {
        let outcome = try Workspace().shell("$T plan > /dev/full")
        #expect(outcome.status == 74)
        #expect(outcome.errors.hasPrefix("error: standard output: "))
    }

    @Test(arguments: ["simulate", "evaluate", "report", "plan", "algorithms", "datasets", "datasets partition"])
    func helpFitsATerminalAndNamesItsValues(_ command: String) throws {
        let outcome = try Workspace().succeed("\(command) --help")
        let lines = outcome.output.split(separator: "\n").filter { !$0.hasPrefix("USAGE:") }
        #expect(lines.allSatisfy { $0.count <= 80 })
        #expect(outcome.errors.isEmpty)
        if command == "simulate" {
            for words in ["DATA:", "LOCAL TRAINING:", "--rounds <count>", "--deadline <time>"] {
                #expect(outcome.output.contains(words), "\(words)")
            }
        }
    }

    @Test func everyAlgorithmAndPartIsListedWithItsParametersAndItsPaper() throws {
        let workspace = try Workspace()
        let list = try workspace.succeed("algorithms").output
        for words in ["fedavg ", "fedadam", "strategy.optimiser: adam", "nesterov=false", "tau=0.001", "Reddi", "Hsu"] {
            #expect(list.contains(words), "\(words)")
        }
        let adam = try workspace.succeed("algorithms adam").output
        #expect(adam.contains("bias-correction=none") && !adam.contains("nesterov"))
        let outcome = try workspace.tributary("algorithms fedprx")
        #expect(outcome.status == 64 && outcome.errors.hasPrefix("error: there is no algorithm"))
    }

    @Test func aRunFolderOfOneLetterIsFine() throws {
        let workspace = try Workspace()
        try workspace.succeed("simulate --dataset d.csv --clients 5 --rounds 2 --output q --quiet")
        try workspace.succeed("report q --output p")
        let outcome = try workspace.succeed("evaluate q")
        #expect(outcome.output.contains("40 test examples"))
    }
}
