/// Decides when an HTTP/2 connection ends.
///
/// ```
/// greeting → idle ⇄ busy        idle → leaving → closed
///    ↓                           busy → leaving → closed
/// closed
/// ```
/// Only open streams keep a connection: whoever opens none is told that the server leaves and given a while to say that
/// it has heard, so that a request which is on its way is still answered. What has been said to be over ends with its last
/// stream; streams have limits of their own. No other frame changes anything, so that pings do not keep a connection
/// either.
package struct ConnectionMachine: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        /// The caller's preface and settings have not come. Next: `idle`, `closed`.
        case greeting
        /// No stream is open. Next: `busy`, `leaving`.
        case idle
        /// So many streams are open. Next: `idle`, `leaving`.
        case busy(Int)
        /// The caller has been told that no more streams are wanted, and perhaps has heard it. Next: `closed`.
        case leaving(streams: Int, isHeard: Bool)
        /// It is over.
        case closed
    }

    /// What to wait for, each with a limit of its own. One thing at a time.
    package enum Wait: Hashable, Sendable {
        /// The caller's preface and settings.
        case greeting
        /// The next stream.
        case stream
        /// That the caller has heard of the end.
        case farewell
    }

    /// What to do.
    package enum Action: Hashable, Sendable {
        case nothing
        /// Wait for this, and for nothing else; then say `timeIsUp`.
        case wait(Wait)
        /// Wait for nothing.
        case stopWaiting
        /// Say that no more streams are wanted, ask whether that was heard, and wait for it.
        case sayFarewell
        /// Say which stream was the last, and close the connection.
        case close
    }

    private var state = State.greeting

    /// A connection whose caller has not spoken yet: wait for the greeting.
    package init() {}

    /// The caller's settings have come.
    package mutating func settingsArrived() -> Action {
        switch state {
        case .greeting:
            state = .idle
            return .wait(.stream)
        case .idle, .busy, .leaving, .closed:
            return .nothing
        }
    }

    /// The caller has opened a stream.
    package mutating func streamOpened() -> Action {
        switch state {
        case .greeting, .idle:
            state = .busy(1)
            return .stopWaiting
        case .busy(let count):
            state = .busy(count + 1)
            return .nothing
        case .leaving(let count, let isHeard):
            state = .leaving(streams: count + 1, isHeard: isHeard)
            return .nothing
        case .closed:
            return .nothing
        }
    }

    /// A stream has ended.
    package mutating func streamClosed() -> Action {
        switch state {
        case .greeting, .idle, .closed:
            return .nothing
        case .busy(let count):
            state = count > 1 ? .busy(count - 1) : .idle
            return count > 1 ? .nothing : .wait(.stream)
        case .leaving(let count, let isHeard):
            return left(with: max(count - 1, 0), isHeard: isHeard, otherwise: .nothing)
        }
    }

    /// What was waited for has not come in time.
    package mutating func timeIsUp() -> Action {
        switch state {
        case .greeting:
            state = .closed
            return .close
        case .idle:
            return endWanted()
        case .leaving:
            // Whoever does not answer is treated as if it had.
            return farewellHeard()
        case .busy, .closed:
            return .nothing
        }
    }

    /// The connection is to end: the server shuts down, or the caller's frames make no sense.
    package mutating func endWanted() -> Action {
        switch state {
        case .greeting:
            state = .closed
            return .close
        case .idle:
            state = .leaving(streams: 0, isHeard: false)
            return .sayFarewell
        case .busy(let count):
            state = .leaving(streams: count, isHeard: false)
            return .sayFarewell
        case .leaving, .closed:
            return .nothing
        }
    }

    /// The caller has heard that no more streams are wanted: what it opened before has come by now.
    package mutating func farewellHeard() -> Action {
        switch state {
        case .leaving(let count, _): left(with: count, isHeard: true, otherwise: .stopWaiting)
        case .greeting, .idle, .busy, .closed: .nothing
        }
    }

    private mutating func left(with streams: Int, isHeard: Bool, otherwise action: Action) -> Action {
        guard isHeard, streams == 0 else {
            state = .leaving(streams: streams, isHeard: isHeard)
            return action
        }
        state = .closed
        return .close
    }
}
