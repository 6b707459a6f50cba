import Synchronization

/// Why a call is to end before its time.
enum Interruption: Hashable, Sendable {
    /// The caller is gone.
    case disconnected
    /// The caller's bytes have stopped.
    case stalled
    /// The caller's bytes come so slowly that the connection could be used better.
    case tooSlow
    /// The caller's message has not come as a whole in the time that the server waits for one.
    case overdue
    /// The caller would not wait longer.
    case deadline
}

/// Tells one call that it is to end before its time. The first reason counts; the work is cancelled, and waited for.
final class CallSignal: Sendable {
    private enum State {
        case quiet
        case awaited(CheckedContinuation<Void, Never>)
        case fired(Interruption)
        case over
    }

    private let state = Mutex(State.quiet)

    /// Why the call was interrupted; nil if it was not.
    var reason: Interruption? {
        state.withLock { if case .fired(let reason) = $0 { reason } else { nil } }
    }

    /// Interrupts the call, if it is still on.
    func fire(_ reason: Interruption) {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            switch state {
            case .quiet:
                state = .fired(reason)
                return nil
            case .awaited(let waiter):
                state = .fired(reason)
                return waiter
            case .fired, .over:
                return nil
            }
        }
        waiter?.resume()
    }

    /// Does the work, and cancels it when the signal is fired.
    func run<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) async -> Value {
        await withTaskGroup(of: Value?.self) { group in
            group.addTask { await work() }
            group.addTask {
                await self.wait()
                return nil
            }
            var result: Value?
            while let finished = await group.next() {
                if let finished { result = finished }
                group.cancelAll()
            }
            guard let result else { preconditionFailure("a call ended without an answer") }
            return result
        }
    }

    /// Returns when the signal is fired or the task is cancelled.
    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard case .quiet = state else { return true }
                    state = .awaited(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
                switch state {
                case .quiet:
                    state = .over
                    return nil
                case .awaited(let waiter):
                    state = .over
                    return waiter
                case .fired, .over:
                    return nil
                }
            }
            waiter?.resume()
        }
    }
}
