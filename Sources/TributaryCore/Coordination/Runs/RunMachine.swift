import TributaryMath

/// Decides the course of one run on the coordinator: when a round opens and for whom, what becomes of every result, what
/// must be on disk before what is said, and what follows a round.
///
/// ```
/// idle → opening → collecting → making → ending → idle            a round without evaluation
///                                          ↓
///          closing ← collecting ← opening ← scored ← scoring      a round with evaluation
///             ↓
///           idle
/// ```
/// Where candidates say their loss first, `idle → collecting → idle` comes before a round (`CandidateAsk`). Where the model moves as updates come, nobody waits for any of this: `BufferedWork` knows who is at work and what has come
/// of it, whatever the stage, and from `idle` the run goes to `making` when a step's updates are in.
///
/// A run is its own failure domain: what is damaged in it ends it (`RunRow.Status.failed`) and touches no other.
struct RunMachine: Sendable {
    /// Where the run is between two facts.
    enum Stage: String, Hashable, Sendable, CaseIterable {
        /// No round is open.
        case idle
        /// The round's row is on its way to disk.
        case opening
        /// Clients are at work.
        case collecting
        /// The next model is being made.
        case making
        /// The round's end is on its way to disk.
        case ending
        /// The model is being scored on the test set.
        case scoring
        /// The model waits to be scored by clients.
        case scored
        /// The scores are on their way to disk.
        case closing
    }

    /// What a batch on its way to disk is for.
    enum Purpose: Sendable {
        case opening
        case wave
        case result(ClientID, TaskID)
        case ending
        case closing
        case status(calls: [CallID], written: RunRow)
    }

    enum Timer: Sendable {
        case lease(TaskID, ClientID)
        case deadline(TaskID)
        case retry
    }

    var row: RunRow
    /// The row as the disk has it.
    var diskRow: RunRow
    /// What does not change.
    let terms: RunTerms
    var course: CourseMachine
    var stage = Stage.idle
    /// The open round of either kind; from `opening` until the round's end is on disk.
    var open: OpenRound?
    /// Who is at work where the model moves as updates come; nil in other runs. In these, `open` is only ever an evaluation.
    var work: BufferedWork?
    /// Whether the model that was last ordered is still being made.
    var isModelOrdered = false
    /// The training round that has ended, until its scores are on disk.
    var end: RoundEndRow?
    var hasTestScore = false
    var hasFederatedScore = false
    /// The wait for clients to score the model; nil while nobody is waited for.
    var scoringWait: ScoringWait?
    /// The last round whose model clients were asked to score.
    var askedClientsAfter: RoundNumber?
    /// The newest model.
    var model: TensorBlob
    /// What the server optimiser keeps beside it; nil if it keeps nothing, or has taken no step yet.
    var optimiserState: OptimiserStateRow?
    /// What the method keeps beside it; nil if it keeps nothing, or no round has committed yet.
    var methodState: MethodStateRow?
    /// By client, the last round whose model has an update of its in it, where clients remember something of what they did.
    var countedRounds: [ClientID: RoundNumber] = [:]
    /// What clients last said of their electricity, where energy is counted.
    var statements: [ClientID: EnergyStatement] = [:]
    /// What is known of clients from earlier rounds, where the selection goes by that.
    var known: KnownClients
    /// The candidates for the next round who say their loss first, until the round is opened; nil in most runs.
    var ask: CandidateAsk?
    /// Whether it is being looked at in the store.
    var isUnderExamination = false
    /// What was found damaged in the store, and the words for it.
    var damage: (model: TensorBlob, reason: String)?
    /// Models before it that are kept, oldest first.
    var formerModels: [TensorBlob] = []
    var lastSummary: RoundSummary?
    /// Registered clients that meet the target.
    var clients: Set<ClientID> = []
    /// How many of them were there when a round was last tried to be opened.
    var presentCount = 0
    /// What a round waits for.
    var waitsFor = "clients"
    /// Not before this instant is a round tried to be opened again.
    var nextAttempt: Instant?
    var revision: UInt64 = 1
    var purposes: [UInt64: Purpose] = [:]
    var nextToken: UInt64 = 0
    var deadlines = DeadlineQueue<Timer>()
    /// The plan for those who were there when a round was last tried to be opened.
    var resolved: Shared<ResolvedPlan>?
    /// The run's privacy; nil without any.
    var privateRun: PrivateRun?
    /// What the coordinator is to learn of clients after a fact.
    var reports = ClientReports()

    /// How long clients to score a model are waited for, and when it is looked again who is there.
    struct ScoringWait: Sendable {
        var end: Instant
        var nextLook: Instant
    }

