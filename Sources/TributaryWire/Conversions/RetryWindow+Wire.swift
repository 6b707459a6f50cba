public import TributaryCore

extension RetryWindow {
    /// Reads a window. Any message gives one: ends too far away are brought within the limit, and ends in the wrong
    /// order become the earlier one's instant.
    public init(_ message: WireRetryWindow) {
        self.init(
            earliest: WireLimits.clampedDuration(message.earliestMs),
            latest: WireLimits.clampedDuration(message.latestMs))
    }
}

extension WireRetryWindow {
    /// A window in milliseconds, rounded up.
    public init(_ window: RetryWindow) {
        self.init()
        earliestMs = UInt64(WireLimits.clampedMilliseconds(window.earliest))
        latestMs = UInt64(WireLimits.clampedMilliseconds(window.latest))
    }
}

extension WirePollRequest {
    /// How long the caller wants to wait, limited.
    public var wait: Duration { WireLimits.clampedDuration(waitMs) }
}

extension WireWatchRunRequest {
    /// How long the caller wants to wait, limited.
    public var wait: Duration { WireLimits.clampedDuration(waitMs) }
}

extension WireHeartbeatRequest {
    /// The work done, brought within 0 ... 1; 0 if it is not a number. A bad figure is no reason to lose a lease.
    public var clampedProgress: Float { progress.isNaN ? 0 : min(max(progress, 0), 1) }
}
