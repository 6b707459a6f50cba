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
        try await life.trainingBegins(task)
        let (client, resources) = (life.client.index, life.client.resources)
        let work = try resources.work.work(for: task)
        try await life.client.takeRoom(parameterCount: task.layout.count)
        let update = try await resources.pool.run {
            try work.train(task, client: client, from: weights, correctedBy: correction)
        }
        progress.report(1)
        return update
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
