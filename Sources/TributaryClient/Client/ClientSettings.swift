public import TributaryCore

/// All that a client needs to know to take part.
public struct ClientSettings: Sendable {
    /// The coordinator: `https://HOST[:PORT]`, or `http://` for one on this machine.
    public var server: String
    /// What the client says of itself: its name, labels, software version and the form of its data.
    public var description: ClientDescription
    /// What the client says of its electricity, for runs that count energy and carbon: its region of the grid, and what it draws
    /// while it trains. Said with every call for a task, so that it may be another after a restart.
    public var energy: EnergyStatement
    /// The secret that the operator gave out; empty if the server asks for none.
    public var joinToken: String
    /// The folder that the client's identity and a finished update are kept in; nil to keep them in memory, for tests
    /// and for clients that may be forgotten.
    public var stateFolder: String?
    /// How the server is known, and how the client makes itself known to it.
    public var tls: ClientTLS
    /// Whether bytes may go unencrypted to a machine other than this one.
    public var allowsPlainHTTP: Bool
    /// How long things may take.
    public var timeouts: Timeouts
    /// How often things are tried.
    public var patience: ClientSession.Patience
    /// Answered tasks after which the client stops; nil for none.
    public var taskLimit: Int?
    /// The largest model the client takes, in bytes.
    public var modelLimit: Int
    /// The bytes of models that the client keeps in memory where the server offers differences to them; the last one is kept
    /// even if it is larger. Clients with a `ModelCache` keep there what they keep.
    public var formerModelLimit: Int
    /// Whether the client's own models are kept for the app (`FederatedClient.personalModel`), where runs have such. What it takes
    /// to go on with a run is kept all the same.
    public var keepsPersonalModels: Bool
    /// When the client takes part.
    public var conditions: any Conditions
    /// The methods and personalisations that tasks may name: a run with one that is not here gets nothing of this client.
    public var catalogue: Catalogue

    /// Settings for a coordinator, with everything else at its default.
    public init(
        server: String, description: ClientDescription = ClientDescription(), joinToken: String = "",
        stateFolder: String? = nil
    ) {
        self.server = server
        self.description = description
        self.joinToken = joinToken
        self.stateFolder = stateFolder
        energy = EnergyStatement()
        tls = ClientTLS()
        allowsPlainHTTP = false
        timeouts = Timeouts()
        patience = ClientSession.Patience()
        taskLimit = nil
        modelLimit = 4 << 30
        formerModelLimit = 64 << 20
        keepsPersonalModels = true
        conditions = AlwaysReady()
        catalogue = .standard
    }

    /// How long things may take.
    public struct Timeouts: Hashable, Sendable {
        /// To connect, TLS included.
        public var connect = Duration.seconds(10)
        /// From a call to its answer; for a poll, beyond the time it waits for a task.
        public var call = Duration.seconds(30)
        /// How long the server may let a poll wait for a task; zero to be answered at once.
        public var pollWait = Duration.seconds(30)
        /// A transfer fails when no byte moved for so long, however slow it is otherwise.
        public var stall = Duration.seconds(60)

        /// Ten seconds to connect, half a minute for a call, a minute without a byte.
        public init() {}
    }
}

/// How a server is known, and how a client makes itself known to it.
public struct ClientTLS: Hashable, Sendable {
    /// A PEM file of the certificates that vouch for the server, instead of those of the system.
    public var authorityFile: String?
    /// A PEM file of the client's certificate and those that vouch for it, for a server that asks for one.
    public var certificateFile: String?
    /// The PEM file of that certificate's key.
    public var keyFile: String?

    /// The system's certificates, and none of the client's own.
    public init(authorityFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil) {
        self.authorityFile = authorityFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }
}
