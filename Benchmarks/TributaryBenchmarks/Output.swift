import Benchmark
import Foundation
import TributaryCore
import TributaryLearning
import TributaryMath
import TributaryReports
import TributarySimulation

/// What a run does beside its rounds: load data, store its model, render its report.
func measureOutput() {
    Benchmark("Load Fashion-MNIST, checked and decompressed", configuration: .init(maxIterations: 10)) { _ in
        blackHole(try DatasetLoader.load(DatasetRequest(name: "fashion-mnist")))
    }
    Benchmark("Write a model file of 10 M parameters", configuration: .init(maxIterations: 10)) { _, model in
        blackHole(try model.write(to: modelPath))
    } setup: {
        let layout = TensorLayout([(name: "weights", shape: [10_000_000])])
        return ModelFile(
            weights: Weights(zeros: layout), model: "benchmark", dataset: "none", round: RoundNumber(1),
            version: ModelVersion(1))
    } teardown: {
        try? FileManager.default.removeItem(atPath: modelPath)
    }
    Benchmark("Render the report of 1,000 rounds") { _, run in
        blackHole(RunReport(record: run.record, rounds: run.rounds).html())
    } setup: {
        try await finishedRun(rounds: 1_000)
    }
}

private let modelPath = FileManager.default.temporaryDirectory.path + "/tributary-benchmark.safetensors"

/// A run of small rounds, without its folder.
private func finishedRun(rounds: Int) async throws -> (record: RunRecord, rounds: [RoundSummary]) {
    func play(_ trainer: some PoolableTrainer, _ plan: Plan) async throws -> [RoundSummary] {
        var federation = try Federation(plan: plan, trainer: trainer, workers: 1)
        var summaries: [RoundSummary] = []
        while let summary = await federation.next() { summaries.append(summary) }
        return summaries
    }
    var plan = Plans.tiny()
    plan.rounds = rounds
    plan.cohort.count = 10
    plan.evaluation.every = 1
    let assembly = try Assembly(plan)
    let summaries = try await play(assembly.trainer, assembly.plan)
    var record = assembly.makeRecord(version: "benchmark", workers: 1)
    for summary in summaries { record.add(summary) }
    return (record, summaries)
}
