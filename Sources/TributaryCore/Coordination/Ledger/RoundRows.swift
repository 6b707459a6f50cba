/// A round of training or evaluation that was opened.
public struct RoundRow: Hashable, Sendable, Codable {
    /// The run, the round and what is asked.
    public var id: TaskID
    /// The invited clients, in ascending order.
    public var cohort: [ClientID]
    /// Contributions at which the round closes.
    public var goal: Int
    /// Fewest contributions that let it commit.
    public var quorum: Int
    /// When it was opened.
    public var openedAt: Instant
    /// The version of the model that it starts from or scores.
    public var modelVersion: ModelVersion
    /// That model.
    public var model: TensorBlob
    /// N as the run's method counts it: the registered clients that met the run's target when it was opened; nil where no
    /// method asks.
    public var populationSize: Int?
    /// These clients, in ascending order, where the run's method keeps a figure for each; nil where it does not.
    public var population: [ClientID]?

    /// A row with all its parts.
    public init(
        id: TaskID, cohort: [ClientID], goal: Int, quorum: Int, openedAt: Instant, modelVersion: ModelVersion,
        model: TensorBlob, populationSize: Int? = nil, population: [ClientID]? = nil
    ) {
        self.id = id
        self.cohort = cohort
        self.goal = goal
        self.quorum = quorum
        self.openedAt = openedAt
        self.modelVersion = modelVersion
        self.model = model
        self.populationSize = populationSize
        self.population = population
    }
}

/// An update that was accepted: it counts, once. Its key is the task and the client.
public struct ContributionRow: Hashable, Sendable, Codable {
    /// The task.
    public var task: TaskID
    /// Who did it.
    public var client: ClientID
    /// The update, as it came.
    public var update: TrainedUpdate
    /// Its numbers (float32), if it came compressed: from then on they are what counts.
    public var decoded: TensorBlob?
    /// Its weight in the mean.
    public var weight: Int
    /// Its L2 norm.
    public var norm: Double
    /// When it was accepted.
    public var acceptedAt: Instant
    /// Which step it is a part of, where that need not be the step of the round in which it was given out; nil in runs whose
    /// rounds end for all at once.
    public var place: BufferPlace?
    /// What is known of the work on it; nil where energy is not counted.
    public var work: WorkNote?

    /// A row with all its parts.
    public init(
        task: TaskID, client: ClientID, update: TrainedUpdate, decoded: TensorBlob? = nil, weight: Int, norm: Double,
        acceptedAt: Instant, place: BufferPlace? = nil
    ) {
        self.task = task
        self.client = client
        self.update = update
        self.decoded = decoded
        self.weight = weight
        self.norm = norm
        self.acceptedAt = acceptedAt
        self.place = place
    }

    /// What is kept for the sum: the update's numbers.
    public var numbers: TensorBlob {
        decoded ?? update.blob.numbers
            // No row is written so. If one is read so, its blob has another size than the model's numbers, and is damaged.
            ?? TensorBlob(digest: update.blob.digest, byteCount: update.blob.byteCount, encoding: .float32)
    }
}

/// A client's score of a model on its own data that was accepted. Its key is the task and the client.
public struct EvaluationRow: Hashable, Sendable, Codable {
    /// The task.
    public var task: TaskID
    /// Who did it.
    public var client: ClientID
    /// The score, as sums.
    public var evaluation: Evaluation
    /// What the client's trainer measured besides.
    public var metrics: [String: Double]
    /// The score of the client's own model on the same examples; nil where clients have none.
    public var own: Evaluation?

    /// A row with all its parts.
    public init(
        task: TaskID, client: ClientID, evaluation: Evaluation, metrics: [String: Double], own: Evaluation? = nil
    ) {
        self.task = task
        self.client = client
        self.evaluation = evaluation
        self.metrics = metrics
        self.own = own
    }
}

/// The end of a training round and the model after it. Written when the model is made; written again, with the scores,
/// when the evaluations that the round was due have ended.
public struct RoundEndRow: Hashable, Sendable, Codable {
    /// The run.
    public var run: RunID
    /// All about the round.
    public var summary: RoundSummary
    /// The global model after it (float32).
    public var model: TensorBlob
    /// What the server optimiser keeps after it; nil if it keeps nothing, or has taken no step yet.
    public var optimiserState: OptimiserStateRow?
    /// What the method keeps after it; nil if it keeps nothing, or no round has committed yet.
    public var method: MethodStateRow?
    /// η_g of the step to the model, by which it can be computed again on another machine; nil where no step was taken.
    public var serverLearningRate: Double?
    /// What it changed in what is known of clients; nil where the selection does not go by that.
    public var selection: SelectionChange?
    /// The clients whose updates are in its model, in ascending order; nil for a round that was given up, and where clients have
    /// nothing to remember of what they did.
    public var counted: [ClientID]?
    /// Whether the evaluations that it was due are done.
    public var isScored: Bool
    /// When it ended.
    public var endedAt: Instant
    /// Where the model moves as updates come: the oldest round whose tasks may still be answered, or have been by updates that
    /// wait for a later step. A coordinator that starts needs to know of the tasks since then. Nil if there are none, and
    /// in other runs.
    public var workFrom: RoundNumber?

    /// A row with all its parts.
    public init(
        run: RunID, summary: RoundSummary, model: TensorBlob, optimiserState: OptimiserStateRow? = nil,
        method: MethodStateRow? = nil, serverLearningRate: Double? = nil, selection: SelectionChange? = nil,
        counted: [ClientID]? = nil, isScored: Bool, endedAt: Instant, workFrom: RoundNumber? = nil
    ) {
        self.run = run
        self.summary = summary
        self.model = model
        self.optimiserState = optimiserState
        self.method = method
        self.serverLearningRate = serverLearningRate
        self.selection = selection
        self.counted = counted
        self.isScored = isScored
        self.endedAt = endedAt
        self.workFrom = workFrom
    }

    /// All blobs that the next round goes on from.
    public var blobs: [TensorBlob] {
        [model] + (optimiserState?.vectors.map(\.blob) ?? []) + (method?.vectors.map(\.blob) ?? [])
    }
}
