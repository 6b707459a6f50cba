/// When clients are told to come back, so that they neither starve rounds nor come all at once (Bonawitz 2019,
/// section 2.3).
///
/// A window's width grows with the population, so that the calls of idle clients arrive at a steady rate however many
/// clients there are.
public struct PaceSteering: Hashable, Sendable {
    /// Idle calls a second that the coordinator wants at most.
    public var checkInsPerSecond = 500.0
    /// The least width of a window, so that even few clients do not move in lock step.
    public var leastSpread = Duration.milliseconds(100)
    /// How long those are sent away at least that come while the coordinator is at its limit.
    public var busyDelay = Duration.seconds(5)

    /// 500 calls a second.
    public init() {}

    /// For a client that has waited for a task in vain: it may ask again soon.
    public func idle(population: Int) -> RetryWindow {
        RetryWindow(earliest: .zero, latest: spread(population))
    }

    /// For a client that the coordinator has no room for at the moment.
    public func busy(population: Int) -> RetryWindow {
        RetryWindow(earliest: busyDelay, latest: busyDelay + max(busyDelay, spread(population)))
    }

    /// For a client that is not wanted before `delay` has passed.
    public func after(_ delay: Duration, population: Int) -> RetryWindow {
        RetryWindow(earliest: delay, latest: delay + max(delay / 4, spread(population)))
    }

    private func spread(_ population: Int) -> Duration {
        max(leastSpread, .seconds(Double(population) / max(checkInsPerSecond, 1e-3)))
    }
}
