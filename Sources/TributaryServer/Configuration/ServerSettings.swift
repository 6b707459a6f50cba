public import Logging
public import TributaryCore

/// Everything that an operator sets on a coordinator.
///
/// Settings are nested values with documented defaults. As text (in files, the environment, flags, `tributary config` and
/// the documentation) they are the list of ``ServerSetting/all``, where each one's meaning is written down.
///
/// ```swift
/// var settings = ServerSettings()
/// settings.listen = ListenAddress(host: "0.0.0.0", port: 8470)
/// settings.tls.certificate = "/etc/tributary/server.pem"
/// settings.tls.key = "/etc/tributary/server.key"
/// try settings.check()
/// ```
public struct ServerSettings: Hashable, Sendable {
    /// Where the server listens.
    public var listen = ListenAddress(host: "127.0.0.1", port: 8470)
    /// Whether plain HTTP may leave this machine.
    public var allowsPlaintext = false
    /// The folder of all durable state.
    public var state = "tributary-state"
    /// The folder of the runs' reports; nil is `runs` in the state folder.
    public var reports: String?
    /// What clients show to be let in.
    public var joinToken = Token()
    /// What operators show to be obeyed.
    public var operatorToken = Token()
    /// Encryption.
    public var tls = TLS()
    /// Bounds on what callers may take.
    public var limits = Limits()
    /// When clients come back.
    public var pacing = Pacing()
    /// Who may take part.
    public var clients = Clients()
    /// What becomes of updates once their round has committed.
    public var updates = Updates()
    /// What is kept of runs.
    public var runs = Runs()
    /// What is logged.
    public var log = Log()
    /// Figures for Prometheus.
    public var metrics = Metrics()
    /// How the server ends.
    public var shutdown = Shutdown()

    /// Settings of defaults: a server for this machine alone.
    public init() {}

    /// The folder that reports go to.
    public var reportsFolder: String { reports ?? "\(state)/runs" }
    /// The folder of the tokens that the server made itself.
    public var secretsFolder: String { "\(state)/secrets" }
    /// The address that callers on this machine use.
    public var url: String { "\(tls.certificate == nil ? "http" : "https")://\(listen)" }
}

extension ServerSettings {
    /// A token, by its value or by the file that it lies in.
    public struct Token: Hashable, Sendable {
        /// The token itself, from the environment; it is never taken from a flag, where every user of the machine could
        /// read it.
        public var value: Secret?
        /// The file whose first line it is; nil, without a value, makes one in the state folder.
        public var file: String?
    }

    /// Encryption.
    public struct TLS: Hashable, Sendable {
        /// The file of the server's certificate and those that vouch for it, in PEM; nil for plain HTTP.
        public var certificate: String?
        /// The file of the certificate's private key, in PEM.
        public var key: String?
        /// The file of the authority that clients' certificates must come from, in PEM; nil asks clients for none.
        public var clientAuthority: String?
    }

    /// Bounds on what callers may take.
    public struct Limits: Hashable, Sendable {
        /// The longest message of a call.
        public var messageSize = ByteCount(4 << 20)
        /// The longest headers of a request.
        public var headerSize = ByteCount(16 << 10)
        /// The longest update or model.
        public var updateSize = ByteCount(4 << 30)
        /// Open connections.
        public var connections = 16_384
        /// Open connections of one address.
        public var connectionsPerPeer = 1_024
        /// Requests at once on an HTTP/2 connection.
        public var streams = 256
        /// How long a connection may stay open without a request.
        public var idleTimeout = Duration.seconds(120)
        /// How long a request's headers may take.
        public var headerTimeout = Duration.seconds(10)
        /// How long a body may stand still: a slow transfer goes on, a stopped one is given up.
        public var progressTimeout = Duration.seconds(30)
    }

    /// When clients come back.
    public struct Pacing: Hashable, Sendable {
        /// The longest that a poll without a task is held.
        public var pollWait = Duration.seconds(30)
        /// Polls that are held at once; those beyond are told when to come back.
        public var waitingPolls = 20_000
        /// The check-ins a second that retry windows aim at.
        public var checkIns = 100.0
    }

    /// Who may take part.
    public struct Clients: Hashable, Sendable {
        /// How long a client's credential is good without being renewed.
        public var credentialLifetime = Duration.seconds(30 * 86_400)
        /// The oldest client software that is let in; nil lets in any.
        public var minimumVersion: SoftwareVersion?
    }

    /// What becomes of updates once their round has committed.
    public struct Updates: Hashable, Sendable {
        /// Which are kept.
        public var keep = Keep.none

        /// Which updates are kept.
        public enum Keep: String, CaseIterable, Hashable, Sendable {
            /// None: an update goes when the model that holds it is on disk.
            case none
            /// All, so that every model can be computed again.
            case all
        }
    }

    /// What is kept of runs.
    public struct Runs: Hashable, Sendable {
        /// The ended rounds of a run of which the ledger keeps who was invited and what was accepted.
        public var keepRounds = RoundRetention.newest(1000)
    }

    /// What is logged.
    public struct Log: Hashable, Sendable {
        /// The least serious level that is logged.
        public var level = Logger.Level.info
        /// How lines look.
        public var format = Format.text

        /// How log lines look.
        public enum Format: String, CaseIterable, Hashable, Sendable {
            /// Lines for people.
            case text
            /// A JSON object a line, for programs.
            case json
        }
    }

    /// Figures for Prometheus at `/metrics`.
    public struct Metrics: Hashable, Sendable {
        /// Whether they are served.
        public var isEnabled = true
        /// What a scraper shows; without any, `/metrics` takes the operator's token.
        public var token = Token()
    }

    /// How the server ends.
    public struct Shutdown: Hashable, Sendable {
        /// How long open requests may go on after the request to end.
        public var grace = Duration.seconds(20)
    }
}
