extension Plan {
    /// The simulated devices: what virtual time is made of.
    public struct Devices: Hashable, Sendable {
        /// Training speed, in examples a second (an example counts once for every epoch).
        public var examplesPerSecond = Distribution.logNormal(median: 500, sigma: 0.5)
        /// Download bandwidth in Mbit/s.
        public var download = Distribution.logNormal(median: 20, sigma: 0.7)
        /// Upload bandwidth in Mbit/s.
        public var upload = Distribution.logNormal(median: 5, sigma: 0.7)
        /// The time a message takes, in milliseconds.
        public var latency = Distribution.logNormal(median: 50, sigma: 0.5)
        /// The probability that a client can be invited when a round begins.
        public var availability = 1.0
    }

    /// What goes wrong on simulated devices: probabilities for each invitation.
    public struct Faults: Hashable, Sendable {
        /// Vanishes before it trains.
        public var beforeTraining = 0.0
        /// Vanishes while it trains.
        public var duringTraining = 0.0
        /// Vanishes when its update is ready.
        public var beforeUpload = 0.0
        /// Goes silent without vanishing.
        public var stall = 0.0
        /// Sends its update more than once, because the answer was lost.
        public var duplicate = 0.0
        /// Sends bytes that are not an update.
        public var garbage = 0.0
        /// Sends an update that contains NaN.
        public var notFinite = 0.0
        /// What adversaries do; nil: nobody attacks.
        public var attack: PartText?
        /// The share of the clients that attack, in every round they are invited to.
        public var adversaries = 0.0
        /// Has time for a part of its work only.
        public var straggler = 0.0

        /// All probabilities of which at most one comes true for an invitation, in the order they are drawn.
        package var exclusive: [Double] { [beforeTraining, duringTraining, beforeUpload, stall, garbage, notFinite] }

        /// The probability that a client delivers nothing usable.
        public var total: Double { exclusive.reduce(0, +) }
    }
}
