import Foundation
import Testing

/// A command line that cannot be followed, the status it must end with, and words its one line must have.
struct Mistake: Sendable, CustomTestStringConvertible {
    let line: String
    let status: Int32
    let words: [String]

    init(_ line: String, _ status: Int32, _ words: String...) {
        (self.line, self.status, self.words) = (line, status, words)
    }

    var testDescription: String { line }
}

@Suite struct RefusalTests {
    private static let data = [
        Mistake("simulate", 64, "--dataset"),
        Mistake("simulate --dataset nope.csv", 66, "nope.csv"),
        Mistake("simulate --dataset folder", 64, "--data-dir"),
        Mistake("simulate --dataset fashon-mnist", 64, "fashion-mnist"),
        Mistake("simulate --dataset csv", 64, "file"),
        Mistake("simulate --dataset csv --file folder", 74, "folder"),
        Mistake("simulate --dataset csv --data-dir folder", 66, "train.csv"),
        Mistake("simulate --dataset csv --data-dir nope", 66, "nope"),
        Mistake("simulate --dataset mnist --data-dir nope", 66, "nope"),
        Mistake("simulate --dataset d.csv --label zzz", 64, "zzz", "columns"),
        Mistake("simulate --dataset d.csv --test-file r.csv", 65, "r.csv"),
        Mistake("simulate --dataset d.csv --partition shrads:2", 64, "shards"),
        Mistake("simulate --dataset d.csv --partition dirichlet:nan", 64, "nan"),
        Mistake("simulate --dataset d.csv --clients 99999999999999999999", 64, "--clients"),
        Mistake("simulate --dataset d.csv --clients 5000", 64, "160 examples"),
        Mistake("simulate --dataset r.csv --clients 5 --early-stop 0.5", 64, "stop.accuracy"),
    ]

    private static let numbers = [
        Mistake("--rounds -1", 64, "--rounds", "-1"),
        Mistake("--rounds 1e3", 64, "--rounds"),
        Mistake("--rounds", 64, "--rounds"),
        Mistake("--rouns 3", 64, "--rounds"),
        Mistake("--seed 99999999999999999999", 64, "--seed"),
        Mistake("--learning-rate nan", 64, "--learning-rate"),
        Mistake("--learning-rate inf", 64, "--learning-rate"),
        Mistake("--learning-rate -0.1", 64, "--learning-rate", "-0.1"),
        Mistake("--update-bound 1e308", 64, "--update-bound"),
        Mistake("--fraction 0", 64, "--fraction"),
        Mistake("--fraction 1.5", 64, "--fraction"),
        Mistake("--fraction 0.5 --cohort 2", 64, "cohort.fraction", "cohort.count"),
        Mistake("--cohort 6", 64, "6", "5 clients"),
        Mistake("--cohort 2 --quorum 3", 64, "quorum"),
        Mistake("--epochs 2 --steps 3", 64, "epochs", "steps"),
        Mistake("--deadline -1s", 64, "--deadline"),
        Mistake("--algorithm fedadm", 64, "--algorithm", "fedadam"),
        Mistake("--server-optimiser adm", 64, "strategy.optimiser", "adam"),
        Mistake("--server-optimiser adam:tau=0", 64, "strategy.optimiser", "tau"),
        Mistake("--server-optimiser adam:", 64, "--server-optimiser"),
        Mistake("--algorithm fedadam --server-optimiser yogi", 64, "algorithm fedadam", "yogi"),
        Mistake("--dropout 2", 64, "--dropout"),
        Mistake("--model mpl:20", 64, "mlp"),
        Mistake("--model mlp:99999999999999999999", 64, "mlp"),
        Mistake("--set rouns=3", 64, "rounds"),
        Mistake("--set cohort.cont=3", 64, "cohort.count"),
        Mistake("--workers -1", 64, "--workers"),
        Mistake("--workers x", 64, "--workers"),
        Mistake("--output d.csv", 74, "d.csv"),
        Mistake("--output d.csv/x", 74, "d.csv"),
        Mistake("--output /proc/nope/x", 74, "/proc"),
        Mistake("--output=", 64, "folder"),
        Mistake("--resume", 64, "--resume"),
        Mistake("--resume nope", 66, "nope"),
        Mistake("extra", 64, "extra"),
    ].map { Mistake("simulate --dataset d.csv --clients 5 \($0.line)", $0.status, $0.words) }

    private static let others = [
        Mistake("simulat", 64, "simulate"),
        Mistake("datasets inf", 64, "info"),
        Mistake("datasets info nope", 64, "nope"),
        Mistake("datasets partition", 64, "--dataset"),
        Mistake("datasets partition d.csv --rows -1", 64, "--rows"),
        Mistake("datasets partition d.csv --clients 0", 64, "--clients"),
        Mistake("datasets partition d.csv --svg folder", 74, "folder"),
        Mistake("datasets partition d.csv --svg nope/x.svg", 74, "nope/x.svg:"),
        Mistake("plan --plan nope.yaml", 66, "nope.yaml"),
        Mistake("plan --plan folder", 74, "folder"),
        Mistake("plan --fraction 0.5 --cohort 2", 64, "cohort.count"),
        Mistake("report", 64, "run"),
        Mistake("report nope", 66, "nope"),
        Mistake("report folder", 66, "run.json"),
        Mistake("report 1 2 3 4 5 6 7 8 9 10 11 12 13", 64, "12"),
        Mistake("evaluate", 64, "model"),
        Mistake("evaluate nope", 66, "nope"),
        Mistake("evaluate folder", 66, "model.safetensors"),
        Mistake("evaluate d.csv", 65, "d.csv"),
    ]

    @Test(arguments: data + numbers + others)
    func aMistakeIsAnsweredInOneLineAndLeavesNothingBehind(_ mistake: Mistake) throws {
        let workspace = try Workspace()
        try workspace.write("folder/note.txt", "not a run")
        let before = workspace.snapshot()
        let outcome = try workspace.tributary(mistake.line)
        #expect(outcome.status == mistake.status)
        #expect(outcome.errors.hasPrefix("error: "))
        #expect(outcome.errors.hasSuffix("\n") && outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
        for word in mistake.words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
        #expect(outcome.output.isEmpty)
        #expect(workspace.snapshot() == before)
    }

    @Test func aFolderThatHoldsARunIsLeftAlone() throws {
        let workspace = try Workspace()
        try workspace.succeed("simulate --dataset d.csv --clients 5 --rounds 2 --output run --quiet")
        let before = workspace.snapshot()
        let outcome = try workspace.tributary("simulate --dataset d.csv --clients 5 --rounds 2 --output run")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("--overwrite"))
        #expect(workspace.snapshot() == before)
    }

    @Test func aNameWithALineBreakIsStillOneLine() throws {
        let outcome = try Workspace().tributary("simulate --dataset", more: ["a\nb.csv"])
        #expect(outcome.status == 66)
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }
}

extension Mistake {
    fileprivate init(_ line: String, _ status: Int32, _ words: [String]) {
        (self.line, self.status, self.words) = (line, status, words)
    }
}
