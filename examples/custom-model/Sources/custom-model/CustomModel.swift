import TributaryCore
import TributaryLearning
import TributaryMath
import TributaryReports
import TributarySimulation

/// Trains a model of our own on weather stations that never show one another their data.
@main
enum CustomModel {
    static func main() async throws {
        let plan = makePlan()
        // The data, dealt out as nature has it: a station is a client.
        let seed = Seed(plan.seed)
        let dataset = Stations.dataset(stations: 20, daysEach: 200, seed: seed)
        let shards = try Partitioning.natural.makeShards(dataset, clients: nil, holdOut: .none, seed: seed)
        let trainer = try ModelTrainer(model: QuadraticModel(), dataset: dataset, shards: shards)

        // The run, with the usual output folder. To train without one, ask a `Federation` for its rounds:
        //     var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
        //     while let round = await federation.next() { … }
        let folder = RunFolder("runs/stations")
        let record = RunRecord(
            version: "custom-model", name: plan.name ?? plan.model, seed: plan.seed, plan: plan.text,
            data: RunRecord.Data(
                set: dataset.name, trainExamples: dataset.train.count, testExamples: dataset.test?.count ?? 0,
                classes: 2, clients: shards.clientCount, partition: "natural", shardSizes: nil),
            model: RunRecord.Model(name: plan.model, parameters: trainer.layout.count),
            machine: .current(workers: 2))
        let setting = SimulationSetting(folder: folder, record: record, workers: 2)
        var run = try SimulationRun(plan: plan, trainer: trainer, setting: setting)
        let finished = try await run.run(observer: Lines())
        print("\(finished.status.rawValue) after \(finished.totals.rounds) rounds; report: \(folder.reportPath)")
    }

    /// The same fields as in a plan file; what is not said keeps its default.
    private static func makePlan() -> Plan {
        var plan = Plan()
        plan.name = "Storms at twenty stations"
        plan.data.set = "stations"
        plan.model = "quadratic"
        plan.rounds = 20
        plan.cohort.fraction = 0.5
        plan.cohort.overSelection = 1.2
        plan.local.epochs = 5
        plan.local.learningRate = 0.3
        plan.faults.duringTraining = 0.1
        return plan
    }
}

/// Prints a line a round.
struct Lines: RunObserver {
    func roundEnded(_ round: RoundSummary, in record: RunRecord) {
        let accuracy = round.test?.accuracy ?? .nan
        print("round \(round.round.rawValue): test accuracy \(accuracy), \(round.participation.reported) stations")
    }
}
