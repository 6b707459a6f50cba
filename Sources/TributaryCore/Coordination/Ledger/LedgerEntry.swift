/// One change of the coordinator's durable state. Several make a batch, which is written as a whole or not at all.
public enum LedgerEntry: Hashable, Sendable {
    /// A client registered, or one that had changed; replaces the row with its id.
    case client(ClientRow)
    /// A client left.
    case clientLeft(ClientID)
    /// A run was created or changed; replaces the row with its id.
    case run(RunRow)
    /// A round was opened.
    case roundOpened(RoundRow)
    /// An update was accepted. Writing a second one of the same task and client is an error.
    case contribution(ContributionRow)
    /// A score was accepted. Writing a second one of the same task and client is an error.
    case evaluation(EvaluationRow)
    /// A training round ended; replaces the row with its run and round.
    case roundEnded(RoundEndRow)
    /// What a private run has spent changed; replaces the row of its run.
    case privacy(PrivacyRow)
}

/// What a coordinator needs of its ledger to go on where it was.
public struct LedgerImage: Hashable, Sendable {
    /// One run and where it is.
    public struct Run: Hashable, Sendable {
        /// The run.
        public var row: RunRow
        /// Its last training round that ended; nil before the first.
        public var lastEnd: RoundEndRow?
        /// What it has spent of its privacy, and its secret; nil for a run without, or if the row is lost.
        public var privacy: PrivacyRow?
        /// The last score on the central test set of an earlier or the last round; nil without one.
        public var lastTest: Score?
        /// The newest opened round of each kind that is later than `lastEnd`, or that belongs to it and is not scored; and, where
        /// the model moves as updates come, all waves since the round from which work goes on, the oldest first.
        public var openRounds: [RoundRow]
        /// What was accepted in them.
        public var contributions: [ContributionRow]
        /// What was accepted in them.
        public var evaluations: [EvaluationRow]
        /// What all rounds changed in what is known of clients, in their order.
        public var selection: [SelectionChange]
        /// By client, the last round whose model has an update of its in it, where the run's method has clients remember what
        /// they did.
        public var counted: [ClientID: RoundNumber]

        /// A run with all its parts.
        public init(
            row: RunRow, lastEnd: RoundEndRow? = nil, privacy: PrivacyRow? = nil, lastTest: Score? = nil,
            openRounds: [RoundRow] = [], contributions: [ContributionRow] = [], evaluations: [EvaluationRow] = [],
            selection: [SelectionChange] = [], counted: [ClientID: RoundNumber] = [:]
        ) {
            self.row = row
            self.lastEnd = lastEnd
            self.privacy = privacy
            self.lastTest = lastTest
            self.openRounds = openRounds
            self.contributions = contributions
            self.evaluations = evaluations
            self.selection = selection
            self.counted = counted
        }
    }

    /// All registered clients, in ascending order.
    public var clients: [ClientRow]
    /// All runs, in the order of their creation.
    public var runs: [Run]

    /// An image with both its parts.
    public init(clients: [ClientRow] = [], runs: [Run] = []) {
        self.clients = clients
        self.runs = runs
    }
}
