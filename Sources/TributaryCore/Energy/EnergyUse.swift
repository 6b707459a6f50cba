/// Something that a client does for a while.
public struct EnergyUse: Hashable, Sendable {
    /// What it does.
    public enum Kind: Hashable, Sendable {
        /// Receives the model, and what goes with it.
        case download
        /// Trains.
        case training
        /// Sends its update.
        case upload
    }

    /// What it does.
    public var kind: Kind
    /// Who.
    public var client: ClientID
    /// From when to when.
    public var start, end: Instant
    /// The bytes that are moved.
    public var bytes: Int
    /// Whether the device's power is noted elsewhere.
    public var isOnNetworkAlone = false
    /// What the client says of itself; nil where region and power are drawn by the seed.
    public var statement: EnergyStatement?

    /// A use with all its parts.
    public init(
        _ kind: Kind, of client: ClientID, from start: Instant, to end: Instant, bytes: Int = 0,
        statement: EnergyStatement? = nil
    ) {
        (self.kind, self.client, self.bytes, self.statement) = (kind, client, bytes, statement)
        (self.start, self.end) = (start, end)
    }
}
