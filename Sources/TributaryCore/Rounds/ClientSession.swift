import TributaryMath

/// Decides the whole course of a coordinator's client: what to do next, when to try again, when to give up.
///
/// ```
/// stranger → idle → downloading → working → uploading → submitting → idle
///              ↑         └─────────┴────→ returning ──────────────────┘
/// ```
/// The shell asks for the next `step`, carries it out, and tells what came of it as a fact with its instant. Waiting is
/// a step like the others, so that nothing here sleeps or reads a clock, and randomness is handed in. What was worked
/// out is never worked out again: after a restart a session begins at `uploading` with the result that was kept.
///
/// A credential that the server no longer takes sends the client back to register, with its task in hand. Facts about a
/// task that is no longer held change nothing.
public struct ClientSession: Sendable {
    /// How a client repeats what failed.
    public struct Patience: Hashable, Sendable {
        /// The longest wait before the first repetition; doubled with each failure in a row.
        public var firstBackoff = Duration.seconds(1)
        /// The longest wait before any repetition.
        public var longestBackoff = Duration.seconds(60)
        /// Times that a task's model or update may arrive damaged before the task is given back. What does not arrive at
        /// all is tried again for as long as the round is open.
        public var transferAttempts = 4
        /// Failures in a row before a client that never reached its server gives up; nil to go on for ever.
        public var registrationAttempts: Int?
        /// Credentials in a row that are refused right after registration before the client gives up.
        public var credentialAttempts = 4
        /// How long after its round's end a finished result is still offered: a coordinator that was restarted may have
        /// kept the round open.
        public var afterClose = Duration.seconds(60)

        /// Backoff from a second to a minute, four attempts.
        public init() {}
    }

    /// Where the client is.
    public enum Stage: Hashable, Sendable {
        /// It has no task.
        case idle
        /// It fetches the model of its task.
        case downloading(TaskDescription)
        /// It trains or scores.
        case working(TaskDescription)
        /// Its update is on the way.
        case uploading(FinishedTask)
        /// Its result is being handed in.
        case submitting(FinishedTask)
        /// It gives its task back.
        case returning(TaskID, TaskFailure)
    }

    /// What to do next.
    public enum Step: Hashable, Sendable {
        /// Nothing, until an instant.
        case wait(until: Instant)
        /// Register, for the first time or again.
        case register
        /// Exchange the credential for a fresh one.
        case renew
        /// Ask for a task.
        case poll
        /// Fetch the task's model.
        case download(TaskDescription)
        /// Train or score.
        case work(TaskDescription)
        /// Send the update's bytes.
        case upload(FinishedTask)
        /// Hand the result in.
        case submit(FinishedTask)
        /// Tell the server that it will get no result.
        case giveBack(TaskID, TaskFailure)
        /// The task is over; forget what is kept of it.
        case forget(TaskID)
        /// The session is over.
        case end(End)
    }

    /// Why a session is over.
    public enum End: Hashable, Sendable {
        /// It was asked to stop, or has done as many tasks as it should.
        case finished
        /// The last failure is for good.
        case failed
    }

    /// Where the client is.
    public internal(set) var stage = Stage.idle
    /// Whether it has a credential that the server is thought to take.
    public internal(set) var isRegistered = false
    /// Tasks whose result the server answered, whatever it said.
    public internal(set) var answeredTasks = 0
    /// When the round of the task at hand closes.
    public internal(set) var closesAt = Instant.start
    /// How long the client may stay silent about the task at hand.
    public internal(set) var lease = Duration.seconds(30)

    let patience: Patience
    let taskLimit: Int?
    var end: End?
    var isStopping = false
    /// A task that was lost and is still to be forgotten by the shell.
    var lost: TaskID?
    var notBefore = Instant.start
    var renewAt: Instant?
    /// Failures in a row.
    var failures = 0
    /// The width of the window in which the server last wanted idle clients back: the more there are, the wider.
    var spread = Duration.zero
    /// Damages to the bytes of the task at hand.
    var damages = 0
    var refusedCredentials = 0
    var hasReachedServer = false

    /// A client that nobody knows yet. `taskLimit` ends the session after so many answered tasks.
    public init(patience: Patience = Patience(), taskLimit: Int? = nil) {
        self.patience = patience
        self.taskLimit = taskLimit
    }

    /// The task at hand.
    public var task: TaskID? {
        switch stage {
        case .idle: nil
        case .downloading(let task), .working(let task): task.id
        case .uploading(let finished), .submitting(let finished): finished.id
        case .returning(let id, _): id
        }
    }

    /// Whether the last thing that was tried failed, and is to be tried again.
    public var isFailing: Bool { failures > 0 }

    /// Whether the session is over for a failure that is for good.
    public var hasFailed: Bool { end == .failed }

    /// What to do next.
    public mutating func step(at now: Instant) -> Step {
        if let lost {
            self.lost = nil
            return .forget(lost)
        }
        if let end { return .end(end) }
        if let task, let overAt, now >= overAt {
            stage = .idle
            return .forget(task)
        }
        if stage == .idle, isStopping || taskLimit.map({ answeredTasks >= $0 }) ?? false { return .end(.finished) }
        if now < notBefore { return .wait(until: min(notBefore, overAt ?? notBefore)) }
        return upkeep(at: now) ?? ownStep
    }

    /// What must be done for the credential, whatever else is under way; nil for nothing.
    public func upkeep(at now: Instant) -> Step? {
        guard isRegistered else { return .register }
        guard let renewAt, now >= renewAt else { return nil }
        return .renew
    }

    private var ownStep: Step {
        switch stage {
        case .idle: .poll
        case .downloading(let task): .download(task)
        case .working(let task): .work(task)
        case .uploading(let finished): .upload(finished)
        case .submitting(let finished): .submit(finished)
        case .returning(let id, let failure): .giveBack(id, failure)
        }
    }

    /// When the task at hand is over, whatever has become of it.
    private var overAt: Instant? {
        switch stage {
        case .idle: nil
        case .downloading, .working, .returning: closesAt
        case .uploading, .submitting: closesAt.advanced(by: patience.afterClose)
        }
    }

    /// An instant of the window, drawn at random. No window is taken for longer than a day.
    func instant(in window: RetryWindow, after now: Instant, _ stream: inout RandomStream) -> Instant {
        let day = Duration.seconds(86_400)
        let earliest = min(max(window.earliest, .zero), day)
        let latest = min(max(window.latest, earliest), day)
        return now.advanced(by: earliest + .seconds((latest - earliest).inSeconds * stream.uniform()))
    }
}

/// A task's result that is to be handed in.
public struct FinishedTask: Hashable, Sendable {
    /// The task.
    public var id: TaskID
    /// What came of it.
    public var result: TaskResult

    /// A result of a task.
    public init(id: TaskID, result: TaskResult) {
        self.id = id
        self.result = result
    }
}

/// Why a client gives a task back.
public struct TaskFailure: Error, Hashable, Sendable {
    /// The kinds that a server tells apart.
    public enum Cause: String, Hashable, Sendable, Codable {
        /// The work failed.
        case failed
        /// The device has something better to do.
        case declined
        /// There is no data to work on.
        case noData
    }

    /// The kind.
    public var cause: Cause
    /// For the operator's log: one line, and nothing private.
    public var message: String

    /// A failure with both its parts.
    public init(_ cause: Cause, _ message: String) {
        self.cause = cause
        self.message = message
    }
}
