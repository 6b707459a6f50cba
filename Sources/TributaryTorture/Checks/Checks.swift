import TributaryCore
import TributaryStore

/// What must hold, checked by other code than the one that is to keep it.
///
/// The checks know what clients sent, what the disk would still hold if the machine lost power now, and what was said to
/// whom. They never look into the machine for what it believes; only `inspect` does, for bounds on time and memory.
struct Checks {
    /// What a client sent for a task: all that may ever count.
    struct Submission: Hashable {
        var task: TaskID
        var client: ClientID
        var update: TrainedUpdate?
        var evaluation: Evaluation?
    }

    /// What a contribution is known by.
    struct Key: Hashable {
        var task: TaskID
        var client: ClientID
    }

    /// What is known of a run.
    struct RunRecord {
        let plan: Plan
        /// The newest model, as computed here.
        var model: [Float]
        var blob: TensorBlob
        /// What the server's optimiser keeps, as computed here, and as blobs.
        var state: [[Float]] = []
        var stateBlobs: [TensorBlob] = []
        /// Its method, and what that keeps, as computed here.
        var method: Recomputation.Method
        /// The vectors among that, as blobs.
        var methodBlobs: [TensorBlob] = []
        /// By client, the rounds whose models have updates of its, in their order.
        var counted: [ClientID: [RoundNumber]] = [:]
        var version = ModelVersion(0)
        /// The models before it, where clients' models are mixed into the newest one.
        var formerModels: [ModelVersion: [Float]] = [:]
        var lastRound = RoundNumber(0)
        /// The training round whose row is on disk and whose end is not.
        var open: RoundRow?
        var status = RunRow.Status.active
        /// What makes one update of a round's; nil for the mean.
        let rule: (any RobustRule)?
        /// The noise that clients add to their own updates; nil for none.
        let noise: NoiseRequest?
        /// What it has spent and its secret, as computed here; nil for a run without privacy.
        var privacy: (figures: RoundPrivacy, row: PrivacyRow)?

        init(plan: Plan, model: [Float], blob: TensorBlob) {
            (self.plan, self.model, self.blob) = (plan, model, blob)
            method = Recomputation.Method(plan.strategy.method)
            rule = (try? Strategy(plan))?.aggregation.part.rule
            noise = (try? ResolvedPlan(plan, populationSize: plan.leastPopulation, isOpen: true))?.privacy?.noiseRequest
        }

        /// The largest magnitude of a coordinate of an update as it comes.
        var bound: Float { noise?.bound ?? Float(plan.server.updateBound) }
    }

    /// Something that is written to the ledger.
    enum Write {
        case group([[LedgerEntry]])
        case pruning(RunID, before: RoundNumber, limit: Int)
    }

    let keepsUpdates: Bool
    /// Rounds of a run whose rows the ledger keeps; nil for all.
    let keptRounds: Int?
    private(set) var violations: [String] = []
    /// What is on disk for certain.
    var durable = LedgerContents()
    /// What is being written, and what was before it and has failed: since the last success all went to the same place. Any
    /// one of these may be on disk; of a group, the first few batches.
    var inFlight: [Write] = []
    /// The rows of rounds before these may be gone.
    var forgotten: [RunID: RoundNumber] = [:]
    var runs: [RunID: RunRecord] = [:]
    /// Runs that are about to be created.
    var planned: [RunID: (plan: Plan, model: [Float])] = [:]
    var submissions: Set<Submission> = []
    /// What clients have sent, as it should be; and the uploads that something else than the store has spoilt.
    var sentBytes: [UploadID: [UInt8]] = [:]
    var spoiltUploads: Set<UploadID> = []
    /// What clients were told for good.
    var accepted: Set<Key> = []
    /// The newest revision of each run that the operator was told, since the coordinator's start.
    var revisions: [RunID: UInt64] = [:]
    var modelCount = 0
    /// Those of them whose updates were clipped and got noise.
    var privateCount = 0
    var abandonedCount = 0
    var acceptedCount = 0

    init(keepsUpdates: Bool, keptRounds: Int?) {
        self.keepsUpdates = keepsUpdates
        self.keptRounds = keptRounds
    }

    /// Notes that something does not hold. The first few are kept: the rest follow from them.
    mutating func violated(_ rule: String, _ what: @autoclosure () -> String) {
        guard violations.count < 8 else { return }
        violations.append("\(rule): \(what())")
    }

    mutating func require(_ condition: Bool, _ rule: String, _ what: @autoclosure () -> String) {
        if !condition { violated(rule, what()) }
    }

    /// A run that is about to be created.
    mutating func plans(_ run: Scenario.Run, initial: [Float]) {
        planned[run.id] = (run.plan, initial)
    }
}
