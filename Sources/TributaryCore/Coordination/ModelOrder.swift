/// What the next model is to be made of.
public struct ModelOrder: Hashable, Sendable {
    /// The run.
    public var run: RunID
    /// The round.
    public var round: RoundNumber
    /// The model to go on from (float32).
    public var base: TensorBlob
    /// The updates that count, in ascending order of their clients.
    public var contributions: [ContributionRow]
    /// The model's length.
    public var parameterCount: Int
    /// The largest magnitude of a coordinate of an update.
    public var bound: Float
    /// What makes one update of them.
    public var aggregation: Aggregation
    /// The step along that update.
    public var step: ServerStep
    /// What the step's optimiser keeps (float32), a vector as long as the model for each of its form; empty before the first
    /// step, and always for an optimiser that keeps nothing.
    public var state: [TensorBlob]
    /// How the updates are clipped and what noise their sum gets, in place of their mean; nil without privacy.
    public var privacy: PrivateSum?
    /// What each update is multiplied by before it is put together with the others, because of its age; empty for 1.
    public var scales: [Double] = []
    /// What is made of them is multiplied by this.
    public var meanScale = 1.0
    /// How clients' models are mixed into the base; nil where updates are put together.
    public var mixing: ModelMixing?
    /// What the method makes of that before the step; nil for nothing.
    public var method: MethodOrder?

    /// What the update at a place is multiplied by.
    package func scale(of place: Int) -> Double { scales.isEmpty ? 1 : scales[place] }

    /// An order with all its parts.
    public init(
        run: RunID, round: RoundNumber, base: TensorBlob, contributions: [ContributionRow], parameterCount: Int,
        bound: Float, aggregation: Aggregation = Aggregation(), step: ServerStep, state: [TensorBlob] = [],
        privacy: PrivateSum? = nil
    ) {
        self.run = run
        self.round = round
        self.base = base
        self.contributions = contributions
        self.parameterCount = parameterCount
        self.bound = bound
        self.aggregation = aggregation
        self.step = step
        self.state = state
        self.privacy = privacy
    }
}

/// What became of an order.
public enum ModelResult: Hashable, Sendable {
    /// The model is in the blob store and on disk, and so is what the optimiser keeps after the step and, behind that, what the
    /// method does; `stepNorm` is the L2 norm of the step.
    case made(TensorBlob, state: [TensorBlob] = [], stepNorm: Double)
    /// Updates of these clients are not what was accepted; they were set aside.
    case damagedContributions([ClientID])
    /// The model to go on from, or what the optimiser or the method keeps, is not what was stored.
    case damagedBase(String)
    /// The store refused; it may work later.
    case failed(String)
}

/// What was found when a model was looked at in the store.
public enum ModelCondition: Hashable, Sendable {
    /// It is what was written.
    case whole
    /// It is missing, or not what was written.
    case damaged(String)
    /// The store could not say.
    case unknown(String)
}

/// An update that is to be looked at before it is accepted.
public struct UpdateCheck: Hashable, Sendable {
    /// The task it is for.
    public var task: TaskID
    /// Whose it is.
    public var client: ClientID
    /// The update.
    public var blob: UpdateBlob
    /// What it was found to be, if it is compressed and was looked at once. The coordinator has named it since, so that
    /// nobody removes it any more; it must be there still.
    public var decoded: DecodedUpdate?
    /// The model's length.
    public var parameterCount: Int
    /// The largest magnitude of a coordinate.
    public var bound: Float
    /// The same for each of a method's messages, which are as long as the model and follow the update in its bytes; empty where
    /// there are none.
    public var messageBounds: [Float]
    /// Where the update must be zero, in ascending order: what stays with clients. Empty for nowhere.
    public var still: [Range<Int>]

    /// A check with all its parts.
    public init(
        task: TaskID, client: ClientID, blob: UpdateBlob, decoded: DecodedUpdate? = nil, parameterCount: Int,
        bound: Float, messageBounds: [Float] = [], still: [Range<Int>] = []
    ) {
        self.task = task
        self.client = client
        self.blob = blob
        self.decoded = decoded
        self.parameterCount = parameterCount
        self.bound = bound
        self.messageBounds = messageBounds
        self.still = still
    }

    /// The same, for an update whose numbers have a name by now.
    func naming(_ decoded: DecodedUpdate) -> UpdateCheck {
        var check = self
        check.decoded = decoded
        return check
    }
}

/// What an update was found to be.
public enum UpdateVerdict: Hashable, Sendable {
    /// It can be used; `norm` is its L2 norm.
    case sound(norm: Double)
    /// It can be used, and its numbers are in the blob store and on disk. Once they are named they are to be looked for
    /// again (`UpdateCheck.decoded`): another update may have the same, and they may be about to go with it.
    case decoded(DecodedUpdate)
    /// It cannot be used.
    case refused(UpdateRefusal)
    /// Its bytes are not in the blob store.
    case missing
    /// The store refused; it may work later.
    case failed(String)
}
