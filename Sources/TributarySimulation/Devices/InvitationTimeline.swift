import TributaryCore

/// When the things that happen to one invited client happen, in virtual time.
struct InvitationTimeline: Sendable {
    /// When the model has arrived.
    var downloaded: Instant
    /// When training ends.
    var trained: Instant
    /// How long the whole update takes to arrive.
    var uploadTime: Duration

    /// The timeline of a client invited at `start` that trains on `exampleVisits` examples (epochs counted).
    init(profile: DeviceProfile, start: Instant, exampleVisits: Int, bytesDown: Int, bytesUp: Int) {
        let download = profile.latency + Double(bytesDown) / profile.downloadBytesPerSecond
        let training = Double(exampleVisits) / profile.examplesPerSecond
        downloaded = start.advanced(by: Self.duration(download))
        trained = downloaded.advanced(by: Self.duration(training))
        uploadTime = Self.duration(profile.latency + Double(bytesUp) / profile.uploadBytesPerSecond)
    }

    /// The instant the given share of the way from `start` to `end`.
    static func instant(_ share: Double, from start: Instant, to end: Instant) -> Instant {
        start.advanced(by: duration(start.duration(to: end).inSeconds * share))
    }

    /// Seconds as a duration, capped at twice the longest deadline that a plan can have: a device drawn infinitely slow
    /// is merely never in time.
    private static func duration(_ seconds: Double) -> Duration {
        // Written so that a NaN is slow, too.
        .nanoseconds(Int64((seconds < 2e9 ? max(seconds, 0) : 2e9) * 1e9))
    }
}
