import NIOCore
import Synchronization

/// Watches that the bytes of a transfer move: it fails when they stop, or come too slowly to be meant seriously, not
/// when it takes long. Time in which the transfer waits for the server's own disk does not count.
final class TransferClock: Sendable {
    private struct State {
        var waitingSince: NIODeadline?
        var waited = TimeAmount.zero
        var byteCount = 0
    }

    private let state = Mutex(State())
    private let progress: TimeAmount
    private let window: TimeAmount
    private let slowestRate: Int
    private let onTrouble: @Sendable (Interruption) -> Void

    /// A clock that tells `onTrouble`, perhaps more than once.
    init(_ timeouts: HTTPTimeouts, onTrouble: @escaping @Sendable (Interruption) -> Void) {
        progress = TimeAmount(timeouts.progress)
        window = TimeAmount(timeouts.slowWindow)
        slowestRate = timeouts.slowestRate
        self.onTrouble = onTrouble
    }

    /// Watches while the body runs.
    func watch<Value>(
        on loop: any EventLoop, _ body: () async throws -> Value
    ) async rethrows -> Value {
        let interval = TimeAmount.nanoseconds(max(min(progress.nanoseconds / 4, 1_000_000_000), 5_000_000))
        let ticks = loop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in self.tick(.now()) }
        defer { ticks.cancel() }
        return try await body()
    }

    /// The transfer waits for the other side.
    func waiting() {
        state.withLock { $0.waitingSince = .now() }
    }

    /// The other side has sent, or taken, that many bytes.
    func moved(_ byteCount: Int) {
        let now = NIODeadline.now()
        state.withLock { state in
            if let since = state.waitingSince { state.waited = state.waited + (now - since) }
            state.waitingSince = nil
            state.byteCount += byteCount
        }
    }

    /// Looks how things stand.
    private func tick(_ now: NIODeadline) {
        let trouble: Interruption? = state.withLock { state in
            let waiting = state.waitingSince.map { now - $0 } ?? .zero
            if waiting > progress { return .stalled }
            let waited = state.waited + waiting
            guard waited >= window else { return nil }
            let seconds = Double(waited.nanoseconds) / 1e9
            let isTooSlow = Double(state.byteCount) < Double(slowestRate) * seconds
            // A new window begins; what was waited of it so far is counted when the wait ends.
            state.waited = .zero - waiting
            state.byteCount = 0
            return isTooSlow ? .tooSlow : nil
        }
        if let trouble { onTrouble(trouble) }
    }
}
