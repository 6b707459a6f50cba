import Synchronization
import TributaryClient
import TributaryCore
import TributaryLearning
import TributaryMath

/// Trains the shipped models on one shard: what stands between the network's client and local training.
final class ShardTrainer: LocalTrainer {
    private let data: LocalData
    /// The trainer of the model that was asked for last: the next task is for the same one, most often.
    private let last = Mutex<(key: Key, trainer: any PoolableTrainer)?>(nil)

    private struct Key: Equatable {
        var model: String
        var evaluationLimit: Int?
    }

    init(_ data: LocalData) {
        self.data = data
    }

    func train(_ task: TaskDescription, from weights: [Float], progress: TaskProgress) async throws -> LocalUpdate {
        try await train(task, from: weights, correctedBy: [], progress: progress)
    }

    func train(
        _ task: TaskDescription, from weights: [Float], correctedBy correction: [Float], progress: TaskProgress
    ) async throws -> LocalUpdate {
        var order = try order(task)
        let trainer = try trainer(for: task)
        guard correction.isEmpty || trainer.correctsGradients else {
            throw TaskFailure(
                .failed, "the task's method corrects gradients, which this model's training does not let it")
        }
        order.offset = correction
        var weights = weights
        let outcome = Self.train(order, with: trainer, &weights)
        progress.report(1)
        return LocalUpdate(weights, outcome)
    }

    func evaluate(
        _ task: TaskDescription, weights: [Float], progress: TaskProgress
    ) async throws -> LocalEvaluation {
        let evaluation = Self.evaluate(weights, with: try trainer(for: task), data)
        guard evaluation.exampleCount > 0 else {
            throw TaskFailure(.noData, "this client holds no examples out to score models on")
        }
        return LocalEvaluation(evaluation)
    }

    func loss(_ task: TaskDescription, at weights: [Float]) async throws -> Double {
        Self.loss(of: ClientID(index: data.client), at: weights, with: try trainer(for: task))
    }

    func gradient(_ task: TaskDescription, at weights: [Float]) async throws -> (loss: Double, gradient: [Float]) {
        Self.gradient(of: ClientID(index: data.client), at: weights, with: try trainer(for: task))
    }

    /// How local training goes in a task.
    func order(_ task: TaskDescription) throws -> TrainingTask {
        guard let solver = task.solver else { throw TaskFailure(.failed, "the task does not say how to train") }
        return TrainingTask(
            round: task.id.round, client: ClientID(index: data.client), solver: solver, seed: Seed(task.seed))
    }

    /// The trainer of the task's model on this data, if that is what the task's model is.
    func trainer(for task: TaskDescription) throws -> any PoolableTrainer {
        let key = Key(model: task.modelName, evaluationLimit: task.evaluationLimit)
        let known = last.withLock { $0?.key == key ? $0?.trainer : nil }
        let trainer = try known ?? makeTrainer(key)
        guard trainer.layout == task.layout else {
            throw TaskFailure(
                .failed,
                "the task's model (\(task.layout.count) parameters) is not what \(task.modelName) is on data of the form "
                    + "\(data.signature) (\(trainer.layout.count) parameters)")
        }
        last.withLock { $0 = (key, trainer) }
        return trainer
    }

    private func makeTrainer(_ key: Key) throws -> any PoolableTrainer {
        do {
            let limits = EvaluationLimits(testExamples: key.evaluationLimit, clientExamples: key.evaluationLimit)
            return try ModelSpec(parsing: key.model).makeTrainer(for: data.dataset, shards: data.shards, limits: limits)
        } catch {
            throw TaskFailure(.failed, "\(error)")
        }
    }

    static func train<T: Trainer>(
        _ task: TrainingTask, with trainer: T, _ weights: inout [Float]
    ) -> TrainingOutcome {
        var workspace = trainer.makeWorkspace()
        return trainer.train(task, weights: &weights, workspace: &workspace)
    }

    private static func loss<T: Trainer>(of client: ClientID, at weights: [Float], with trainer: T) -> Double {
        var workspace = trainer.makeWorkspace()
        return trainer.loss(of: client, at: weights, workspace: &workspace)
    }

    private static func gradient<T: Trainer>(
        of client: ClientID, at weights: [Float], with trainer: T
    ) -> (loss: Double, gradient: [Float]) {
        var workspace = trainer.makeWorkspace()
        var gradient: [Float] = []
        let loss = trainer.gradient(of: client, at: weights, into: &gradient, workspace: &workspace)
        return (loss, gradient)
    }

    private static func evaluate<T: Trainer>(_ weights: [Float], with trainer: T, _ data: LocalData) -> Evaluation {
        var workspace = trainer.makeWorkspace()
        var total = trainer.evaluate(client: ClientID(index: data.client), weights: weights, workspace: &workspace)
        // Who holds a whole file holds its test rows, too.
        guard total.exampleCount == 0, data.isWhole else { return total }
        for chunk in 0..<trainer.testChunkCount {
            total.merge(trainer.evaluateTest(chunk: chunk, weights: weights, workspace: &workspace))
        }
        return total
    }
}
