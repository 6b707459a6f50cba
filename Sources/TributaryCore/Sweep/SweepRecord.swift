/// A sweep as its folder remembers it: what it tries, in which order, and how far it got. The content of `sweep.json`.
///
/// The runs' own folders are what counts: a run that ended after the record was last written is found there.
public struct SweepRecord: Codable, Hashable, Sendable {
    /// The version of this record's form; raised when a reader of the old form would misread it.
    public var format = 1
    /// The version of Tributary that began the sweep.
    public var version: String
    /// The plan that is varied: section → key → value.
    public var plan: [String: [String: String]]
    /// The fields that vary.
    public var axes: [Axis]
    /// The number of settings drawn; nil for a grid.
    public var samples: Int?
    /// What they were drawn by; nil for a grid.
    public var sweepSeed: UInt64?
    /// The seeds of every setting.
    public var seeds: [UInt64]
    /// What is tried.
    public var settings: [SweepSetting]
    /// The runs, in order.
    public var runs: [Run]

    /// An axis as text.
    public struct Axis: Codable, Hashable, Sendable {
        /// The field's path.
        public var field: String
        /// Its values, as ``SweepAxis`` reads them.
        public var values: String
    }

    /// How far a run got.
    public enum State: String, Codable, Sendable {
        /// Not ended yet: not begun, or to be gone on with from its checkpoint.
        case pending
        /// Ended as its plan wanted.
        case completed
        /// Could not be run.
        case failed
    }

    /// One run.
    public struct Run: Codable, Hashable, Sendable {
        /// The name of its folder.
        public var name: String
        /// The number of its setting.
        public var setting: Int
        /// Its seed.
        public var seed: UInt64
        /// How far it got.
        public var state = State.pending
        /// Why it could not be run, if so: one line.
        public var failure: String?
        /// What came of it, if it ended.
        public var result: SweepResult?
    }

    /// The record of a sweep about to begin.
    public init(_ design: SweepDesign, version: String) {
        self.version = version
        plan = design.base.text
        axes = design.axes.map { Axis(field: $0.field, values: $0.text) }
        samples = design.sampling?.count
        sweepSeed = design.sampling?.seed
        seeds = design.seeds
        settings = design.settings
        runs = design.runs.map { Run(name: $0.name, setting: $0.setting.number, seed: $0.seed) }
    }

    /// The design that was recorded.
    ///
    /// - Throws: `PlanError` if it says something that this version does not know.
    public func design() throws(PlanError) -> SweepDesign {
        let base = try Plan(text: plan)
        var axes: [SweepAxis] = []
        for axis in self.axes { axes.append(try SweepAxis(field: axis.field, values: axis.values, on: base)) }
        axes.append(try SweepAxis(field: "seed", values: seeds.map(String.init).joined(separator: ","), on: base))
        let design = try SweepDesign(base: base, axes: axes, sampleCount: samples, sampleSeed: sweepSeed)
        guard design.settings == settings, design.runs.map(\.name) == runs.map(\.name) else {
            throw PlanError(
                "the settings are not those that its axes give; another version of Tributary may have made them")
        }
        return design
    }

    /// The accuracy that rounds are counted to, if the plan names one.
    public var target: Double? {
        [plan["stop"]?["accuracy"], plan["stop"]?["target"]].compactMap { $0.flatMap(Double.init) }.first
    }
}

/// What came of one run of a sweep.
public struct SweepResult: Codable, Hashable, Sendable {
    /// Rounds that ended.
    public var rounds: Int
    /// The last accuracy on the central test set, in 0 ... 1.
    public var finalAccuracy: Double?
    /// The best one of any round.
    public var bestAccuracy: Double?
    /// The last mean loss on the central test set.
    public var finalLoss: Double?
    /// The last mean accuracy on clients' own held-out data, in 0 ... 1.
    public var federatedAccuracy: Double?
    /// The last mean loss there.
    public var federatedLoss: Double?
    /// The first round that reached the target.
    public var targetRound: Int?
    /// Real seconds of computation.
    public var realSeconds: Double

    /// What a run's record and rounds say.
    public init(_ record: RunRecord, rounds list: [RoundSummary]) {
        rounds = record.totals.rounds
        finalAccuracy = record.totals.finalTest?.accuracy
        bestAccuracy = record.totals.bestAccuracy?.accuracy
        finalLoss = record.totals.finalTest?.loss
        let federated = list.last { $0.federated != nil }?.federated
        federatedAccuracy = federated?.mean.accuracy
        federatedLoss = federated?.mean.loss
        targetRound = record.target?.round?.rawValue
        realSeconds = record.totals.realSeconds
    }
}
