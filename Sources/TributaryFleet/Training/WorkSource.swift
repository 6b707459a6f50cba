import Synchronization
import TributaryClient
package import TributaryCore
public import TributaryLearning

/// Finds the work that a task asks for.
package protocol WorkSource: Sendable {
    /// The clients that hold data.
    var clientCount: Int { get }

    /// The work on the task's model; throws if that does not fit the data.
    func work(for task: TaskDescription) throws(TaskFailure) -> any ShardWork
}

/// The shipped models on one data set, dealt out to clients: each model is made once, when a task first names it.
public final class SharedWork: WorkSource {
    private struct Key: Hashable {
        var model: String
        var evaluationLimit: Int?
    }

    private let dataset: Dataset
    private let shards: any ShardSource
    private let made = Mutex<[Key: any ShardWork]>([:])

    /// Work on a data set's shards.
    public init(_ dataset: Dataset, shards: any ShardSource) {
        (self.dataset, self.shards) = (dataset, shards)
    }

    /// The clients that hold data.
    public var clientCount: Int { shards.clientCount }

    package func work(for task: TaskDescription) throws(TaskFailure) -> any ShardWork {
        let key = Key(model: task.modelName, evaluationLimit: task.evaluationLimit)
        let work: any ShardWork
        if let known = made.withLock({ $0[key] }) { work = known } else { work = try make(key) }
        guard work.layout == task.layout else {
            throw TaskFailure(
                .failed,
                "the task's model has \(task.layout.count) parameters; \(task.modelName) has \(work.layout.count) on "
                    + dataset.name)
        }
        return work
    }

    private func make(_ key: Key) throws(TaskFailure) -> any ShardWork {
        let limits = EvaluationLimits(testExamples: key.evaluationLimit, clientExamples: key.evaluationLimit)
        do {
            let trainer = try ModelSpec(parsing: key.model).makeTrainer(for: dataset, shards: shards, limits: limits)
            let work = Self.work(of: trainer)
            // Two that came at once share what the first one made.
            return made.withLock { made in
                let kept = made[key] ?? work
                made[key] = kept
                return kept
            }
        } catch {
            throw TaskFailure(.failed, "\(error)")
        }
    }

    private static func work(of trainer: some Trainer) -> any ShardWork { TrainerWork(trainer) }
}

/// Always the same work, whatever the task calls its model.
package struct OneTrainer<T: Trainer>: WorkSource {
    private let shared: TrainerWork<T>
    package let clientCount: Int

    /// The work of a trainer.
    package init(_ trainer: T) {
        shared = TrainerWork(trainer)
        clientCount = trainer.clientCount
    }

    package func work(for task: TaskDescription) throws(TaskFailure) -> any ShardWork { shared }
}
