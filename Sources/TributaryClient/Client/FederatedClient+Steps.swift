import Synchronization
import TributaryCore
import TributaryWire

extension FederatedClient {
    /// Carries out a step that is not about the task at hand; false when the session is over.
    func perform(_ step: ClientSession.Step) async throws -> Bool {
        switch step {
        case .wait(let instant): try await wait(until: instant)
        case .register: try await register()
        case .renew: try await renew()
        case .poll: try await poll()
        case .forget(let id):
            try await forgetResult()
            observer.observed(.taskOver(id))
        case .end(.finished): return false
        case .end(.failed):
            throw course.withLock { $0.lastError } ?? ClientError(.malformed, "the client cannot go on")
        case .download, .work, .upload, .submit, .giveBack:
            preconditionFailure("a task's step outside of its task")
        }
        return true
    }

    /// Without a task a wait ends when the client is asked to stop.
    private func wait(until instant: Instant) async throws {
        let clock = clock
        if course.withLock({ $0.session.task }) == nil {
            _ = try await stopSignal.interrupting { try await clock.sleep(until: instant, for: .retry) }
        } else {
            try await clock.sleep(until: instant, for: .retry)
        }
    }

    private func poll() async throws {
        if case .decline(let reason, let retry) = await settings.conditions.check(nil) {
            observer.observed(.declined(nil, reason: reason))
            return tell { $0.held(back: retry, at: $1, stream: &$2) }
        }
        let (coordinator, credential) = (coordinator, credential)
        do {
            guard let answer = try await stopSignal.interrupting({ try await coordinator.poll(credential) }) else {
                return
            }
            guard answer.hasTask else {
                return tell { $0.nothingToDo(retry: RetryWindow(answer.retry), at: $1, stream: &$2) }
            }
            try await take(answer.task)
        } catch let error as ClientError {
            tell(error, of: .poll)
        }
    }

    private func take(_ message: WireTask) async throws {
        let task: TaskDescription
        do {
            task = try TaskDescription(message)
        } catch {
            guard let id = TaskID(message.id) else {
                throw ClientError(
                    .malformed, "\(coordinator.transport.server): gave a task that cannot be read (\(error.message))",
                    failure: .transient(nil))
            }
            // A newer server's task, perhaps: it shall know soon that it gets nothing.
            let failure = TaskFailure(.failed, "the task cannot be read: \(error.message)")
            return tell { session, now, _ in session.given(unreadable: id, failure, at: now) }
        }
        course.withLock { $0.times = WorkTimes() }
        tell { session, now, _ in session.given(task, at: now) }
        observer.observed(.taskReceived(task))
        if task.model.byteCount > settings.modelLimit {
            let text = "the model has \(task.model.byteCount) bytes; this client takes at most \(settings.modelLimit)"
            return giveUp(task.id, TaskFailure(.failed, text))
        }
        do throws(TaskFailure) {
            _ = try method(of: task)
            _ = try personalWork(of: task)
        } catch {
            return giveUp(task.id, error)
        }
        guard case .decline(let reason, let retry) = await settings.conditions.check(task) else { return }
        observer.observed(.declined(task.id, reason: reason))
        course.withLock { $0.declined = retry }
        giveUp(task.id, TaskFailure(.declined, reason))
    }

    func giveUp(_ id: TaskID, _ failure: TaskFailure) {
        tell { session, _, _ in session.gaveUp(on: id, failure) }
    }
}
