import Foundation
package import TributaryCore

/// Why a client sleeps.
package enum ClientPause: Hashable, Sendable {
    /// Until it is time to try again, or to poll.
    case retry
    /// Until the next heartbeat.
    case heartbeat
}

/// What a client knows of time.
package protocol ClientClock: Sendable {
    /// The time since some beginning; never goes back.
    var now: Instant { get }
    /// Seconds since 1970, for what outlives the process.
    var secondsSince1970: Double { get }

    /// Sleeps until an instant.
    func sleep(until instant: Instant, for pause: ClientPause) async throws
}

/// The machine's clock.
package struct SystemClock: ClientClock {
    private let start = ContinuousClock.now

    package init() {}

    package var now: Instant { Instant(sinceStart: ContinuousClock.now - start) }

    package var secondsSince1970: Double { Date().timeIntervalSince1970 }

    package func sleep(until instant: Instant, for pause: ClientPause) async throws {
        try await ContinuousClock().sleep(until: start.advanced(by: instant.sinceStart), tolerance: .milliseconds(5))
    }
}
