import Synchronization

/// Lets in only as much at a time as there is room for; the others wait in the order they came.
///
/// Who waits is bounded by who there is: a client waits at most once.
final class Turnstile: Sendable {
    private struct Waiter {
        var weight: Int
        /// Told whether it was let in.
        var continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var free: Int
        /// The first ticket that may still wait, and the next to be given out.
        var head: UInt64 = 0
        var next: UInt64 = 0
        var waiters: [UInt64: Waiter] = [:]

        /// Those that there is room for now, in their order.
        mutating func admit() -> [Waiter] {
            var admitted: [Waiter] = []
            while head < next {
                if let waiter = waiters[head] {
                    guard waiter.weight <= free else { break }
                    free -= waiter.weight
                    waiters[head] = nil
                    admitted.append(waiter)
                }
                head += 1
            }
            return admitted
        }
    }

    private let capacity: Int
    private let state: Mutex<State>

    /// Room for so much in all.
    init(capacity: Int) {
        self.capacity = max(1, capacity)
        state = Mutex(State(free: max(1, capacity)))
    }

    /// Waits for room and takes it; what is larger than all of it gets all. Returns what was taken, to be given back
    /// with `leave`. Throws when the task is cancelled.
    func enter(_ weight: Int = 1) async throws -> Int {
        let weight = min(max(weight, 1), capacity)
        let cancellation = Mutex<UInt64?>(nil)
        let isIn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let admitted = state.withLock { state in
                    let ticket = state.next
                    state.next += 1
                    state.waiters[ticket] = Waiter(weight: weight, continuation: continuation)
                    cancellation.withLock { $0 = ticket }
                    return state.admit()
                }
                for waiter in admitted { waiter.continuation.resume(returning: true) }
                // A cancellation before this point found no ticket.
                if Task.isCancelled { withdraw(cancellation.withLock { $0 }) }
            }
        } onCancel: {
            withdraw(cancellation.withLock { $0 })
        }
        guard isIn else { throw CancellationError() }
        return weight
    }

    /// Gives room back.
    func leave(_ weight: Int) {
        let admitted = state.withLock { state in
            state.free += weight
            return state.admit()
        }
        for waiter in admitted { waiter.continuation.resume(returning: true) }
    }

    private func withdraw(_ ticket: UInt64?) {
        guard let ticket else { return }
        let (waiter, admitted) = state.withLock { state in
            (state.waiters.removeValue(forKey: ticket), state.admit())
        }
        waiter?.continuation.resume(returning: false)
        for waiter in admitted { waiter.continuation.resume(returning: true) }
    }
}
