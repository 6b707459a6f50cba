import Synchronization
import TributaryClient
import TributaryCore

/// Goes the same way in every task, by four steps, and notes how its gradients were corrected.
final class NotingTrainer: LocalTrainer {
    private let noted = Mutex<[[Float]]>([])
    var corrections: [[Float]] { noted.withLock { $0 } }

    func train(
        _ task: TaskDescription, from weights: [Float], progress: TaskProgress
    ) async throws -> LocalUpdate {
        LocalUpdate(difference: [1, -2, 4], exampleCount: 20, stepCount: 4)
    }

    func train(
        _ task: TaskDescription, from weights: [Float], correctedBy correction: [Float], progress: TaskProgress
    ) async throws -> LocalUpdate {
        noted.withLock { $0.append(correction) }
        return try await train(task, from: weights, progress: progress)
    }
}
