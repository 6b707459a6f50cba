/// Everything about a run but its rounds: the content of `run.json`.
public struct RunRecord: Codable, Hashable, Sendable {
    /// How far a run got.
    public enum Status: String, Codable, Sendable {
        /// Still going, or ended without a word.
        case running
        /// Reached its last round.
        case completed
        /// Stopped on request after a round; can be resumed.
        case interrupted
        /// Reached the accuracy it was to stop at.
        case reachedTarget = "reached-target"
        /// Another round would have exceeded the privacy budget.
        case budgetSpent = "budget-spent"
    }

    /// The version of this record's form; raised when a reader of the old form would misread it.
    public var format = 1
    /// The version of Tributary that made the run.
    public var version: String
    /// How far the run got.
    public var status: Status
    /// The run's title in reports.
    public var name: String
    /// The run's seed.
    public var seed: UInt64
    /// The effective plan: section → key → value, as a plan file would say it.
    public var plan: [String: [String: String]]
    /// The data the clients held.
    public var data: Data
    /// The model that was trained.
    public var model: Model
    /// Where the run was computed.
    public var machine: Machine
    /// Sums over the run.
    public var totals = Totals()
    /// What the same data gives without a federation, if it was asked for.
    public var baselines: [Baseline] = []
    /// The accuracy the report counts rounds to, with the first round that reached it (nil if none did).
    public var target: Target?

    /// A record of a run about to begin.
    public init(
        version: String, name: String, seed: UInt64, plan: [String: [String: String]], data: Data, model: Model,
        machine: Machine
    ) {
        self.version = version
        self.status = .running
        self.name = name
        self.seed = seed
        self.plan = plan
        self.data = data
        self.model = model
        self.machine = machine
    }
}

extension RunRecord {
    /// The data the clients held.
    public struct Data: Codable, Hashable, Sendable {
        /// The data set's name.
        public var set: String
        /// Examples dealt out to clients (training and their own held-out ones).
        public var trainExamples: Int
        /// Examples of the central test set.
        public var testExamples: Int
        /// Classes; nil for regression.
        public var classes: Int?
        /// The registered clients.
        public var clients: Int
        /// How the examples were dealt out, as the plan says it.
        public var partition: String
        /// The sizes of the clients' shards: smallest, median, largest; nil where they are drawn on demand.
        public var shardSizes: [Int]?
        /// SHA-256 of the examples in hexadecimal; nil if they were not digested.
        public var sha256: String?

        /// A description with all its parts.
        public init(
            set: String, trainExamples: Int, testExamples: Int, classes: Int?, clients: Int, partition: String,
            shardSizes: [Int]?, sha256: String? = nil
        ) {
            self.set = set
            self.trainExamples = trainExamples
            self.testExamples = testExamples
            self.classes = classes
            self.clients = clients
            self.partition = partition
            self.shardSizes = shardSizes
            self.sha256 = sha256
        }
    }

    /// The model that was trained.
    public struct Model: Codable, Hashable, Sendable {
        /// The model as the plan names it.
        public var name: String
        /// The number of its parameters.
        public var parameters: Int
        /// SHA-256 of `model.safetensors` in hexadecimal, once it is written.
        public var sha256: String?

        /// A description with all its parts.
        public init(name: String, parameters: Int, sha256: String? = nil) {
            (self.name, self.parameters, self.sha256) = (name, parameters, sha256)
        }
    }

    /// Where the run was computed.
    public struct Machine: Codable, Hashable, Sendable {
        /// The processor's name.
        public var processor: String
        /// Logical processors.
        public var cores: Int
        /// Physical memory in bytes.
        public var memoryBytes: Int
        /// The operating system.
        public var system: String
        /// The compiler's language version.
        public var swift: String
        /// The BLAS library and the kernels it chose.
        public var blas: String
        /// Worker threads the run used.
        public var workers: Int

