/// Where an update counts in a run whose model moves as updates come.
public struct BufferPlace: Hashable, Sendable, Codable {
    /// The round whose step it is a part of.
    public var round: RoundNumber
    /// The version of the model that it started from; how much older that is than the one that the step starts from is the
    /// update's staleness.
    public var startedFrom: ModelVersion

    /// A place with both its parts.
    public init(round: RoundNumber, startedFrom: ModelVersion) {
        self.round = round
        self.startedFrom = startedFrom
    }
}
