/// Decides when a round has heard from enough clients, and what each client is told.
///
/// A round closes when as many updates as it wants (`goal`) are in, when nobody is left to wait for, or at its
/// deadline; it commits if at least the quorum contributed. One that is timed closes at its deadline only, and commits
/// whatever has come. The machine does no I/O and reads no clock: it is told facts with the instants at which they
/// happened, and returns what to do.
///
/// An update is first *admitted* (`.fold`), then added to the aggregate by the shell, which reports back with
/// `updateFolded` or `updateRefused`; only then is it a contribution.
///
/// ```
/// selecting → collecting → draining → committing → committed
///                 ↑           │ an admitted update was refused, so a place is free again
///                 └───────────┘
/// selecting, collecting, draining → abandoned
/// ```
public struct RoundMachine: Sendable {
    /// How many updates a round wants and how long it waits.
    public struct Limits: Hashable, Sendable {
        /// Contributions at which the round closes without waiting for more.
        public var goal: Int
        /// Fewest contributions that let the round commit.
        public var quorum: Int
        /// The longest a round stays open.
        public var deadline: Duration
        /// How long a client may stay silent before the round stops waiting for it.
        public var lease: Duration
        /// Whether the round lasts until its deadline whoever has answered, and commits whatever came, be it nothing: then
        /// neither its end nor its length tells who took part.
        public var isTimed = false

        /// Limits with all their parts. `quorum` and `goal` are at least 1 and `quorum` at most `goal`.
        public init(goal: Int, quorum: Int, deadline: Duration, lease: Duration) {
            precondition(quorum >= 1 && quorum <= goal, "a quorum lies in 1 ... goal")
            self.goal = goal
            self.quorum = quorum
            self.deadline = deadline
            self.lease = lease
        }
    }

    /// Where a round is.
    public enum Phase: Hashable, Sendable, CaseIterable {
        /// The cohort is being drawn.
        case selecting
        /// Open for updates.
        case collecting
        /// Closed for updates; admitted ones are still being added.
        case draining
        /// All contributions are in; the next model is being made.
        case committing
        /// The next model is made. Final.
        case committed
        /// Below the quorum; the model is unchanged. Final.
        case abandoned
    }

    /// What to do after a fact.
    public enum Progress: Hashable, Sendable {
        /// Nothing yet.
        case wait
        /// Make the next model from the contributions, then say `modelCommitted`.
        case commit
        /// Give the round up.
        case abandon
    }

    /// What to do with an update that arrived.
    public enum OnUpdate: Hashable, Sendable {
        /// Add it to the aggregate, then say `updateFolded` or `updateRefused`.
        case fold
        /// An update of this client is being added already: give both the answer that one gets.
        case awaitFirstAnswer
        /// Tell the client so.
        case answer(Answer)
    }

    /// What a client is told of its update. A repeated update gets the first answer again.
    public enum Answer: Hashable, Sendable {
        /// It counts, once.
        case accepted
        /// The round no longer takes updates.
        case late
        /// It cannot be used.
        case refused(UpdateRefusal)
        /// The client has no task in this round.
        case notInvited
    }

    /// What is known of one invited client.
    enum Member: Hashable, Sendable {
        case working(leaseEnds: Instant)
        case lost(DropCause)
        case folding
        case answered(Answer)
    }

    /// The round.
    public let round: RoundNumber
    /// How many updates it wants and how long it waits.
    public let limits: Limits
    /// Where it is.
    public internal(set) var phase = Phase.selecting
    /// The instant at which it closes whatever happens; nil while selecting.
    public internal(set) var closesAt: Instant?
    /// Updates that count.
    public internal(set) var contributionCount = 0
    /// Repeated updates that were not counted again.
    public internal(set) var duplicateCount = 0

    var members: [ClientID: Member] = [:]
    var workingCount = 0
    var foldingCount = 0

    /// A round about to select its cohort.
    public init(round: RoundNumber, limits: Limits) {
        self.round = round
        self.limits = limits
    }

    /// Updates that the round would still admit.
    public var openPlaces: Int {
        phase == .collecting ? limits.goal - contributionCount - foldingCount : 0
    }
}
