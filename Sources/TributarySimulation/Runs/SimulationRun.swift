import Foundation
public import TributaryCore
public import TributaryReports

/// Where a simulation's output goes and what computes it: all that its result does not depend on.
public struct SimulationSetting: Sendable {
    /// Where the output goes.
    public var folder: RunFolder
    /// The record to fill in.
    public var record: RunRecord
    /// Worker threads.
    public var workers: Int
    /// The checkpoint to go on from; nil begins anew.
    public var checkpoint: Checkpoint?
    /// Whether TensorBoard event files are written too.
    public var writesTensorBoard: Bool
    /// Seconds since 1970 at which the sitting begins; only TensorBoard's files hold it.
    public var wallTime: Double
    /// The parts that the plan may name.
    public var catalogue = Catalogue.standard

    /// A setting with all its parts.
    public init(
        folder: RunFolder, record: RunRecord, workers: Int, checkpoint: Checkpoint? = nil,
        writesTensorBoard: Bool = false, wallTime: Double = 0
    ) {
        self.folder = folder
        self.record = record
        self.workers = workers
        self.checkpoint = checkpoint
        self.writesTensorBoard = writesTensorBoard
        self.wallTime = wallTime
    }
}

/// A simulation that writes its output folder as it goes, and can be stopped and resumed.
///
/// Rounds are logged as they end, the state is stored in checkpoints, and the report is made at the end. A process killed
/// at any instant leaves a folder from which the run goes on to the same bytes.
public struct SimulationRun<T: PoolableTrainer> {
    private let plan: Plan
    private let folder: RunFolder
    private let writesTensorBoard: Bool
    /// Seconds since 1970 at which this sitting began; for TensorBoard, which asks for it.
    private let wallTime: Double
    private let checkpoints: CheckpointFolder
    private var federation: Federation<T>
    private var record: RunRecord
    private var rounds: [RoundSummary] = []
    private var stored: RoundNumber?
    private var lastStorage = ContinuousClock.now

    /// A run about to begin or to be resumed.
    ///
    /// - Throws: `PlanError` if the plan does not fit the trainer's population.
    public init(plan: Plan, trainer: T, setting: SimulationSetting) throws(PlanError) {
        self.plan = plan
        folder = setting.folder
        writesTensorBoard = setting.writesTensorBoard
        wallTime = setting.wallTime
        record = setting.record
        checkpoints = CheckpointFolder(setting.folder.checkpointsPath, keep: plan.checkpoint.keep)
        stored = setting.checkpoint?.state.lastRound
        federation = try Federation(
            plan: plan, trainer: trainer, workers: setting.workers, resumingFrom: setting.checkpoint?.state,
            catalogue: setting.catalogue)
    }

    /// Runs to the end, or until a stop is requested; returns the finished record.
    ///
    /// - Throws: `ReportError` if the output cannot be written; rounds logged before stay as they are.
    public mutating func run(observer: some RunObserver, stop: StopRequest = StopRequest()) async throws -> RunRecord {
        let log = try begin()
        observer.runBegan(record, earlier: rounds)
        while true {
            if stop.isMade { federation.requestStop() }
            guard let round = await federation.next() else { break }
            try log.append(round)
            rounds.append(round)
            record.add(round)
            try storeIfDue(log)
            observer.roundEnded(round, in: record)
        }
        try await finish(log, observer)
        observer.runEnded(record)
        return record
    }

    /// Puts the folder into the state after the checkpoint's round: whatever came later is computed anew.
    private mutating func begin() throws -> RoundLog {
        try folder.create()
        FileAccess.removeDrafts(in: folder.path)
        FileAccess.removeDrafts(in: checkpoints.path)
        checkpoints.remove(after: federation.state.lastRound)
        let log = try RoundLog(folder, energy: plan.energy.isCounted)
        rounds = try log.truncate(after: federation.state.lastRound)
        record.totals = RunRecord.Totals()
        record.target = (plan.stop.accuracy ?? plan.stop.target).map(RunRecord.Target.init(accuracy:))
        for round in rounds { record.add(round) }
        federation.recall(rounds.last { $0.test != nil }?.test)
        try folder.write(record)
        return log
    }

    private mutating func storeIfDue(_ log: RoundLog) throws {
        let last = federation.state.lastRound
        if let every = plan.checkpoint.every {
            guard last.rawValue % every == 0 else { return }
        } else {
            guard lastStorage.duration(to: .now) >= .seconds(3) else { return }
        }
        try store(log)
    }

    /// Stores the state. The log goes first: a checkpoint relies on the rounds before it.
    private mutating func store(_ log: RoundLog) throws {
        try log.synchronise()
        record.totals.peakMemoryBytes = ProcessMemory.peakBytes
        try folder.write(record)
        try checkpoints.write(Checkpoint(plan: plan, state: federation.state))
        stored = federation.state.lastRound
        lastStorage = .now
    }

    private mutating func finish(_ log: RoundLog, _ observer: some RunObserver) async throws {
        if case .end(let status) = federation.coordinator.nextAction() { record.status = status }
        if stored != federation.state.lastRound { try store(log) }
        let state = federation.state
        let model = ModelFile(
            weights: state.weights, model: plan.model, dataset: plan.data.set, round: state.lastRound,
            version: state.modelVersion)
        record.model.sha256 = try model.write(to: folder.modelPath)
        if record.status != .interrupted {
            await trainBaselines(observer)
            try await scoreOwnModels(observer)
        }
        record.totals.peakMemoryBytes = ProcessMemory.peakBytes
        try folder.write(record)
        try folder.writeReport(RunReport(record: record, rounds: rounds).html())
        if writesTensorBoard { try writeTensorBoard() }
    }

    /// One event file with all rounds; those of earlier sittings would show the same rounds again.
    private func writeTensorBoard() throws {
        for old in try folder.fileNames() where old.hasPrefix("events.out.tfevents.") { try folder.remove(old) }
        try folder.writeEvents(rounds, startedAt: wallTime)
    }

    /// Clients' own models beside the global one, and a row for each client.
    private mutating func scoreOwnModels(_ observer: some RunObserver) async throws {
        guard federation.plan.strategy.personalisation != nil else { return }
        observer.baselineBegan(.personal)
        let scores = await PersonalEvaluation(federation: federation).scores() ?? []
        record.baselines.append(
            RunRecord.Baseline(kind: .personal, test: nil, federated: FederatedScore(scores.map(\.after))))
        try FileAccess.replace("\(folder.path)/clients.csv", with: Data(scores.csv().utf8))
    }

    private mutating func trainBaselines(_ observer: some RunObserver) async {
        let training = BaselineTraining(federation: federation)
        let wanted = plan.evaluation.baselines
        record.baselines = []
        if wanted == .local || wanted == .all {
            observer.baselineBegan(.local)
            record.baselines.append(await training.local())
        }
        if wanted == .pooled || wanted == .all {
            observer.baselineBegan(.pooled)
            record.baselines.append(await training.pooled())
        }
    }
}
