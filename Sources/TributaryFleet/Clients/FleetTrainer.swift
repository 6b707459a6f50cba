import TributaryClient
import TributaryCore

/// The trainer of one life: does a task on the fleet's threads, if the client lives to see it.
struct FleetTrainer: LocalTrainer {
    let life: ClientLife

    func train(_ task: TaskDescription, from weights: [Float], progress: TaskProgress) async throws -> LocalUpdate {
        try await train(task, from: weights, correctedBy: [], progress: progress)
    }

    func train(
        _ task: TaskDescription, from weights: [Float], correctedBy correction: [Float], progress: TaskProgress
    ) async throws -> LocalUpdate {
        try await train(task, progress) { work, client in
            try work.train(task, client: client, from: weights, correctedBy: correction, holding: [])
        }
    }

    func train(
        _ task: TaskDescription, from weights: [Float], holding frozen: [Range<Int>], progress: TaskProgress
    ) async throws -> LocalUpdate {
        try await train(task, progress) { work, client in
            try work.train(task, client: client, from: weights, correctedBy: [], holding: frozen)
        }
    }

    func train(
        _ task: TaskDescription, from weights: [Float], mixing mixture: ModelMixture, progress: TaskProgress
    ) async throws -> (update: LocalUpdate, mixture: ModelMixture) {
        try await train(task, progress) { work, client in
            try work.train(task, client: client, from: weights, mixing: mixture)
        }
    }

    /// Trains on the fleet's threads, if the client lives to see it.
    private func train<Trained: Sendable>(
        _ task: TaskDescription, _ progress: TaskProgress,
        _ training: @escaping @Sendable (any ShardWork, Int) throws -> Trained
    ) async throws -> Trained {
        try await life.trainingBegins(task)
        let (client, resources) = (life.client.index, life.client.resources)
        let work = try resources.work.work(for: task)
        try await life.client.takeRoom(parameterCount: task.layout.count)
        let trained = try await resources.pool.run { try training(work, client) }
        progress.report(1)
        return trained
    }

    func evaluate(
        _ task: TaskDescription, weights: [Float], progress: TaskProgress
    ) async throws -> LocalEvaluation {
        let (client, resources) = (life.client.index, life.client.resources)
        let work = try resources.work.work(for: task)
        return try await resources.pool.run { try work.evaluate(client: client, weights: weights) }
    }

    func loss(_ task: TaskDescription, at weights: [Float]) async throws -> Double {
        let (client, resources) = (life.client.index, life.client.resources)
        let work = try resources.work.work(for: task)
        return try await resources.pool.run { try work.loss(client: client, at: weights) }
    }

    func gradient(_ task: TaskDescription, at weights: [Float]) async throws -> (loss: Double, gradient: [Float]) {
        let (client, resources) = (life.client.index, life.client.resources)
        let work = try resources.work.work(for: task)
        return try await resources.pool.run { try work.gradient(client: client, at: weights) }
    }
}
