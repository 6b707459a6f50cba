/// All that a client is told of a task.
public struct TaskDescription: Hashable, Sendable {
    /// The task.
    public var id: TaskID
    /// The model to start from, to score, or to measure the loss of.
    public var model: TensorBlob
    /// Its version.
    public var modelVersion: ModelVersion
    /// The model as the plan names it, for example `mlp:200,200`.
    public var modelName: String
    /// The model's tensors.
    public var layout: TensorLayout
    /// How to train; nil for other tasks, unless clients train the model further to score what comes of it.
    public var solver: LocalSolver?
    /// The federated algorithm, as the plan names it.
    public var algorithm: String
    /// The most examples to score; nil for all.
    public var evaluationLimit: Int?
    /// The source of the task's randomness, the same whenever the task is given.
    public var seed: UInt64
    /// How the update is to be written by a client that does not compress it.
    public var updateEncoding: TensorEncoding
    /// How the update is to be written by a client that can; nil if plain numbers are wanted.
    public var compression: Compression?
    /// What the run's method asks for beside training; nil for nothing.
    public var method: TaskMethod?
    /// The noise that the client adds to its own update before anything of it leaves the device; nil for none.
    public var localNoise: NoiseRequest?
    /// The largest magnitude of a coordinate of the update before that; one beyond it is refused.
    public var updateBound: Double
    /// The most examples an update may weigh; one that claims more is refused.
    public var exampleLimit: Int
    /// How long the client may stay silent.
    public var lease: Duration
    /// The time left until the round closes.
    public var timeLeft: Duration
    /// Whether the server may have the model's difference to a former one of the run.
    public var offersDifference = false
    /// Whether the client is asked how long it was at each part of the task.
    public var asksForTimes = false
    /// What the run's personalisation asks for; nil for nothing. It is asked for in evaluations, too: there a client scores its
    /// own model beside the global one.
    public var personal: TaskPersonal?

    /// A task with all its parts.
    public init(
        id: TaskID, model: TensorBlob, modelVersion: ModelVersion, modelName: String, layout: TensorLayout,
        solver: LocalSolver?, algorithm: String, evaluationLimit: Int?, seed: UInt64, updateEncoding: TensorEncoding,
        compression: Compression? = nil, method: TaskMethod? = nil, updateBound: Double, exampleLimit: Int,
        lease: Duration, timeLeft: Duration, localNoise: NoiseRequest? = nil
    ) {
        self.id = id
        self.model = model
        self.modelVersion = modelVersion
        self.modelName = modelName
        self.layout = layout
        self.solver = solver
        self.algorithm = algorithm
        self.evaluationLimit = evaluationLimit
        self.seed = seed
        self.updateEncoding = updateEncoding
        self.compression = compression
        self.method = method
        self.localNoise = localNoise
        self.updateBound = updateBound
        self.exampleLimit = exampleLimit
        self.lease = lease
        self.timeLeft = timeLeft
    }
}

/// What a client hands in for a task.
public enum TaskResult: Hashable, Sendable {
    /// It trained: its update is in the blob store.
    case trained(TrainedUpdate)
    /// It scored the model and, where clients have models of their own, on the same examples its own.
    case evaluated(Evaluation, metrics: [String: Double], own: Evaluation? = nil)
    /// F_k: the mean loss of the model over all examples that the client trains on.
    case measured(loss: Double)

    /// The kind of task it answers.
    public var kind: TaskKind {
        switch self {
        case .trained: .train
        case .evaluated: .evaluate
        case .measured: .measure
        }
    }
}

/// An update as its client describes it.
public struct TrainedUpdate: Hashable, Sendable, Codable {
    /// Its bytes.
    public var blob: UpdateBlob
    /// What training gave.
    public var outcome: TrainingOutcome
    /// What the client's trainer measured besides.
    public var metrics: [String: Double]
    /// What the run's method asks for; nil where it asks for nothing.
    public var method: MethodReport?
    /// The noise that the client has added to it; nil for none.
    public var localNoise: NoiseRequest?
    /// ‖v̂ − v‖² / ‖v‖² of what its encoding made of it, v, by its client's word; nil where it says nothing of that.
    public var encodingError: Double?
    /// How long the client was at each part of the task, as it says; nil if it was not asked.
    public var times: WorkTimes?

    /// An update with all its parts.
    public init(
        blob: UpdateBlob, outcome: TrainingOutcome, metrics: [String: Double] = [:], method: MethodReport? = nil,
        localNoise: NoiseRequest? = nil, encodingError: Double? = nil
    ) {
        self.blob = blob
        self.outcome = outcome
        self.metrics = metrics
        self.method = method
        self.localNoise = localNoise
        self.encodingError = encodingError
    }
}
