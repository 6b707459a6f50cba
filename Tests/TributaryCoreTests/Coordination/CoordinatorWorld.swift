import TributaryCore
import TributaryMath

/// A coordinator's machine with everything around it played: disk, clients, calls, crashes, in virtual time from one seed.
///
/// What is checked, is checked at every step against what the disk holds, which the machine cannot see.
struct CoordinatorWorld {
    struct Faults {
        var crash = 0.0
        var storageFailure = 0.0
        var lostAnswer = 0.0
        var silentClient = 0.0
        var badUpdate = 0.0
        var failedTask = 0.0
    }

    enum Event {
        case act(CoordinatorAction, epoch: Int)
        case poll(ClientID)
        case submit(ClientID, TaskDescription)
        case heartbeat(ClientID, TaskID)
        case watch(UInt64)
        case time
    }

    var machine: CoordinatorMachine
    var ledger = LedgerContents()
    var now = Instant(sinceStart: .seconds(1000))
    var violations: [String] = []
    var crashes = 0
    var stream: RandomStream
    var faults: Faults
    var queue: [(instant: Instant, order: Int, event: Event)] = []
    var order = 0
    /// Crashes so far: what was begun before the last one is lost.
    var epoch = 0
    var nextCall: UInt64 = 0
    var calls: [CallID: Call] = [:]
    var accepted: Set<Contribution> = []
    var published: [RoundEndRow] = []
    var nextTime: Instant?
    /// How clients write their updates.
    let encoding: UpdateEncoding
    /// What the plan names.
    let optimiser: any ServerOptimiser
    /// Numbers of compressed updates in the blob store.
    var decoded: Set<BlobDigest> = []
    /// K, s(τ) and τ_max, where the model moves as updates come.
    let pacing: BufferedPacing?
    /// M.
    let concurrency: Int
    var lastShown: Shown?
    /// The noise of every sum whose model was ordered, and what it was a sum of.
    var sums: [RoundNoise: (round: RoundNumber, contributions: [ContributionRow])] = [:]
    let settings: CoordinatorMachine.Settings

    struct Contribution: Hashable {
        var task: TaskID
        var client: ClientID
    }

    struct Shown: Equatable {
        var row: RunRow
        var round: RoundNumber?
    }

    enum Call {
        case poll(ClientID)
        case submit(ClientID, TaskDescription)
        case register(ClientID)
        case watch
        case other
    }

    init(
        seed: UInt64, clients: Int, plan: Plan, faults: Faults = Faults(), carbonTrace: String? = nil,
        _ change: (inout CoordinatorMachine.Settings) -> Void = { _ in }
    ) {
        stream = Seed(seed).derived("coordinator-world").stream()
        self.faults = Faults()
        encoding = plan.strategy.encoding ?? UpdateEncoding(.float32)
        optimiser = (try? Strategy(plan).optimiser) ?? ServerSGD()
        if case .buffered(let pacing)? = try? Strategy(plan).pacing { self.pacing = pacing } else { pacing = nil }
        concurrency = plan.cohort.count ?? clients
        var settings = CoordinatorMachine.Settings()
        change(&settings)
        self.settings = settings
        machine = CoordinatorMachine.recovering(LedgerImage(), settings: settings, at: now).machine
        var row = RunRow(
            id: Self.run, plan: plan.text, target: ClientTarget(), tensors: [TensorShape(name: "w", shape: [4])],
            initialModel: Self.blob(named: 0), createdAt: now)
        row.carbonTrace = carbonTrace
        perform(machine.creating(row, noiseKey: Self.noiseKey, call: call(.other), at: now))
        for index in 0..<clients {
            let client = ClientID(UInt64(index * 7919 + 13))
            let registration = CoordinatorMachine.Registration(
                id: client, description: ClientDescription(name: "c\(index)"), key: Self.digest(client.rawValue),
                credential: Self.digest(client.rawValue + 1))
            perform(machine.registering(registration, call: call(.register(client)), at: now))
        }
        while hasWork, let event = takeNext() { happen(event) }
        schedule(.watch(0), after: 0)
        self.faults = faults
    }

    static let run = RunID(rawValue: "world") ?? { preconditionFailure("a name that is not one") }()

    /// Plays until the run is over, or for the given virtual time.
    mutating func play(for duration: Duration) {
        let end = now.advanced(by: duration)
        while now < end, !isOver || hasWork, let event = takeNext() { happen(event) }
    }

    private var hasWork: Bool {
        queue.contains { if case .act = $0.event { true } else { false } }
    }

    var isOver: Bool {
        let activity = machine.status(of: Self.run, at: now)?.activity
        return activity == .completed || activity == .stopped
    }

    enum Order { case pause, resume, stop }

    /// What an operator says.
    mutating func order(_ order: Order) {
        switch order {
        case .pause: perform(machine.pausing(Self.run, call: call(.other), at: now))
        case .resume: perform(machine.resuming(Self.run, call: call(.other), at: now))
        case .stop: perform(machine.stopping(Self.run, call: call(.other), at: now))
        }
    }

    /// From now on nothing goes wrong any more.
    mutating func heal() { faults = Faults() }
}