    /// What the coordinator is to learn of clients after a fact.
    struct ClientReports: Sendable {
        var failed: [ClientID] = []
        var succeeded: [ClientID] = []
        /// Updates of theirs that count.
        var counted: [(client: ClientID, digest: BlobDigest)] = []
        /// A task waits for them.
        var invited: [ClientID] = []

        var isEmpty: Bool { failed.isEmpty && succeeded.isEmpty && counted.isEmpty && invited.isEmpty }
    }

    /// A run as its row says it, before its first round.
    ///
    /// - Throws: `PlanError` if the plan is not one, or the tensors are none.
    init(_ row: RunRow, settings: CoordinatorMachine.Settings, at now: Instant) throws(PlanError) {
        let plan = try Plan(text: row.plan)
        try plan.checkRunsOverNetwork()
        let fitted = try ResolvedPlan(plan, populationSize: plan.leastPopulation, isOpen: true)
        known = KnownClients(fitted)
        guard !row.tensors.isEmpty, row.tensors.allSatisfy({ !$0.shape.contains { $0 < 1 } }) else {
            throw PlanError("\(row.id): its model has no tensors, or empty ones")
        }
        let layout = TensorLayout(row.tensors.map { (name: $0.name, shape: $0.shape) })
        terms = RunTerms(
            plan: plan, fitted: fitted, layout: layout, personal: try PersonalTerms(fitted, layout), settings: settings,
            beganAt: now, energy: try RunEnergy(plan, row))
        self.row = row
        diskRow = row
        course = CourseMachine(course: fitted.course)
        model = row.initialModel
        if case .buffered(let pacing) = fitted.strategy.pacing { work = BufferedWork(pacing, plan.cohort) }
        if row.isStopRequested { self.course.stopRequested() }
    }

    /// The step that ends a round with the next model.
    func serverStep(for round: RoundNumber) -> ServerStep {
        fitted.serverStep(for: round, making: course.modelVersion.next)
    }

    /// The model's length.
    var parameterCount: Int { layout.count }
    /// The root of the run's randomness.
    var seed: Seed { Seed(plan.seed) }
    /// When something is to happen next.
    var nextDeadline: Instant? {
        guard let next = work?.timers.next else { return deadlines.next }
        return deadlines.next.map { min($0, next) } ?? next
    }

    /// Whether the run waits for clients to be chosen for a round.
    var wantsClients: Bool {
        if work != nil, stage != .scored { return wantsWorkers }
        switch stage {
        case .idle:
            // Not before the disk has it, too: a resumption that could not be written was none. A pause and a resumption may
            // both be on their way there, and the second may not arrive.
            guard case .openRound = course.nextAction(), !isStatusUnderWay, mayTrustModel else { return false }
            return row.status == .active && diskRow.status == .active
        case .scored: return true
        case .opening, .collecting, .making, .ending, .scoring, .closing: return false
        }
    }

    /// Whether a change of the run's status is on its way to disk.
    var isStatusUnderWay: Bool { statusChangeCount > 0 }

    /// Changes of the run's status on their way to disk.
    var statusChangeCount: Int {
        purposes.values.count { if case .status = $0 { true } else { false } }
    }

    mutating func token(for purpose: Purpose) -> PersistToken {
        nextToken += 1
        purposes[nextToken] = purpose
        return PersistToken(run: row.id, number: nextToken)
    }

    /// Says that something has changed that watchers want to know.
    mutating func changed() {
        revision += 1
    }
}

/// A round of either kind that is open.
struct OpenRound: Sendable {
    let row: RoundRow
    let solver: LocalSolver
    var machine: RoundMachine
    /// The method's figures that it goes by.
    let figures: [Double]
    /// Results that are being looked at or written down.
    var pending: [ClientID: PendingResult] = [:]
    var contributions: [ClientID: ContributionRow] = [:]
    var evaluations: [ClientID: EvaluationRow] = [:]
    var traffic = RoundSummary.Traffic()
    /// What takes energy, if it is counted.
    var work = RoundWork()
}

/// A result on its way into a round.
struct PendingResult: Sendable {
    let result: TaskResult
    /// The calls that wait for its receipt: the first is the one that brought it.
    var calls: [CallID]
    /// The numbers of an update that came compressed, once they are in the blob store.
    var decoded: TensorBlob?
    var contribution: ContributionRow?
    var evaluation: EvaluationRow?

    /// The blobs that are needed for it.
    var digests: [BlobDigest] {
        guard case .trained(let update) = result else { return [] }
        return [update.blob.digest] + (decoded.map { [$0.digest] } ?? [])
    }

    private static let mostCalls = 4

    /// One more call waits for the receipt; returns the one that does not any more, as only the newest few are kept.
    mutating func add(_ call: CallID) -> CallID? {
        calls.append(call)
        return calls.count > Self.mostCalls ? calls.removeFirst() : nil
    }
}
