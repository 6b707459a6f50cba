import Dispatch

/// Where trainers compute: apart from the threads that carry heartbeats and transfers, which a trainer that never
/// suspends would otherwise hold up. One for the whole process, with as many threads as trainers are at work.
final class TrainingExecutor: TaskExecutor {
    static let shared = TrainingExecutor()

    private let queue = DispatchQueue(label: "tributary.training", qos: .utility, attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
