/// A moment of a run, as time since the run began.
///
/// Machines never read a clock: every fact they are told carries the instant at which it happened. The simulator
/// counts virtual time, a server would count its monotonic clock.
public struct Instant: InstantProtocol, Hashable, Sendable, Codable, CustomStringConvertible {
    /// Time since the run began.
    public var sinceStart: Duration

    /// The moment `sinceStart` after the run began.
    public init(sinceStart: Duration) {
        self.sinceStart = sinceStart
    }

    /// The beginning of the run.
    public static let start = Instant(sinceStart: .zero)

    /// The moment `duration` later.
    public func advanced(by duration: Duration) -> Instant {
        Instant(sinceStart: sinceStart + duration)
    }

    /// The time from this moment to another.
    public func duration(to other: Instant) -> Duration {
        other.sinceStart - sinceStart
    }

    /// Whether one moment is before another.
    public static func < (left: Instant, right: Instant) -> Bool { left.sinceStart < right.sinceStart }

    /// Seconds since the run began.
    public var description: String { "\(sinceStart.inSeconds) s" }
}

extension Duration {
    /// The duration in seconds, rounded to the nearest Double.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
