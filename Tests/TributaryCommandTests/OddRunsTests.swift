import Foundation
import Testing

/// Runs at the edges of what a plan may say end well.
@Suite struct OddRunsTests {
    @Test(arguments: [
        "--clients 1", "--clients 160", "--clients 160 --cohort 160 --epochs 3",
        "--clients 100 --partition dirichlet:0.01",
        "--clients 10 --batch-size 100000", "--clients 10 --steps 3", "--clients 10 --algorithm fedsgd",
        "--clients 10 --selection all", "--clients 10 --selection poisson --fraction 0.0001",
        "--clients 10 --over-selection 10 --cohort 9", "--clients 10 --duplicate 1", "--client-column site",
        "--clients 10 --evaluate-every 0", "--clients 160 --holdout-test 0.5 --federated-every 1",
        "--clients 10 --baselines all", "--clients 1000000000 --partition resample:20 --cohort 2",
        "--clients 10 --workers 64", "--clients 10 --availability 0.01 --fraction 1", "--clients 10 --tensorboard",
    ])
    func theRunCompletes(_ flags: String) throws {
        let workspace = try Workspace()
        let outcome = try workspace.succeed("simulate --dataset d.csv --rounds 3 --output run \(flags)")
        #expect(outcome.output.contains("Completed"))
        #expect(try workspace.rounds("run").map(\.[0]) == ["1", "2", "3"])
        try workspace.succeed("report run")
    }

    @Test(arguments: [
        "--dropout 1", "--stall 1", "--garbage 1", "--not-finite 1", "--deadline 1ms", "--learning-rate 1e30",
    ])
    func aFederationThatOnlyFailsLeavesItsModelAlone(_ flags: String) throws {
        let workspace = try Workspace()
        try workspace.succeed("simulate --dataset d.csv --clients 10 --rounds 3 --output run --quiet \(flags)")
        let table = try workspace.text("run/rounds.csv").split(separator: "\n").dropFirst()
        #expect(table.allSatisfy { $0.contains(",abandoned,0,") }, "\(table)")
        #expect(Set(try workspace.rounds("run").map(\.[2])).count == 1, "the loss of an unchanged model changed")
    }

    @Test func everyFewRoundsMeansThoseAndTheLast() throws {
        let workspace = try Workspace()
        try workspace.succeed(
            "simulate --dataset d.csv --clients 10 --rounds 12 --evaluate-every 5 --output run --quiet")
        #expect(try workspace.rounds("run").filter { !$0[1].isEmpty }.map(\.[0]) == ["5", "10", "12"])
    }

    @Test func numbersCanBePredicted() throws {
        let workspace = try Workspace()
        let outcome = try workspace.succeed("simulate --dataset r.csv --clients 6 --rounds 5 --output run")
        #expect(outcome.output.contains("linear") && !outcome.output.contains("accuracy"))
        #expect(try workspace.succeed("evaluate run").output.contains("loss"))
    }

    @Test func aFolderOfTablesIsTrainedOnAndTestedOn() throws {
        let workspace = try Workspace()
        let lines = try workspace.text("d.csv").split(separator: "\n")
        try workspace.write("tables/train.csv", lines.prefix(151).joined(separator: "\n"))
        try workspace.write("tables/test.csv", ([lines[0]] + lines.dropFirst(151)).joined(separator: "\n"))
        let outcome = try workspace.succeed(
            "simulate --dataset csv --data-dir tables --clients 5 --rounds 2 --output run")
        #expect(outcome.output.hasPrefix("csv: 150 examples"))
        #expect(try workspace.succeed("evaluate run").output.contains("50 test examples"))
    }

    @Test func aModelIsScoredAsItWasInItsRun() throws {
        let workspace = try Workspace()
        try workspace.succeed("simulate --dataset d.csv --clients 5 --rounds 3 --output run --quiet")
        let score = try #require(workspace.rounds("run").last)[1]
        for model in [
            "run", "run/model.safetensors", "run/checkpoints/round-0000003.safetensors", "run --dataset d.csv",
        ] {
            #expect(try workspace.succeed("evaluate \(model)").output.contains("accuracy   \(score)\n"), "\(model)")
        }
        let foreign = try workspace.tributary("evaluate run --dataset r.csv")
        #expect(foreign.status == 64 && foreign.errors.contains("numbers"))
    }

    @Test func twelveRunsFitOnAPage() throws {
        let workspace = try Workspace()
        for seed in 1...12 {
            try workspace.succeed(
                "simulate --dataset d.csv --clients 5 --rounds 2 --seed \(seed) --output run\(seed) --quiet")
        }
        try workspace.succeed("report " + (1...12).map { "run\($0)" }.joined(separator: " "))
        #expect(workspace.exists("comparison.html"))
    }
}
