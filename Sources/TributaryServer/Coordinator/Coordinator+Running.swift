import ServiceLifecycle
import Synchronization
import TributaryCore
import TributaryStore

extension Coordinator: Service {
    /// Runs until a graceful shutdown has drained what was begun, or the task is cancelled. Once only.
    package func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.workLoop() }
                group.addTask { await self.timerLoop() }
                group.addTask { await self.sweepLoop() }
                group.addTask { await self.reportLoop() }
                await self.drain()
                self.end()
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.close()
        }
        await writeReports(isLast: true)
        await setting.ledger.close()
    }

    /// Begins to go down: calls that wait are sent away with a retry window, no new rounds open, and what was begun comes
    /// to its end.
    package func close() {
        state.withLock { $0.isClosing = true }
        tell { $0.closing(at: $1) }
        draining.ring()
    }

    /// Whether calls are taken.
    package var isReady: Bool { state.withLock { !$0.isClosing && !$0.isOver } }

    /// Tells the machine of instants that it waits for.
    private func timerLoop() async {
        while !Task.isCancelled {
            let next = state.withLock { state in
                state.armed = state.machine.nextDeadline
                return state.armed
            }
            if let next, setting.clock.now() >= next {
                tell { $0.timeAdvanced(to: $1) }
            } else {
                await timer.wait(until: next)
            }
        }
    }

    /// Returns when the coordinator goes down and nothing is under way any more, or there is no more time to wait.
    private func drain() async {
        var limit: Instant?
        while !Task.isCancelled {
            let (isClosing, isBusy) = state.withLock { state in
                (state.isClosing, state.machine.isBusy || state.work.count > 0)
            }
            if isClosing {
                let now = setting.clock.now()
                let end = limit ?? now.advanced(by: setting.drainLimit)
                limit = end
                if !isBusy || end <= now { return }
            }
            await draining.wait(until: limit)
        }
    }

    /// Nothing is done from now on: those who still wait are told so.
    private func end() {
        let waiters = state.withLock { state in
            state.isOver = true
            state.work.finish()
            defer { state.waiters = [:] }
            return state.waiters
        }
        let window = setting.settings.pace.busy(population: 0)
        for waiter in waiters.values { waiter.resume(returning: .refused(.closing(window))) }
    }
}
