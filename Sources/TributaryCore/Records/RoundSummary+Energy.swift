extension RoundSummary {
    /// The energy that a round took and, where there is a trace, the carbon of it.
    public struct Energy: Codable, Hashable, Sendable {
        /// An energy and its carbon.
        public struct Amount: Codable, Hashable, Sendable {
            /// The energy in kWh.
            public var kilowattHours: Double
            /// Its carbon in gCO2e; nil without a trace.
            public var grams: Double?

            /// An amount with both its parts.
            public init(kilowattHours: Double = 0, grams: Double? = nil) {
                (self.kilowattHours, self.grams) = (kilowattHours, grams)
            }

            /// Adds another amount.
            public static func += (left: inout Amount, right: Amount) {
                left.kilowattHours += right.kilowattHours
                if let grams = right.grams { left.grams = (left.grams ?? 0) + grams }
            }
        }

        /// Clients' training.
        public var training = Amount()
        /// Models on their way, on devices and networks.
        public var download = Amount()
        /// Updates on their way.
        public var upload = Amount()
        /// The server while the round was open.
        public var server = Amount()

        /// Nothing.
        public init() {}

        /// All of it.
        public var total: Amount {
            var sum = training
            for part in [download, upload, server] { sum += part }
            return sum
        }

        /// The parts with their names.
        public var parts: [(name: String, amount: Amount)] {
            [("training", training), ("download", download), ("upload", upload), ("server", server)]
        }

        /// Adds what a client did.
        mutating func add(_ amount: Amount, of kind: EnergyUse.Kind) {
            switch kind {
            case .training: training += amount
            case .download: download += amount
            case .upload: upload += amount
            }
        }

        /// What two rounds took.
        public static func + (left: Energy, right: Energy) -> Energy {
            var sum = left
            sum.training += right.training
            sum.download += right.download
            sum.upload += right.upload
            sum.server += right.server
            return sum
        }
    }
}
