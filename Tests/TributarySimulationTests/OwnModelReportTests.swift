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

    @Test(arguments: ["fine-tuning:epochs=4", "ditto:lambda=0.5"])
    func everyClientHasARowAndItsOwnModelIsBetter(part: String) async throws {
        var plan = Plan.everybody(rounds: 10)
        plan.data.test = 0.2
        try plan.set("strategy.personalisation", to: part)
        plan.evaluation.baselines = .local
        let trainer = QuadraticTrainer.random(seed: Seed(3), clients: 12, dimension: 4)
        let folder = try TemporaryFolder()
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
        let finished = try await run.run(observer: Silent())
        let last = try #require(RunFolder(folder.path).readRounds().last?.federated)
        let own = try #require(finished.baselines.first { $0.kind == .personal }?.federated)
        #expect(finished.baselines.map(\.kind) == [.local, .personal])
        #expect(own.clientCount == 12 && own.mean.loss < last.mean.loss)
        #expect(own.loss.jainIndex > 1 / 12.0 && own.loss.jainIndex <= 1)
        let lines = try String(contentsOfFile: folder.path + "/clients.csv", encoding: .utf8).split(separator: "\n")
        #expect(lines.first == "client,examples,global_loss,global_accuracy,own_loss,own_accuracy")
        var global = 0.0
        for line in lines.dropFirst() {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            let (before, after) = (try #require(Double(cells[2])), try #require(Double(cells[4])))
            // Descent from the global model; Ditto's own models have come another way.
            if part.hasPrefix("fine") { #expect(after <= before) }
            global += before
        }
        #expect(lines.count == 13 && abs(global / 12 - last.mean.loss) < 1e-9)
    }
}
