package import TributaryCore

/// The time that a coordinator goes by: counted from 1970, so that instants in the ledger outlive the process, and never
/// running backwards while the process lives.
package protocol CoordinatorClock: Sendable {
    /// The time now.
    func now() -> Instant
    /// Returns at the instant, or throws when the task is cancelled before.
    func sleep(until instant: Instant) async throws
}

/// The wall clock as it stood at the start of the process, and the monotonic clock from then on: setting the wall clock
/// neither ends leases nor keeps rounds open.
package struct LiveClock: CoordinatorClock {
    private let wall: Instant
    private let start: ContinuousClock.Instant

    /// A clock that starts now, where the wall clock shows `wallTime` seconds since 1970.
    package init(wallTime: Double) {
        wall = Instant(sinceStart: .seconds(wallTime))
        start = .now
    }

    package func now() -> Instant {
        wall.advanced(by: start.duration(to: .now))
    }

    package func sleep(until instant: Instant) async throws {
        let rest = now().duration(to: instant)
        if rest > .zero { try await ContinuousClock().sleep(for: rest) }
    }
}
