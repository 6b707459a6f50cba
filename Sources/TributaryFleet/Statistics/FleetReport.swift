/// What a fleet did and how its server kept up.
public struct FleetReport: Hashable, Sendable, Codable {
    /// How long the fleet ran.
    public var seconds = 0.0
    /// The clients.
    public var clients = Clients()
    /// Each kind of call that was made.
    public var calls: [String: Calls] = [:]
    /// Bytes of calls, models and updates, without headers.
    public var bytes = Bytes()
    /// What became of the tasks.
    public var tasks = Tasks()
    /// Faults that were played, by their name.
    public var faults: [String: Int] = [:]
    /// The run that was watched.
    public var run: Run?

    /// A report of nothing.
    public init() {}

    /// The clients of a fleet.
    public struct Clients: Hashable, Sendable, Codable {
        /// How many there are.
        public var count = 0
        /// Those that the server knows.
        public var registered = 0
        /// Those that gave up for good.
        public var failed = 0
        /// Why the first one did.
        public var firstFailure: String?
        /// Registrations after which a client had another number than before: none, unless the server forgot it.
        public var identityChanges = 0
        /// Times that a client came back after it had vanished.
        public var returns = 0
    }

    /// Calls of one kind.
    public struct Calls: Hashable, Sendable, Codable {
        /// Calls that were answered, or failed.
        public var count = 0
        /// Those that failed, by Connect's code, or by what went wrong on the way.
        public var errors: [String: Int] = [:]
        /// Milliseconds that half, nine tenths and ninety-nine hundredths of the calls took at most, and the longest.
        public var p50 = 0.0, p90 = 0.0, p99 = 0.0, max = 0.0
    }

    /// Bytes that were moved.
    public struct Bytes: Hashable, Sendable, Codable {
        /// From the clients to the server.
        public var up = 0
        /// From the server to the clients.
        public var down = 0
    }

    /// What became of the tasks that were handed out. A task that is handed out again counts again.
    ///
    /// `received + resumed` is the sum of the receipts, `givenBack`, `over`, `vanished` and `unfinished`.
    public struct Tasks: Hashable, Sendable, Codable {
        /// Tasks that clients were given.
        public var received = 0
        /// Results that went on being handed in after their client had vanished.
        public var resumed = 0
        /// Answered results by verdict: `accepted`, `late`, `not-invited`, `refused: CAUSE`.
        public var receipts: [String: Int] = [:]
        /// Of the receipts, those of results that had been handed in before.
        public var duplicates = 0
        /// Given back, by cause.
        public var givenBack: [String: Int] = [:]
        /// Over before there was a result.
        public var over = 0
        /// In the hands of a client that vanished.
        public var vanished = 0
        /// In hand as the fleet ended.
        public var unfinished = 0

        /// Tasks in hand now: none after the end.
        public var open: Int {
            let ended = receipts.values.reduce(0, +) + givenBack.values.reduce(0, +)
            return received + resumed - ended - over - vanished - unfinished
        }
    }

    /// The run that a fleet watched.
    public struct Run: Hashable, Sendable, Codable {
        /// Its name and how it is.
        public var name = "", state = "", reason = ""
        /// Rounds that ended, and those planned.
        public var rounds = 0, plannedRounds = 0
        /// From the first round that was seen to the end of the last.
        public var seconds = 0.0
        /// Rounds that ended in a second of that time.
        public var roundsPerSecond = 0.0
        /// What the last report says.
        public var trainLoss: Double?, testAccuracy: Double?, federatedAccuracy: Double?
    }
}
