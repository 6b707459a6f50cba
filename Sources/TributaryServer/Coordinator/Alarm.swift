import Synchronization
import TributaryCore

/// Something to wait for: an instant or a ring, whichever comes first. One task waits at a time; a ring that nobody waits
/// for is kept for the next that does.
final class Alarm: Sendable {
    private enum State {
        case silent
        case rung
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let clock: any CoordinatorClock
    private let state = Mutex(State.silent)

    init(clock: any CoordinatorClock) {
        self.clock = clock
    }

    /// Ends the wait.
    func ring() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard case .waiting(let waiter) = state else {
                state = .rung
                return nil
            }
            state = .silent
            return waiter
        }
        waiter?.resume()
    }

    /// Returns at the instant (nil: never), at a ring, or when the task is cancelled.
    func wait(until instant: Instant?) async {
        guard let instant else { return await waitForRing() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.waitForRing() }
            group.addTask { try? await self.clock.sleep(until: instant) }
            await group.next()
            group.cancelAll()
        }
    }

    private func waitForRing() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let goesOn = state.withLock { state in
                    if case .rung = state {
                        state = .silent
                        return true
                    }
                    if Task.isCancelled { return true }
                    state = .waiting(waiter)
                    return false
                }
                if goesOn { waiter.resume() }
            }
        } onCancel: {
            let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
                guard case .waiting(let waiter) = state else { return nil }
                state = .silent
                return waiter
            }
            waiter?.resume()
        }
    }
}
