import TributaryCore

/// What scoring gave.
struct ScoredModels: Sendable {
    /// The score of the model that was given; where clients have heads of their own, under this one's.
    var global: LocalEvaluation
    /// That of the client's own model on the same examples; nil where clients have none.
    var own: Evaluation?
    /// The client's own model; nil where it has none, or none yet.
    var ownModel: [Float]?
}

extension FederatedClient {
    /// Scores the model and, where clients have models of their own, this client's. One that has nothing for itself yet, or has it
    /// no more, has the global model.
    func scored(_ task: TaskDescription, _ weights: [Float], _ progress: TaskProgress) async throws -> ScoredModels {
        guard let work = try personalWork(of: task) else {
            return ScoredModels(global: try await trainer.evaluate(task, weights: weights, progress: progress))
        }
        let own = try await ownModel(for: task, work, beside: weights, progress)
        if case .ownHead = work.personalisation {
            // The global head is nobody's: nobody trains it.
            let score = try await trainer.evaluate(task, weights: own ?? weights, progress: progress)
            return ScoredModels(global: score, own: score.evaluation, ownModel: own)
        }
        let global = try await trainer.evaluate(task, weights: weights, progress: progress)
        guard let own else { return ScoredModels(global: global, own: global.evaluation) }
        let score = try await trainer.evaluate(task, weights: own, progress: progress).evaluation
        guard score.exampleCount == global.evaluation.exampleCount else {
            throw TaskFailure(
                .failed,
                "the client's own model was scored on \(score.exampleCount) examples, and the global one on "
                    + "\(global.evaluation.exampleCount)")
        }
        return ScoredModels(global: global, own: score, ownModel: own)
    }

    /// The client's own model, given the global one; nil if it has nothing for itself.
    private func ownModel(
        for task: TaskDescription, _ work: PersonalWork, beside weights: [Float], _ progress: TaskProgress
    ) async throws -> [Float]? {
        if case .fineTuning = work.personalisation { return try await tuned(task, weights, progress) }
        guard let kept = try await remembered(for: task, nil, work).own else { return nil }
        switch work.personalisation {
        case .fineTuning, .ditto: return kept
        case .ownHead:
            var own = weights
            work.head.put(kept, into: &own)
            return own
        case .mixture(let share, let shareRate, _):
            var mixture = ModelMixture(memory: kept, shareRate: 0, solver: LocalSolver())
            if shareRate == 0 { mixture.share = share }
            return mixture.mixed(with: weights)
        }
    }

    /// The global model, trained further here; nil for a client with nothing to train on.
    private func tuned(
        _ task: TaskDescription, _ weights: [Float], _ progress: TaskProgress
    ) async throws -> [Float]? {
        let training = task.training(try personalSolver(for: task), "fine-tuning")
        do {
            let own = try await trainer.train(training, from: weights, progress: progress).model(
                from: weights, for: task)
            return own.allSatisfy(\.isFinite) ? own : nil
        } catch let failure as TaskFailure where failure.cause == .noData {
            return nil
        }
    }

    /// A model of the client's own as its app is to have it; nil if there is none, or the app wants none.
    func appModel(_ weights: [Float]?, of task: TaskDescription) -> PersonalModel? {
        guard settings.keepsPersonalModels else { return nil }
        return weights.map { PersonalModel(weights: $0, round: task.id.round) }
    }
}
