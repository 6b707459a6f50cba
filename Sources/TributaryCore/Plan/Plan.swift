/// What a run is to do: everything that its result depends on.
///
/// A plan is nested values with documented defaults. As text (in plan files, flags, records and checkpoints) it is the
/// list of its fields, `PlanField.all`, which is also where each field's meaning is written down.
///
/// ```swift
/// var plan = Plan()
/// plan.data.set = "fashion-mnist"
/// plan.model = "mlp:200,200"
/// plan.cohort.fraction = 0.1
/// ```
public struct Plan: Hashable, Sendable {
    /// The run's title in reports; nil makes one from the data set and the model.
    public var name: String?
    /// The seed of every random choice.
    public var seed: UInt64 = 1
    /// Rounds to run.
    public var rounds = 20
    /// The model: `auto`, `softmax`, `linear`, `mlp:200,200`, `cnn`, `lstm` …
    public var model = "auto"
    /// The federated algorithm: a name for a choice of parts.
    public var algorithm = Algorithm.fedAvg
    /// The parts themselves, where they are not those of the algorithm's name.
    public var strategy = Parts()
    /// The data and how clients come to hold it.
    public var data = Data()
    /// Who takes part in a round.
    public var cohort = Cohort()
    /// How a client trains.
    public var local = Local()
    /// How updates become the next model.
    public var server = Server()
    /// What may be learnt of a client.
    public var privacy = Privacy()
    /// The simulated devices.
    public var devices = Devices()
    /// What goes wrong on simulated devices.
    public var faults = Faults()
    /// What energy a simulation takes, and what is done about its carbon.
    public var energy = Energy()
    /// When the model is scored.
    public var evaluation = Evaluation()
    /// When to end before the last round.
    public var stop = Stop()
    /// When the state is stored.
    public var checkpoint = Checkpoint()
    /// What only rounds over a network need.
    public var live = Live()

    /// A plan of defaults; only the data set has none.
    public init() {}

    /// The parts of the strategy by name, as `Catalogue` knows them.
    public struct Parts: Hashable, Sendable {
        /// What is done beside averaging; nil: what the algorithm's name says, else `plain`.
        public var method: PartText?
        /// What makes the next model of the mean update; nil: what the algorithm's name says, else `sgd`.
        public var optimiser: PartText?
        /// When the model moves; nil: what the algorithm's name says, else in rounds. In simulation.
        public var pacing: PartText?
        /// How clients come to models of their own; nil: they have none. In simulation.
        public var personalisation: PartText?
        /// What makes one update of a round's; nil: the exact weighted mean.
        public var aggregation: PartText?
        /// How updates are written on their way; nil: as they are. In simulation.
        public var encoding: UpdateEncoding?
        /// Whether clients add what earlier updates left out; nil: with encodings that err in a direction.
        public var errorFeedback: Bool?
        /// How clients get the model.
        public var download = ModelDownload.full
    }
}

extension Plan {
    /// The data and how clients come to hold it.
    public struct Data: Hashable, Sendable {
        /// A named set, or `csv` for the user's own files.
        public var set = ""
        /// Where its files are, if not where they are usually found.
        public var directory: String?
        /// For `csv`: the file to train on.
        public var file: String?
        /// For `csv`: the file of the central test set; nil holds out a fifth of the rows.
        public var testFile: String?
        /// For `csv`: the label's column by name or number from 1; nil is the last.
        public var label: String?
        /// For `csv`: the column that names the client a row belongs to.
        public var clientColumn: String?
        /// For `csv`: what the label is.
        public var task = Task.auto
        /// For `csv`: what becomes of rows with missing values.
        public var missing = Missing.impute
        /// Refuse files whose content is not the published one.
        public var verify = true
        /// Registered clients; nil: as many as the data has by nature, else 100.
        public var clients: Int?
        /// How examples are dealt out; `auto`: by nature where the data has clients, else `iid`.
        public var partition = "auto"
        /// The share of each client's examples that it holds out for validation.
        public var validation = 0.0
        /// The share of each client's examples that it holds out to be evaluated on.
        public var test = 0.0

        /// What a label is.
        public enum Task: String, CaseIterable, Hashable, Sendable {
            /// Classes, unless the label is a number with many values.
            case auto
            /// Classes.
            case classes
            /// A number to be predicted.
            case regression
        }

        /// What becomes of rows with missing values.
        public enum Missing: String, CaseIterable, Hashable, Sendable {
            /// A number becomes its column's mean, a category a level of its own.
            case impute
            /// The row is left out.
            case drop
        }
    }