        /// A description with all its parts.
        public init(
            processor: String, cores: Int, memoryBytes: Int, system: String, swift: String, blas: String, workers: Int
        ) {
            self.processor = processor
            self.cores = cores
            self.memoryBytes = memoryBytes
            self.system = system
            self.swift = swift
            self.blas = blas
            self.workers = workers
        }
    }

    /// Sums over the run.
    public struct Totals: Codable, Hashable, Sendable {
        /// Rounds that ended.
        public var rounds = 0
        /// Rounds that made a new model version.
        public var committed = 0
        /// Contributions folded.
        public var contributions = 0
        /// Bytes moved.
        public var traffic = RoundSummary.Traffic()
        /// Virtual seconds from the first round's start to the last one's end.
        public var virtualSeconds = 0.0
        /// Real seconds of computation, over all sittings of a resumed run.
        public var realSeconds = 0.0
        /// The largest resident memory of the process in bytes.
        public var peakMemoryBytes = 0
        /// What all rounds took, where energy is counted.
        public var energy: RoundSummary.Energy?
        /// The last score on the central test set.
        public var finalTest: Score?
        /// The best accuracy on the central test set and the round that had it.
        public var bestAccuracy: BestAccuracy?

        /// Nothing yet.
        public init() {}
    }

    /// The best accuracy of a run.
    public struct BestAccuracy: Codable, Hashable, Sendable {
        /// The accuracy, in 0 ... 1.
        public var accuracy: Double
        /// The first round that had it.
        public var round: RoundNumber
    }

    /// A model trained on the same data without a federation.
    public struct Baseline: Codable, Hashable, Sendable {
        /// What was trained on what.
        public enum Kind: String, Codable, Sendable, CaseIterable {
            /// One model per client on its own data alone; the score is the mean over clients.
            case local
            /// One model on all clients' data put together.
            case pooled
            /// Every client's own model, as the plan's personalisation has it, on the client's own held-out data.
            case personal
        }

        /// What was trained on what.
        public var kind: Kind
        /// The score on the central test set.
        public var test: Score?
        /// The score on clients' own held-out data.
        public var federated: FederatedScore?

        /// A baseline with all its parts.
        public init(kind: Kind, test: Score?, federated: FederatedScore?) {
            (self.kind, self.test, self.federated) = (kind, test, federated)
        }
    }

    /// An accuracy to reach and whether it was.
    public struct Target: Codable, Hashable, Sendable {
        /// The accuracy, in 0 ... 1.
        public var accuracy: Double
        /// The first round whose test accuracy reached it; nil if none did.
        public var round: RoundNumber?

        /// A target that no round has reached yet.
        public init(accuracy: Double) {
            self.accuracy = accuracy
        }
    }

    /// Adds an ended round to the totals, the best accuracy and the target.
    public mutating func add(_ round: RoundSummary) {
        totals.rounds += 1
        if round.outcome == .committed { totals.committed += 1 }
        totals.contributions += round.outcome == .committed ? round.participation.reported : 0
        totals.traffic.bytesDown += round.traffic.bytesDown
        totals.traffic.bytesUp += round.traffic.bytesUp
        totals.virtualSeconds = round.timing.virtualElapsed
        totals.realSeconds += round.timing.realSeconds
        if let energy = round.energy { totals.energy = (totals.energy ?? RoundSummary.Energy()) + energy }
        if let personal = round.personal {
            baselines.removeAll { $0.kind == .personal }
            baselines.append(Baseline(kind: .personal, test: nil, federated: personal))
        }
        guard let test = round.test else { return }
        totals.finalTest = test
        guard let accuracy = test.accuracy else { return }
        if accuracy > totals.bestAccuracy?.accuracy ?? -1 {
            totals.bestAccuracy = BestAccuracy(accuracy: accuracy, round: round.round)
        }
        if let goal = target?.accuracy, target?.round == nil, accuracy >= goal { target?.round = round.round }
    }
}
