public import TributaryCore

/// What goes wrong in a fleet: the faults of a plan, as the simulator knows them, and what only a network can do.
public struct FleetFaults: Sendable {
    /// Probabilities for each training task.
    public var plan: Plan.Faults = Plan().faults
    /// Bytes a second of a slow link, either way; nil for none.
    public var slowLink: Double?
    /// The share of clients that have a slow link.
    public var slowShare = 0.1
    /// The probability that a transfer is cut off on the way; it goes on where it was.
    public var cut = 0.0
    /// How often all clients lose their connections at once; nil for never.
    public var stormInterval: Duration?
    /// How long a client that vanished stays away, on average.
    public var absence = Duration.seconds(10)
    /// How long a client that falls silent does so, in leases.
    public var silence = 1.5

    /// Nothing goes wrong.
    public init() {}
}

/// A fault that was played.
public enum FleetFault: String, Hashable, Sendable, Codable, CaseIterable {
    /// A client vanished as it got its task.
    case vanishedBeforeTraining = "vanished-before-training"
    /// A client vanished while it trained.
    case vanishedDuringTraining = "vanished-during-training"
    /// A client vanished as it began to send its update.
    case vanishedBeforeUpload = "vanished-before-upload"
    /// A client fell silent.
    case stalled
    /// A client sent an update of the wrong length.
    case truncated
    /// A client sent random bytes.
    case garbage
    /// A client sent an update with NaN in it.
    case notFinite = "not-finite"
    /// The answer to a result was lost.
    case answerLost = "answer-lost"
    /// A transfer was cut off.
    case cut
    /// All connections were dropped.
    case storm
}