    /// Who takes part in a round.
    public struct Cohort: Hashable, Sendable {
        /// How clients are drawn.
        public var selection = CohortSelection.uniform
        /// C: the share of the clients that a round wants; nil when `count` is given.
        public var fraction: Double?
        /// The number of clients that a round wants; nil when `fraction` is given.
        public var count: Int?
        /// ρ: invite this many times the wanted number and close when the wanted number has reported.
        public var overSelection = 1.0
        /// The fewest contributions that let a round commit.
        public var quorum = Quorum.share(0.5)
        /// The longest a round stays open.
        public var deadline = Duration.seconds(600)
        /// How long a client may stay silent before a round stops waiting for it.
        public var lease = Duration.seconds(60)
        /// The most rounds that a client is invited to; nil for any number. In simulation.
        public var participationCap: Int?
        /// R: a client is invited at most once every so many rounds; nil for any number. In simulation.
        public var participationGap: Int?
        /// The share of a round's wanted clients when neither `fraction` nor `count` is given.
        public static let defaultFraction = 0.1
    }

    /// How a client trains.
    public struct Local: Hashable, Sendable {
        /// E: passes over the client's data; nil when `steps` is given.
        public var epochs: Int?
        /// Mini-batch steps; nil when `epochs` is given.
        public var steps: Int?
        /// B: examples a step.
        public var batchSize: BatchSize?
        /// η_l: the learning rate of the first round.
        public var learningRate = 0.1
        /// How the learning rate changes over rounds.
        public var schedule = LearningRateSchedule.constant
        /// ρ: heavy-ball momentum, reset each round.
        public var momentum = 0.0
        /// λ: L2 penalty.
        public var weightDecay = 0.0
        /// The largest norm of a step's gradient.
        public var clipNorm: Double?
        /// What becomes of the work of a client that runs out of time; nil: as the method has it.
        public var partialWork: PartialWork?

        /// What becomes of the work of a client that runs out of time.
        public enum PartialWork: String, CaseIterable, Hashable, Sendable {
            /// It is used as far as it went.
            case keep
            /// It is lost.
            case drop
        }
    }

    /// How updates become the next model.
    public struct Server: Hashable, Sendable {
        /// η_g: the optimiser's learning rate in the first round; nil is the optimiser's own, which for `sgd` is 1, model
        /// averaging.
        public var learningRate: Double?
        /// How η_g changes over rounds.
        public var schedule = LearningRateSchedule.constant
        /// The weight of an update; nil: as the method has it, else by examples.
        public var weighting: UpdateWeighting?
        /// The largest magnitude of a coordinate of an update.
        public var updateBound = 8.0
    }

    /// What may be learnt of a client.
    public struct Privacy: Hashable, Sendable {
        /// How noise gets into rounds; nil: there is none.
        public var mechanism: PartText?
        /// The largest ε; the run ends before it is exceeded. Nil: nothing ends it.
        public var epsilon: Double?
        /// δ at which ε is counted; nil: 1 / N^1.1 for N clients.
        public var delta: Double?
        /// N, the clients that a round's are drawn of, where clients come and go; nil: as many as there are. Over a network.
        public var population: Int?
    }

    /// When the model is scored.
    public struct Evaluation: Hashable, Sendable {
        /// On the central test set: every so many rounds; 0 only after the last.
        public var every = 1
        /// On clients' own held-out data: every so many rounds; 0 only after the last; nil never.
        public var federatedEvery: Int? = 0
        /// How many clients that is asked of at most.
        public var federatedClients = 100
        /// The most examples of the central test set that are scored; nil for all.
        public var testExamples: Int? = 10_000
        /// The most held-out examples of a client that are scored; nil for all.
        public var clientExamples: Int? = 1_000
        /// Also train without a federation, to compare with.
        public var baselines = Baselines.none

        /// What to train without a federation.
        public enum Baselines: String, CaseIterable, Hashable, Sendable {
            /// Nothing.
            case none
            /// One model a client on its own data alone.
            case local
            /// One model on all data put together.
            case pooled
            /// Both.
            case all
        }
    }

    /// When to end before the last round.
    public struct Stop: Hashable, Sendable {
        /// End after the first round with this test accuracy.
        public var accuracy: Double?
        /// Report the first round with this test accuracy, but go on.
        public var target: Double?
    }

    /// When the state is stored.
    public struct Checkpoint: Hashable, Sendable {
        /// Every so many rounds; nil: when a few seconds have passed since the last.
        public var every: Int?
        /// How many to keep.
        public var keep = 2
    }

    /// What only rounds over a network need; the simulator has no use for it.
    public struct Live: Hashable, Sendable {
        /// The fewest clients that must be there before a round opens; nil: as many as a round wants by `cohort.count`,
        /// else its quorum if that is a number, else one.
        public var minClients: Int?
        /// The most examples that a client may claim to have trained on.
        public var exampleLimit = 1_000_000
        /// How clients write their updates.
        public var updateEncoding = TensorEncoding.float32
        /// The longest that candidates for a round are waited for to say their loss, and clients to score a model while
        /// others train on.
        public var askDeadline = Duration.seconds(60)
    }
}
