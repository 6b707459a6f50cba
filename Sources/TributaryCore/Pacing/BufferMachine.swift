/// Decides who is at work and when the model moves where nobody waits for a round to end (FedBuff; Nguyen et al. 2022).
///
/// ```
///            began            arrived            folded
///   free ───────────► at work ─────────► arrived ─────────► in the buffer ──► (K of them) step
///    ▲                   │ lost             │ refused, or too old
///    └───────────────────┴──────────────────┘
/// ```
/// A client is free again as soon as its update has arrived. The machine does no I/O and reads no clock. What it is in after
/// a step is all that there is to keep: the buffer is empty then.
public struct BufferMachine: Hashable, Sendable {
    /// How many are at work, and what makes a step.
    public struct Limits: Hashable, Sendable {
        /// M: clients at work at the same time.
        public var concurrency: Int
        /// K: updates to a step.
        public var goal: Int
        /// τ_max; nil for any.
        public var stalenessLimit: Int?

        /// Limits with all their parts, `concurrency` and `goal` at least 1.
        public init(concurrency: Int, goal: Int, stalenessLimit: Int?) {
            precondition(concurrency >= 1 && goal >= 1, "somebody has to work for a step")
            (self.concurrency, self.goal, self.stalenessLimit) = (concurrency, goal, stalenessLimit)
        }
    }

    /// Somebody's work.
    public struct Task: Hashable, Sendable, Codable {
        /// Tasks are numbered from 1 in the order in which they begin.
        public let number: UInt64
        /// Whose work it is.
        public let client: ClientID
        /// v_k: the steps that the model had taken which it was given.
        public let version: ModelVersion
        /// When it began.
        public let startedAt: Instant
    }

    /// What to do with an update.
    public enum OnUpdate: Hashable, Sendable {
        /// Fold it with the weight for this staleness τ, then say `folded` or leave it.
        case fold(staleness: Int)
        /// Its model is older than is allowed.
        case discard(staleness: Int)
    }

    /// How many are at work, and what makes a step.
    public let limits: Limits
    /// The model's version: the steps taken so far.
    public private(set) var version: ModelVersion
    /// Who is at work, in the order in which they began.
    public private(set) var tasks: [Task]
    /// Updates that wait for the next step.
    public private(set) var bufferedCount = 0
    /// The number of the task that began last, or was offered and not taken.
    public private(set) var lastNumber: UInt64
    private var working: Set<ClientID>

    /// A run at its beginning, or between two steps.
    public init(
        limits: Limits, version: ModelVersion = ModelVersion(0), tasks: [Task] = [], lastNumber: UInt64 = 0
    ) {
        (self.limits, self.version, self.tasks, self.lastNumber) = (limits, version, tasks, lastNumber)
        working = Set(tasks.map(\.client))
    }

    /// Places for clients to begin at.
    public var freePlaces: Int { max(0, limits.concurrency - tasks.count) }
    /// Whether a client is at work.
    public func isWorking(_ client: ClientID) -> Bool { working.contains(client) }
    /// Whether there are updates enough for a step.
    public var isStepDue: Bool { bufferedCount >= limits.goal }
    /// The oldest version that somebody at work was given; nil if nobody is at work.
    public var oldestVersion: ModelVersion? { tasks.map(\.version).min() }

    /// The number for the next task: drawn by it, whoever takes it, or nobody.
    public mutating func offer() -> UInt64 {
        lastNumber += 1
        return lastNumber
    }

    /// A client took the offered task and was given the present model.
    public mutating func began(_ client: ClientID, at now: Instant) -> Task {
        precondition(freePlaces > 0, "more at work than the limit")
        precondition(working.insert(client).inserted, "\(client) is at work already")
        let task = Task(number: lastNumber, client: client, version: version, startedAt: now)
        tasks.append(task)
        return task
    }

    /// A task ended without an update: its client has vanished, or took too long.
    public mutating func lost(_ task: Task) { end(task) }

    /// A task's update arrived; its client is free.
    public mutating func arrived(_ task: Task) -> OnUpdate {
        end(task)
        let staleness = version.rawValue - task.version.rawValue
        if let limit = limits.stalenessLimit, staleness > limit { return .discard(staleness: staleness) }
        return .fold(staleness: staleness)
    }

    /// An update is in the buffer.
    public mutating func folded() { bufferedCount += 1 }

    /// The model moved by what was in the buffer.
    public mutating func stepped() {
        precondition(isStepDue, "a step with too few updates")
        version = version.next
        bufferedCount = 0
    }

    /// The step is given up; what was in the buffer is gone.
    public mutating func abandoned() { bufferedCount = 0 }

    private mutating func end(_ task: Task) {
        guard let place = tasks.firstIndex(where: { $0.number == task.number }) else {
            preconditionFailure("task \(task.number) ended twice")
        }
        tasks.remove(at: place)
        working.remove(task.client)
    }
}
