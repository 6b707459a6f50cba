/// Who is at work in a run whose model moves as updates come, and which updates wait for which step (FedBuff; Nguyen et al.
/// 2022).
///
/// A round is one step of the model. It has no cohort of its own: clients are invited in waves, whenever a place of the
/// `cohort.count` concurrent ones is free, and each works on the model that was the newest when its wave was opened. Its
/// update counts in the round that is open when it is written down.
/// ```
///            invited            opened              arrived                recorded
///   free ─────────────► invited ──────► working ─────────────► arrived ────────────► answered
///    ▲                     │ not written  │  ▲ withdrawn          │  │ refused, late     │
///    └─────────────────────┘              │  └────────────────────┘  └──────────────────►│
///    ▲                              lost  ▼                                              │
///    │                                  (lost) ── its update may come all the same       │
///    └───────────────────────────────────────────────────────────────────────────────────┘
/// ```
/// A client has one task at a time. Which rounds there are, and whether they may still be filled, is for `RunMachine` to say.
struct BufferedWork: Sendable {
    /// One client's task.
    struct Task: Sendable {
        enum State: Hashable, Sendable {
            /// Its wave is on its way to disk; nobody knows of it.
            case invited
            case working(leaseEnds: Instant)
            /// Its client has vanished, or does not want it. Its place is another's.
            case lost(DropCause)
            /// Its update is being looked at or written down.
            case arrived
            case answered(RoundMachine.Answer)
        }

        let id: TaskID
        /// The version of the model that it starts from.
        let version: ModelVersion
        /// When it is over, whatever happens.
        let closesAt: Instant
        var state = State.invited
        /// The soonest instant at which it will be looked at.
        var timer: Instant?
        /// When a client that declined it may be invited anew.
        var restsUntil: Instant?

        /// Whether it has a place of the concurrent ones.
        var isBusy: Bool {
            switch state {
            case .invited, .working: true
            case .lost, .arrived, .answered: false
            }
        }

        /// Whether an update may still come of it.
        var isUnanswered: Bool { if case .answered = state { false } else { true } }

        /// Whether an update of its client would be looked at.
        var isAwaited: Bool {
            switch state {
            case .working, .lost: true
            case .invited, .arrived, .answered: false
            }
        }
    }

    /// What the tasks of a round start from.
    struct Base: Sendable {
        let version: ModelVersion
        let model: TensorBlob
    }

    let pacing: BufferedPacing
    /// How long a client may stay silent, and how long a task may take.
    let (lease, deadline): (Duration, Duration)
    /// M: how many may be at work; as it was when it was last looked who is there.
    var concurrency: Int?
    /// The last task of each client.
    var tasks: [ClientID: Task] = [:]
    var busyCount = 0
    /// Updates that are being looked at or written down.
    var pending: [ClientID: PendingResult] = [:]
    /// Updates on disk that are not yet in a model on disk, by the rounds in which they count.
    var counted: [RoundNumber: [ContributionRow]] = [:]
    /// How many more are being written down.
    var writing: [RoundNumber: Int] = [:]
    /// The models that clients at work may have to fetch, or that an update which waits for its step started from, by the
    /// rounds in which their tasks were given out.
    var bases: [RoundNumber: Base] = [:]
    /// How many tasks of these rounds were given out and have not come to count: one of them may be asked for again.
    var openCount: [RoundNumber: Int] = [:]
    /// The oldest round of which a coordinator that starts would look at the tasks; nil for the open one.
    var workFrom: RoundNumber?
    /// The wave that is on its way to disk.
    var opening: RoundRow?
    /// The last wave, and its round.
    var lastWave: TaskID?
    /// When the open round began; nil before the first wave of all.
    var roundBegan: Instant?
    /// Of the open round.
    var participation = RoundSummary.Participation()
    var traffic = RoundSummary.Traffic()
    var timers = DeadlineQueue<(TaskID, ClientID)>()

    init(_ pacing: BufferedPacing, _ cohort: Plan.Cohort) {
        self.pacing = pacing
        (lease, deadline) = (cohort.lease, cohort.deadline)
    }

    /// Whether a client cannot be invited now.
    func occupies(_ client: ClientID) -> Bool {
        guard let task = tasks[client] else { return false }
        return task.isBusy || task.state == .arrived
    }

    /// Whether a client that is free may be invited. Who declined a task is left alone for a while, and who has no data is not
    /// asked again before there is another model, or the task would have ended; who failed is left alone by the coordinator.
    func isWilling(_ client: ClientID, in round: RoundNumber, at now: Instant) -> Bool {
        guard let task = tasks[client], task.id.round == round, case .lost(let cause) = task.state else { return true }
        return cause == .stalled || cause == .failed || task.restsUntil.map { $0 <= now } ?? false
    }

    /// Whether nobody is at work and nothing arrives.
    var isQuiet: Bool { busyCount == 0 && pending.isEmpty }

    /// Whether a blob is the model that a client at work has been told to fetch.
    func serves(_ digest: BlobDigest, to client: ClientID) -> Bool {
        guard let task = tasks[client], task.isUnanswered, task.state != .invited else { return false }
        return bases[task.id.round]?.model.digest == digest
    }

    /// The updates that are needed: those that wait for a step, and those that are on their way.
    var updates: Set<BlobDigest> {
        var digests = Set(counted.values.joined().map(\.numbers.digest))
        for pending in pending.values { digests.formUnion(pending.digests) }
        return digests
    }

    /// Places for clients to begin at.
    func freePlaces(of concurrency: Int) -> Int { max(0, concurrency - busyCount) }

    /// Whether updates count in a round already, or are about to.
    func isBegun(_ round: RoundNumber) -> Bool { counted[round] != nil || writing[round] != nil }

    /// Whether no more updates may come to count in a round.
    func isFull(_ round: RoundNumber) -> Bool {
        (counted[round]?.count ?? 0) + (writing[round] ?? 0) >= pacing.goal
    }

    /// The updates that count in a round, in the order in which they are put together.
    func contributions(to round: RoundNumber) -> [ContributionRow] {
        (counted[round] ?? []).sorted { left, right in
            left.client == right.client ? TaskID.isEarlier(left.task, right.task) : left.client < right.client
        }
    }

    /// The oldest round whose tasks may still be answered, or whose updates wait for a step after the given round's.
    func workFrom(after round: RoundNumber) -> RoundNumber? {
        let atWork = tasks.values.filter(\.isUnanswered).map(\.id.round)
        let waiting = counted.filter { $0.key > round }.values.flatMap { $0.map(\.task.round) }
        return (atWork + waiting).min()
    }
}
