public import TributaryClient

/// All that a fleet needs to know, beside the data of its clients.
public struct FleetSettings: Sendable {
    /// The server, and what every client has in common: join token, TLS, timeouts, labels, software version, the form of
    /// the data. Its name is not used.
    public var client: ClientSettings
    /// What the clients' names begin with: `fleet` makes `fleet-00042`.
    public var namePrefix = "fleet"
    /// How many clients train at a time.
    public var workers = 1
    /// From the first client's start to the last one's; nil for a millisecond a client.
    public var rampUp: Duration?
    /// Transports that the clients share; nil for one for each 128 clients over TLS, and for one in all without.
    public var connections: Int?
    /// The source of every draw.
    public var seed: UInt64 = 1
    /// The regions of the electricity grid that clients say they are in: drawn by the seed, as in the simulator. Empty: they do
    /// not say.
    public var regions: [String] = []
    /// What goes wrong.
    public var faults = FleetFaults()
    /// The most memory, in bytes, for updates that are being worked out or wait for their receipt; clients beyond it wait
    /// before they train.
    public var updateMemory = 256 << 20
    /// The most memory, in bytes, for models, which all clients share.
    public var modelMemory = 256 << 20
    /// How often progress is told.
    public var progressInterval = Duration.seconds(5)

    /// A fleet of a server's clients without faults.
    public init(_ client: ClientSettings) {
        self.client = client
    }
}
