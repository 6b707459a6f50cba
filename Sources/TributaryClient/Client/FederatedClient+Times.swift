import Synchronization
import TributaryCore

/// How long the client is at each part of a task, for runs that count energy. What it was at before a restart it says as far as it
/// was kept with the finished update.
extension FederatedClient {
    /// A part of the task at hand has taken until now.
    func noteTime(since start: Instant, at part: WritableKeyPath<WorkTimes, Double>) {
        let seconds = max(0, start.duration(to: clock.now).inSeconds)
        course.withLock { $0.times[keyPath: part] += seconds }
    }

    /// What is kept with a finished update: all but the time to send it. Nil if the task does not ask.
    func times(of task: TaskDescription) -> WorkTimes? {
        task.asksForTimes ? course.withLock { $0.times } : nil
    }

    /// A result with the time that it took to send its update, if the task asked for times.
    func withTimes(_ finished: FinishedTask) -> FinishedTask {
        guard case .trained(var update) = finished.result, update.times != nil else { return finished }
        update.times?.upload = course.withLock { $0.times.upload }
        return FinishedTask(id: finished.id, result: .trained(update))
    }
}
