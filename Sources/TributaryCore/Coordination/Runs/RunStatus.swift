/// How a run is, for those who ask.
public struct RunStatus: Hashable, Sendable {
    /// What a run is doing.
    public enum Activity: Hashable, Sendable {
        /// It waits for what the text says.
        case waiting(String)
        /// A round is open, or its model is being made.
        case training
        /// The model is being scored.
        case evaluating
        /// No rounds until it is resumed.
        case paused
        /// It reached its end.
        case completed
        /// An operator ended it.
        case stopped
        /// Something it needs is damaged.
        case failed(String)
    }

    /// The run as it was created, with its present status.
    public var row: RunRow
    /// What it is doing.
    public var activity: Activity
    /// Grows with every change.
    public var revision: UInt64
    /// The last round that ended; nil before the first.
    public var lastRound: RoundSummary?
    /// Rounds planned.
    public var plannedRounds: Int
    /// The newest model's version.
    public var modelVersion: ModelVersion
    /// The newest model.
    public var model: TensorBlob
    /// Clients invited to the open round.
    public var invitedCount: Int
    /// Updates that count in it.
    public var contributionCount: Int
    /// Registered clients that meet the target.
    public var registeredCount: Int
    /// Those of them that were heard of lately.
    public var presentCount: Int
}
