/// What happened in one round: a row of every report.
public struct RoundSummary: Codable, Hashable, Sendable {
    /// How the round ended.
    public enum Outcome: String, Codable, Sendable {
        /// The quorum was met and a new model version made.
        case committed
        /// Fewer than the quorum had contributed at the deadline; the model is unchanged.
        case abandoned
    }

    /// The round.
    public var round: RoundNumber
    /// How it ended.
    public var outcome: Outcome
    /// The global model's version after the round.
    public var modelVersion: ModelVersion
    /// The clients' learning rate η_l in this round.
    public var learningRate: Double

    /// Who took part.
    public var participation = Participation()
    /// Bytes moved between coordinator and clients.
    public var traffic = Traffic()
    /// When it happened, in virtual and real time.
    public var timing = Timing()

    /// The mean local training loss over the contributions, weighted by their examples; nil without any.
    public var trainLoss: Double?
    /// The L2 norms of the accepted updates and of their aggregate; nil without any.
    public var updateNorms: UpdateNorms?
    /// The mean of ‖v̂ − v‖² / ‖v‖² over the contributions, v what was encoded and v̂ what was decoded; nil where numbers
    /// travel as they are.
    public var encodingError: Double?
    /// What the round took, where energy is counted.
    public var energy: Energy?
    /// How old the models were that the contributions started from; nil where all start from the newest.
    public var staleness: Staleness?
    /// What the round did for privacy, and what it cost; nil without any.
    public var privacy: PrivacySpending?
    /// The new global model on the central test set; nil in rounds without that evaluation.
    public var test: Score?
    /// The new global model on the clients' own held-out data; nil in rounds without that evaluation.
    public var federated: FederatedScore?
    /// Clients' own models on the same data of the same clients; nil in rounds without that evaluation. A simulation scores them
    /// once, after the last round.
    public var personal: FederatedScore?

    /// A round that ended so, with everything else still to be filled in.
    public init(round: RoundNumber, outcome: Outcome, modelVersion: ModelVersion, learningRate: Double) {
        self.round = round
        self.outcome = outcome
        self.modelVersion = modelVersion
        self.learningRate = learningRate
    }
}

extension RoundSummary {
    /// Who was invited, who contributed, and why the others did not.
    public struct Participation: Codable, Hashable, Sendable {
        /// Clients invited to the round.
        public var invited = 0
        /// Contributions folded into the aggregate.
        public var reported = 0
        /// Invited clients that did not contribute, by cause. Causes without a client are absent.
        public var dropped: [DropCause: Int] = [:]
        /// Repeated submissions that were answered with the first answer and not counted again.
        public var duplicates = 0

        /// Nobody invited.
        public init() {}

        /// All invited clients that did not contribute.
        public var droppedCount: Int { dropped.values.reduce(0, +) }
    }

    /// Bytes moved in the round.
    public struct Traffic: Codable, Hashable, Sendable {
        /// From the coordinator to clients.
        public var bytesDown = 0
        /// From clients to the coordinator, including updates that were refused.
        public var bytesUp = 0

        /// No traffic.
        public init() {}
    }

    /// When a round happened. Virtual time is what the federation would have taken; real time is what we took.
    public struct Timing: Codable, Hashable, Sendable {
        /// Length of the round in virtual seconds.
        public var virtualSeconds = 0.0
        /// Virtual seconds from the start of the run to the end of the round.
        public var virtualElapsed = 0.0
        /// Real seconds the round took, training and evaluation included.
        public var realSeconds = 0.0

        /// No time at all.
        public init() {}
    }

    /// How old the models were, in server steps, that the contributions to a step started from.
    public struct Staleness: Codable, Hashable, Sendable {
        /// The mean over the contributions.
        public var mean: Double
        /// That of the oldest.
        public var largest: Int

        /// Staleness with both its parts.
        public init(mean: Double, largest: Int) {
            (self.mean, self.largest) = (mean, largest)
        }
    }

    /// What a round did for privacy, and what it cost.
    public struct PrivacySpending: Codable, Hashable, Sendable {
        /// ε of a client after the round; nil where no noise gives a guarantee.
        public var epsilon: Double?
        /// δ at which it is counted.
        public var delta: Double
        /// z: the noise's standard deviation divided by what one client can move.
        public var noiseMultiplier: Double
        /// C: the L2 norm that updates were clipped to.
        public var clip: Double
        /// The share of the contributions that were beyond it; nil without any. Not released: it has no noise.
        public var clippedShare: Double?

        /// Spending with all its parts.
        public init(
            epsilon: Double?, delta: Double, noiseMultiplier: Double, clip: Double, clippedShare: Double? = nil
        ) {
            (self.epsilon, self.delta, self.noiseMultiplier) = (epsilon, delta, noiseMultiplier)
            (self.clip, self.clippedShare) = (clip, clippedShare)
        }
    }

    /// The sizes of the accepted updates.
    public struct UpdateNorms: Codable, Hashable, Sendable {
        /// Smallest, mean and largest L2 norm of a client's update.
        public var smallest, mean, largest: Double
        /// The L2 norm of the aggregate: the step the global model took.
        public var aggregate: Double

        /// Norms with all their parts.
        public init(smallest: Double, mean: Double, largest: Double, aggregate: Double) {
            (self.smallest, self.mean, self.largest, self.aggregate) = (smallest, mean, largest, aggregate)
        }
    }
}

/// Why an invited client did not contribute to its round.
public enum DropCause: String, Codable, CaseIterable, Hashable, Sendable, CodingKeyRepresentable {
    /// It vanished before it trained.
    case beforeTraining = "before-training"
    /// It vanished while it trained.
    case duringTraining = "during-training"
    /// It vanished when its update was ready to be uploaded.
    case beforeUpload = "before-upload"
    /// It stayed connected but never delivered.
    case stalled
    /// It delivered after the round had closed, or was still at work then.
    case late
    /// It trained on a model that was older than updates may be.
    case stale
    /// It holds no examples to train on.
    case noData = "no-data"
    /// Its work failed, and it said so.
    case failed
    /// It had something better to do, and said so.
    case declined
    /// Its update did not have the model's shape or could not be decoded.
    case malformed
    /// Its update was not in the encoding that was asked for, or not of the task's kind.
    case schema
    /// Its update had not as many bytes as the model's tensors take.
    case size
    /// Its update's bytes did not have the digest they were announced with.
    case digest
    /// Its update contained NaN or an infinity.
    case notFinite = "not-finite"
    /// A coordinate of its update exceeded the plan's bound.
    case outOfBound = "out-of-bound"
    /// Its weight was not a positive number within the plan's limit.
    case badWeight = "bad-weight"
}
