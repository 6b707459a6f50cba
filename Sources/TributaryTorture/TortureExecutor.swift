import Dispatch

/// Where worlds are played: apart from the threads that other tasks of the process share, which a world that never
/// suspends would hold up for as long as it is played.
final class TortureExecutor: TaskExecutor {
    static let shared = TortureExecutor()

    private let queue = DispatchQueue(label: "tributary.torture", qos: .utility, attributes: .concurrent)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
