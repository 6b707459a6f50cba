import Crypto
import Synchronization
import TributaryCore
import TributaryMath
import TributaryWire

/// What came down for a task.
struct GivenModel: Sendable {
    /// The model.
    var weights: [Float] = []
    /// The vectors that its method sends with it, one after another.
    var sent: [Float] = []
}

extension FederatedClient {
    /// Has the trainer do the task, and keeps what came of it. A failure gives the task back.
    func work(on task: TaskDescription, from given: GivenModel, _ progress: TaskProgress) async throws {
        let start = clock.now
        do {
            let finished: FinishedTask
            switch task.id.kind {
            case .train:
                let update = try await withTaskExecutorPreference(TrainingExecutor.shared) {
                    let update = try await trainedUpdate(for: task, from: given, progress)
                    return try task.localNoise.map { request in try update.protected(as: request) } ?? update
                }
                noteTime(since: start, at: \.training)
                finished = try await keep(update, of: task)
            case .evaluate:
                let score = try await withTaskExecutorPreference(TrainingExecutor.shared) {
                    try await scored(task, given.weights, progress)
                }
                finished = try await keep(score, of: task)
            case .measure:
                let loss = try await withTaskExecutorPreference(TrainingExecutor.shared) {
                    try await trainer.loss(task, at: given.weights)
                }
                guard loss.isFinite else { throw TaskFailure(.failed, "the loss is not finite") }
                finished = try await keep(.measured(loss: loss), of: task)
            }
            tell { session, _, _ in session.worked(finished) }
            observer.observed(.worked(task.id, finished.result, start.duration(to: clock.now)))
        } catch {
            try Task.checkCancellation()
            // The app's own words may tell of its data: they stay here.
            let failure = (error as? TaskFailure) ?? TaskFailure(.failed, "the work failed (\(type(of: error)))")
            giveUp(task.id, task.told(failure))
        }
    }

    private func keep(_ update: LocalUpdate, of task: TaskDescription) async throws -> FinishedTask {
        let (closesAt, times) = (closesAt, times(of: task))
        let message = try await message(of: update, for: task)
        try await keepMemory(of: update, for: task)
        course.withLock { $0.hasFreshUpdate = true }
        let ownModel = appModel(update.ownModel, of: task)
        do {
            return try await storing { store in
                let writer = try store.makeUpdate()
                let digest = try message.content.digest { try writer.append($0) }
                if let ownModel { try store.keepPersonalModel(ownModel, of: task.id.run, isPending: true) }
                let finished = update.finished(task, message, digest: digest, times)
                let result = StoredResult(finished: finished, closesAt: closesAt)
                try store.keep(result, update: writer, residual: message.residual)
                return finished
            }
        } catch let error as ClientError {
            observer.observed(.stateNotKept(error))
            // A client that was killed after it had sent such an update would make another, with other noise.
            guard task.localNoise == nil else { throw TaskFailure(.failed, "the update could not be kept") }
            // What was worked out is not lost for a full disk: it is sent from memory.
            course.withLock { $0.unkeptUpdate = message.content }
            return update.finished(task, message, digest: try await blocking { try message.content.digest() }, times)
        }
    }

    private func keep(_ score: ScoredModels, of task: TaskDescription) async throws -> FinishedTask {
        let (global, own) = (score.global.evaluation, score.own)
        guard global.exampleCount > 0 else { throw TaskFailure(.noData, "no examples to score") }
        guard global.lossSum.isFinite, own?.lossSum.isFinite ?? true else {
            throw TaskFailure(.failed, "the loss is not finite")
        }
        let result = TaskResult.evaluated(global, metrics: score.global.metrics.asSent, own: own)
        return try await keep(result, ownModel: appModel(score.ownModel, of: task), of: task)
    }

    /// Keeps a result without an update, and the client's own model that came with it.
    private func keep(
        _ result: TaskResult, ownModel: PersonalModel? = nil, of task: TaskDescription
    ) async throws -> FinishedTask {
        let closesAt = closesAt
        let finished = FinishedTask(id: task.id, result: result)
        do {
            let kept = StoredResult(finished: finished, closesAt: closesAt)
            try await storing { store in
                try store.keep(kept, update: nil, residual: nil)
                if let ownModel { try store.keepPersonalModel(ownModel, of: task.id.run, isPending: false) }
            }
        } catch let error as ClientError {
            observer.observed(.stateNotKept(error))
        }
        return finished
    }

    /// When the round of the task at hand closes, in seconds since 1970.
    private var closesAt: Double {
        let left = course.withLock { clock.now.duration(to: $0.session.closesAt) }
        return clock.secondsSince1970 + left.inSeconds
    }
}

extension LocalUpdate {
    /// Makes it local minus given model, in the memory that the trainer returned; returns its largest magnitude. Throws what no
    /// update can be made of.
    mutating func makeDifference(from weights: [Float], for task: TaskDescription) throws(TaskFailure) -> Float {
        guard exampleCount > 0 else { throw TaskFailure(.noData, "no examples to train on") }
        guard values.count == task.layout.count, weights.count == values.count else {
            throw TaskFailure(
                .failed, "the trainer returned \(values.count) values; the model has \(task.layout.count)")
        }
        guard meanLoss.isFinite else { throw TaskFailure(.failed, "the training loss is not finite") }
        guard meaning == .weights else { return largest }
        meaning = .difference
        return ModelDifference.replace(&values, minus: weights).largest
    }

    /// The largest magnitude of a value; NaN if one is.
    var largest: Float {
        // `max` of two floats passes over NaN; a sum does not.
        let sum = values.reduce(0 as Float) { $0 + 0 * $1 }
        return sum.isNaN ? .nan : values.reduce(0 as Float) { max($0, abs($1)) }
    }

    /// Throws what the server would refuse.
    func check(largest: Float, for task: TaskDescription) throws(TaskFailure) {
        guard largest.isFinite else { throw TaskFailure(.failed, "the update has numbers that are not finite") }
        guard Double(largest) <= task.updateBound else {
            throw TaskFailure(
                .failed, "the update reaches \(largest), beyond the task's bound of \(task.updateBound)")
        }
    }

    /// What training gave, as it is told to the server.
    func outcome(for task: TaskDescription) -> TrainingOutcome {
        TrainingOutcome(
            exampleCount: min(exampleCount, task.exampleLimit), stepCount: max(0, stepCount), meanLoss: meanLoss)
    }

    /// The result that is handed in, once its bytes have the given digest.
    fileprivate func finished(
        _ task: TaskDescription, _ message: UpdateMessage, digest: BlobDigest, _ times: WorkTimes?
    ) -> FinishedTask {
        let blob = UpdateBlob(digest: digest, byteCount: message.content.byteCount, encoding: message.encoding)
        var update = TrainedUpdate(
            blob: blob, outcome: outcome(for: task), metrics: metrics.asSent, method: report,
            localNoise: task.localNoise, encodingError: message.error)
        update.times = times
        return FinishedTask(id: task.id, result: .trained(update))
    }
}

extension [String: Double] {
    /// As many metrics as a server takes, and only those that it can read.
    fileprivate var asSent: [String: Double] {
        let good = filter { (1...WireLimits.metricNameBytes).contains($0.key.utf8.count) && $0.value.isFinite }
        guard good.count > WireLimits.metrics else { return good }
        let kept = good.keys.sorted().prefix(WireLimits.metrics)
        return good.filter { kept.contains($0.key) }
    }
}
