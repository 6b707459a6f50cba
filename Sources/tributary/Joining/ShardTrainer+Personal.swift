import TributaryClient
import TributaryCore

/// Training where the client has something for itself.
extension ShardTrainer {
    func train(
        _ task: TaskDescription, from weights: [Float], holding frozen: [Range<Int>], progress: TaskProgress
    ) async throws -> LocalUpdate {
        var order = try order(task)
        let trainer = try trainer(for: task)
        guard trainer.freezesCoordinates else {
            throw TaskFailure(
                .failed, "the task has a part of the model held still, which this model's training does not let it")
        }
        order.frozen = frozen
        var weights = weights
        let outcome = Self.train(order, with: trainer, &weights)
        progress.report(1)
        return LocalUpdate(weights, outcome)
    }

    func train(
        _ task: TaskDescription, from weights: [Float], mixing mixture: ModelMixture, progress: TaskProgress
    ) async throws -> (update: LocalUpdate, mixture: ModelMixture) {
        let order = try order(task)
        var (weights, mixture) = (weights, mixture)
        guard let outcome = Self.train(order, with: try trainer(for: task), &weights, &mixture) else {
            throw TaskFailure(
                .failed, "the task trains two models step by step, which this model's training does not let it")
        }
        progress.report(1)
        return (LocalUpdate(weights, outcome), mixture)
    }

    /// Nil for a trainer that cannot.
    private static func train<T: Trainer>(
        _ task: TrainingTask, with trainer: T, _ weights: inout [Float], _ mixture: inout ModelMixture
    ) -> TrainingOutcome? {
        guard let mixer = trainer as? any MixtureTrainer<T.Workspace> else { return nil }
        var workspace = trainer.makeWorkspace()
        return mixer.train(task, weights: &weights, mixture: &mixture, workspace: &workspace)
    }
}

extension LocalUpdate {
    /// What a trainer came to.
    init(_ weights: [Float], _ outcome: TrainingOutcome) {
        self.init(
            weights: weights, exampleCount: outcome.exampleCount, stepCount: outcome.stepCount,
            meanLoss: outcome.meanLoss)
    }
}
