public import TributaryMath

/// Decides what one client does about a task: train, upload, try again, give up.
///
/// ```
/// idle → training → uploading → idle
///                       ↺ no answer came: the same update again, later
/// ```
/// A client that has trained never trains the same task again: what it repeats is the upload, which the round
/// recognises as a duplicate if the first one had arrived after all. Facts say which round's task they are about: what
/// comes in late of a task that was dropped for another is not taken for the new one's.
public struct ClientMachine: Sendable {
    /// How a client repeats an upload that nobody answered.
    public struct Patience: Hashable, Sendable {
        /// Uploads of one update before the client gives up.
        public var attempts = 5
        /// How long it waits for an answer.
        public var answerTimeout = Duration.seconds(30)
        /// The longest wait before the first repetition; doubled with each one.
        public var firstBackoff = Duration.seconds(1)

        /// Five attempts, half a minute for each answer.
        public init() {}
    }

    /// Where the client is.
    public enum Phase: Hashable, Sendable {
        /// It has no task.
        case idle
        /// It trains for a round.
        case training(RoundNumber)
        /// Its update for a round is on the way for the given time.
        case uploading(RoundNumber, attempt: Int)
    }

    /// What to do next.
    public enum Action: Hashable, Sendable {
        /// Nothing, until the next invitation.
        case rest
        /// Train for the round.
        case train(RoundNumber)
        /// Send the update and expect an answer before `answerBy`.
        case upload(at: Instant, answerBy: Instant)
        /// Tell the coordinator that the client will not take part.
        case decline(DropCause)
    }

    /// Where the client is.
    public private(set) var phase = Phase.idle
    private let patience: Patience

    /// A client without a task.
    public init(patience: Patience = Patience()) {
        self.patience = patience
    }

    /// The client was invited to a round. It declines if it has no examples; a task it had before is dropped.
    public mutating func invited(to round: RoundNumber, exampleCount: Int) -> Action {
        guard exampleCount > 0 else {
            phase = .idle
            return .decline(.noData)
        }
        phase = .training(round)
        return .train(round)
    }

    /// Training for the round ended.
    public mutating func trained(for round: RoundNumber, at now: Instant) -> Action {
        guard phase == .training(round) else { return .rest }
        phase = .uploading(round, attempt: 1)
        return .upload(at: now, answerBy: now.advanced(by: patience.answerTimeout))
    }

    /// The coordinator answered the round's update, whatever it said: the task is over.
    public mutating func answered(for round: RoundNumber) -> Action {
        if case .uploading(round, _) = phase { phase = .idle }
        return .rest
    }

    /// No answer to the round's update came in time: send again after a random wait, or give up after the last attempt.
    public mutating func answerTimedOut(
        for round: RoundNumber, at now: Instant, stream: inout RandomStream
    ) -> Action {
        guard case .uploading(round, let attempt) = phase else { return .rest }
        guard attempt < patience.attempts else {
            phase = .idle
            return .rest
        }
        phase = .uploading(round, attempt: attempt + 1)
        let longest = patience.firstBackoff.inSeconds * Double(1 << min(attempt - 1, 20))
        let start = now.advanced(by: .seconds(longest * stream.uniform()))
        return .upload(at: start, answerBy: start.advanced(by: patience.answerTimeout))
    }
}
