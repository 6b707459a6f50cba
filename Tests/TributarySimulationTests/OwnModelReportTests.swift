import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryReports
import TributarySimulation
import TributaryTesting

/// What a run's folder says of clients' own models.
@Suite struct OwnModelReportTests {
    private struct Silent: RunObserver {}
    private let trainer = QuadraticTrainer(
        clients: QuadraticTrainer.random(seed: Seed(3), clients: 12, dimension: 4).clients, dimension: 4, headLength: 1)

    @Test(arguments: ["fine-tuning:epochs=4", "ditto:lambda=0.5", "fedper", "fedrep:head-epochs=2", "apfl"])
    func everyClientHasARowAndItsOwnModelIsBetter(part: String) async throws {
        let folder = try TemporaryFolder()
        let finished = try await run(part, in: folder)
        let last = try #require(RunFolder(folder.path).readRounds().last?.federated)
        let own = try #require(finished.baselines.first { $0.kind == .personal }?.federated)
        #expect(finished.baselines.map(\.kind) == [.local, .personal])
        let rows = try rows(folder)
        let global = rows.reduce(0) { $0 + $1.global } / 12
        #expect(rows.count == 12 && own.clientCount == 12 && own.mean.loss < global)
        // A base is evaluated under its clients' heads, having none of its own.
        let scored = part.hasPrefix("fed") ? own.mean.loss : global
        #expect(abs(scored - last.mean.loss) < 1e-9)
        #expect(own.loss.jainIndex > 1 / 12.0 && own.loss.jainIndex <= 1)
        // Descent from the global model; Ditto's own models have come another way.
        if part.hasPrefix("fine") { #expect(rows.allSatisfy { $0.own <= $0.global }) }
        #expect(abs(rows.reduce(0) { $0 + $1.own } / 12 - own.mean.loss) < 1e-9)
        let page = try String(contentsOfFile: folder.path + "/report.html", encoding: .utf8)
        for words in ["own model, beside the federation", "Best tenth", "Variance", "Jain"] {
            #expect(page.contains(words))
        }
    }

    /// A mixture with nothing of its own is the global model; with nothing shared, what each client gets alone.
    @Test(arguments: [0, 1])
    func theEndsOfAPFLAreTheGlobalModelAndLocalTraining(alpha: Int) async throws {
        let folder = try TemporaryFolder()
        let finished = try await run("apfl:alpha=\(alpha),adaptive=false", in: folder)
        if alpha == 0 {
            #expect(try rows(folder).allSatisfy { $0.own == $0.global })
        } else {
            let losses = finished.baselines.compactMap { $0.federated?.loss }
            #expect(losses.count == 2 && losses[0] == losses[1])
        }
    }

    /// A client's own model is the shared base under its own head.
    @Test func ownHeadsAreOnTheFinalBase() async throws {
        let folder = try TemporaryFolder()
        _ = try await run("fedper", in: folder)
        let base = try ModelFile(reading: folder.path + "/model.safetensors").weights.values
        #expect(base[3] == 0)
        for (client, row) in zip(trainer.clients, try rows(folder)) {
            // Ten rounds of one step, with everybody in each.
            let head = (0..<10).reduce(0.0) { x, _ in x - 0.1 * client.curvature * (x - client.centre) }
            let errors = (base[..<3].map(Double.init) + [head]).map { $0 - client.centre }
            let loss = client.curvature / 2 * errors.reduce(0.0) { $0 + $1 * $1 }
            #expect(abs(loss - row.own) < 1e-4 * max(1, loss))
        }
    }

    private func run(_ part: String, in folder: TemporaryFolder) async throws -> RunRecord {
        var plan = Plan.everybody(rounds: 10)
        plan.data.test = 0.2
        try plan.set("strategy.personalisation", to: part)
        plan.evaluation.baselines = .local
        let record = RunRecord(
            version: "test", name: "own models", seed: 1, plan: plan.text,
            data: .init(
                set: "quadratic", trainExamples: 12, testExamples: 3, classes: nil, clients: 12, partition: "none",
                shardSizes: nil),
            model: .init(name: "vector", parameters: 4),
            machine: .init(
                processor: "", cores: 1, memoryBytes: 1, system: "", swift: "", blas: "", workers: 1))
        let setting = SimulationSetting(folder: RunFolder(folder.path), record: record, workers: 2)
        var run = try SimulationRun(plan: plan, trainer: trainer, setting: setting)
        return try await run.run(observer: Silent())
    }

    private func rows(_ folder: TemporaryFolder) throws -> [(global: Double, own: Double)] {
        let lines = try String(contentsOfFile: folder.path + "/clients.csv", encoding: .utf8).split(separator: "\n")
        #expect(lines.first == "client,examples,global_loss,global_accuracy,own_loss,own_accuracy")
        return try lines.dropFirst().map { line in
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            return (try #require(Double(cells[2])), try #require(Double(cells[4])))
        }
    }
}
