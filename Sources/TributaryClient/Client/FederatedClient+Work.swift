import Crypto
import Synchronization
import TributaryCore
import TributaryMath
import TributaryWire

extension FederatedClient {
    /// Has the trainer do the task, and keeps what came of it. A failure gives the task back.
    func work(on task: TaskDescription, from weights: [Float], _ progress: TaskProgress) async throws {
        let start = clock.now
        let trainer = trainer
        do {
            let finished: FinishedTask
            switch task.id.kind {
            case .train:
                let update = try await withTaskExecutorPreference(TrainingExecutor.shared) {
                    try await trainer.train(task, from: weights, progress: progress)
                }
                finished = try await keep(update, of: task, from: weights)
            case .evaluate:
                let score = try await withTaskExecutorPreference(TrainingExecutor.shared) {
                    try await trainer.evaluate(task, weights: weights, progress: progress)
                }
                finished = try await keep(score, of: task)
            }
            tell { session, _, _ in session.worked(finished) }
            observer.observed(.worked(task.id, finished.result, start.duration(to: clock.now)))
        } catch {
            try Task.checkCancellation()
            // The app's own words may tell of its data: they stay here.
            giveUp(task.id, (error as? TaskFailure) ?? TaskFailure(.failed, "the work failed (\(type(of: error)))"))
        }
    }

    private func keep(
        _ update: LocalUpdate, of task: TaskDescription, from weights: [Float]
    ) async throws -> FinishedTask {
        let (store, closesAt) = (store, closesAt)
        course.withLock { $0.hasFreshUpdate = true }
        return try await blocking {
            let difference = try update.checkedDifference(from: weights, for: task)
            let writer = try store.makeUpdate()
            let blob = try Self.write(difference, as: task.updateEncoding, to: writer)
            let outcome = TrainingOutcome(
                exampleCount: min(update.exampleCount, task.exampleLimit), stepCount: max(0, update.stepCount),
                meanLoss: update.meanLoss)
            let trained = TrainedUpdate(blob: blob, outcome: outcome, metrics: update.metrics.asSent)
            let finished = FinishedTask(id: task.id, result: .trained(trained))
            try store.keep(StoredResult(finished: finished, closesAt: closesAt), update: writer)
            return finished
        }
    }

    private func keep(_ score: LocalEvaluation, of task: TaskDescription) async throws -> FinishedTask {
        guard score.evaluation.exampleCount > 0 else { throw TaskFailure(.noData, "no examples to score") }
        guard score.evaluation.lossSum.isFinite else { throw TaskFailure(.failed, "the loss is not finite") }
        let (store, closesAt) = (store, closesAt)
        let result = TaskResult.evaluated(score.evaluation, metrics: score.metrics.asSent)
        let finished = FinishedTask(id: task.id, result: result)
        try await blocking { try store.keep(StoredResult(finished: finished, closesAt: closesAt), update: nil) }
        return finished
    }

    /// When the round of the task at hand closes, in seconds since 1970.
    private var closesAt: Double {
        let left = course.withLock { clock.now.duration(to: $0.session.closesAt) }
        return clock.secondsSince1970 + left.inSeconds
    }

    /// Writes numbers piece by piece, so that their bytes are never held beside them.
    private static func write(
        _ values: [Float], as encoding: TensorEncoding, to writer: any UpdateWriter
    ) throws -> TensorBlob {
        let pieceCount = 64 << 10
        var piece = [UInt8](repeating: 0, count: pieceCount * encoding.bytesPerElement)
        var hash = SHA256()
        for start in stride(from: 0, to: values.count, by: pieceCount) {
            let part = start..<min(start + pieceCount, values.count)
            try piece.withUnsafeMutableBytes { piece in
                let bytes = UnsafeMutableRawBufferPointer(rebasing: piece[..<(part.count * encoding.bytesPerElement)])
                values.withUnsafeBufferPointer {
                    encoding.encode(UnsafeBufferPointer(rebasing: $0[part]), into: bytes)
                }
                hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
                try writer.append(UnsafeRawBufferPointer(bytes))
            }
        }
        guard let digest = BlobDigest(bytes: hash.finalize().map { $0 }) else {
            preconditionFailure("a SHA-256 of another length than 32 bytes")
        }
        return TensorBlob(digest: digest, byteCount: values.count * encoding.bytesPerElement, encoding: encoding)
    }
}

extension LocalUpdate {
    /// The update as the server takes it: local minus given model. Throws what the server would refuse.
    func checkedDifference(from weights: [Float], for task: TaskDescription) throws(TaskFailure) -> [Float] {
        guard exampleCount > 0 else { throw TaskFailure(.noData, "no examples to train on") }
        guard values.count == task.layout.count, weights.count == values.count else {
            throw TaskFailure(
                .failed, "the trainer returned \(values.count) values; the model has \(task.layout.count)")
        }
        guard meanLoss.isFinite else { throw TaskFailure(.failed, "the training loss is not finite") }
        var difference = values
        let largest: Float
        switch meaning {
        case .weights: largest = ModelDifference.replace(&difference, minus: weights).largest
        case .difference:
            // `max` of two floats passes over NaN; a sum does not.
            let sum = difference.reduce(0 as Float) { $0 + 0 * $1 }
            largest = sum.isNaN ? .nan : difference.reduce(0 as Float) { max($0, abs($1)) }
        }
        guard largest.isFinite else { throw TaskFailure(.failed, "the update has numbers that are not finite") }
        guard Double(largest) <= task.updateBound else {
            throw TaskFailure(
                .failed, "the update reaches \(largest), beyond the task's bound of \(task.updateBound)")
        }
        return difference
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
