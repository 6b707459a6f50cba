/// Decides everything that a coordinator decides: who is registered, which clients work for which run, what every call is
/// told, and what must be on disk before it is.
///
/// Facts go in with the instant at which they happened; actions come out. It does no I/O, reads no clock and draws no
/// random number, so the server and a simulator run the very same machine.
///
/// ```swift
/// let actions = machine.withLock { $0.submitted(result, for: task, by: client, call: call, at: clock.now) }
/// for action in actions { perform(action) }
/// ```
public struct CoordinatorMachine: Sendable {
    /// What an operator chooses.
    public struct Settings: Hashable, Sendable {
        /// How long a credential is good for.
        public var credentialLifetime = Duration.seconds(30 * 86_400)
        /// The oldest client software that may register; nil for any.
        public var minimumClientVersion: SoftwareVersion?
        /// The longest that a call waits for a task or a change.
        public var longestWait = Duration.seconds(30)
        /// Calls that may wait at a time; more are sent away with a retry window.
        public var waitingLimit = 50_000
        /// When clients are told to come back.
        public var pace = PaceSteering()
        /// How long a client that failed is left alone; doubled with each failure in a row.
        public var coolDown = Duration.seconds(10)
        /// The longest that a client is left alone.
        public var longestCoolDown = Duration.seconds(3600)
        /// The time between attempts to open a round that waits for clients.
        public var attemptInterval = Duration.milliseconds(20)
        /// When storage that refused is tried again.
        public var retryDelay = Duration.seconds(1)
        /// Changes of clients and new runs that may be on their way to disk, and changes of each run: more are sent away. A
        /// caller who has gone leaves its change behind, so that a disk which stands still would gather ever more of them.
        public var changeLimit = 10_000
        /// When a client whose result could not be stored is to come back.
        public var storageRetry = RetryWindow(earliest: .seconds(1), latest: .seconds(5))
        /// How long after its last call a client still counts as present, besides the width of the pace's window.
        public var presence = Duration.seconds(5)
        /// The longest that clients to score a model are waited for, while they are busy or after the coordinator's start.
        public var scoringPatience = Duration.seconds(30)
        /// Uploads that a client may begin for one task: more than one, as it may come to another update when it is
        /// restarted.
        public var uploadsPerTask = 8
        /// Whether the updates and models of ended rounds are kept.
        public var keepsUpdates = false
        /// The newest ended rounds of a run of which the ledger keeps what was accepted in them; nil for all. A result that
        /// is handed in again for an older one is told that it comes too late.
        public var keptRounds: Int?

        /// The defaults.
        public init() {}
    }

    enum Timer: Sendable {
        case pollEnds(ClientID, CallID)
        case watchEnds(RunID, CallID)
        case openRounds
    }

    /// A change of a client's row that is on its way to disk.
    enum ClientChange: Sendable {
        case register(ClientRow, CallID)
        case renew(ClientRow, CallID)
        case leave(ClientID, CallID)
        case createRun(RunMachine, CallID)
    }

    /// What the operator chose.
    public let settings: Settings
    var registry: ClientRegistry
    var runs: [RunID: RunMachine] = [:]
    /// The runs in the order of their creation; the first in line gets a free client first, and then goes to the end.
    var line: [RunID] = []
    var changes: [UInt64: ClientChange] = [:]
    /// The keys of clients that are about to be registered, and how many of their rows are on their way to disk.
    var registering: [ClientID: (key: BlobDigest, count: Int)] = [:]
    var nextToken: UInt64 = 0
    var deadlines = DeadlineQueue<Timer>()
    var watchers: [RunID: [CallID]] = [:]
    /// The revision of each run that its watchers know.
    var toldRevisions: [RunID: UInt64] = [:]
    /// Blobs that are being removed: an update of the same bytes must be uploaded again.
    var discarding: Set<BlobDigest> = []
    var isClosing = false
    /// When rounds are tried to be opened again.
    var openTimers: Set<Instant> = []
    /// Runs that the ledger holds and this software does not understand: their names are taken.
    var leftOut: Set<RunID> = []

    /// A coordinator as its ledger left it, and what to do first. Runs whose rows cannot be understood are left out, with
    /// a note.
    public static func recovering(
        _ image: LedgerImage, settings: Settings, at now: Instant
    ) -> (machine: CoordinatorMachine, actions: [CoordinatorAction]) {
        var machine = CoordinatorMachine(image.clients, settings)
        var actions: [CoordinatorAction] = []
        for run in image.runs {
            do throws(PlanError) {
                machine.add(try RunMachine(recovering: run, settings: settings, at: now))
            } catch {
                machine.leftOut.insert(run.row.id)
                actions.append(.note(run.row.id, "the run is left out: \(error.description)"))
            }
        }
        for id in machine.line { actions += machine.runs[id]?.begin(at: now) ?? [] }
        // Before the machine is given back: a start decides things that it has to know of, as when it is to look again.
        let settled = machine.settled(actions, at: now)
        return (machine, settled)
    }

    private init(_ clients: [ClientRow], _ settings: Settings) {
        self.settings = settings
        registry = ClientRegistry(
            rows: clients, coolDown: settings.coolDown, longestCoolDown: settings.longestCoolDown)
    }

    mutating func add(_ run: RunMachine) {
        var run = run
        for (id, entry) in registry.entries where run.row.target.accepts(entry.row.description) {
            run.clients.insert(id)
        }
        for (id, statement) in registry.statements { run.stated(statement, by: id) }
        runs[run.row.id] = run
        line.append(run.row.id)
    }

    /// When something is to happen next, if nothing else does before; then say `timeAdvanced`.
    public var nextDeadline: Instant? {
        runs.values.reduce(deadlines.next) { soonest, run in
            guard let next = run.nextDeadline else { return soonest }
            return soonest.map { min($0, next) } ?? next
        }
    }

    mutating func token(for change: ClientChange) -> PersistToken {
        nextToken += 1
        changes[nextToken] = change
        return PersistToken(run: nil, number: nextToken)
    }
}
