extension Plan {
    /// What energy a run takes, and what is done about its carbon.
    ///
    /// Energy is counted where a trace or any power is given; what is left out then is as `spellingOutDefaults` has it.
    public struct Energy: Hashable, Sendable {
        /// A table of carbon intensities: time, region, gCO2e per kWh.
        public var trace: String?
        /// The time slot that each round begins with; nil: one round begins as the last has ended.
        public var slot: Duration?
        /// s: a run of T rounds takes the T slots with the least carbon of the first T + s.
        public var slack = 0
        /// How much the carbon intensity of its region counts against a client.
        public var carbonWeight = 0.0
        /// The power above idle that devices draw while they train, in watts.
        public var trainingWatts: Distribution?
        /// The same while they send or receive.
        public var transferWatts: Double?
        /// What networks take for a gigabyte (10⁹ bytes), in kWh.
        public var networkKWhPerGB: Double?
        /// What the server draws while a round is open, its data centre's overhead included, in watts.
        public var serverWatts: Double?

        /// Energy that is not counted, and plays no part.
        public init() {}
    }
}

extension Plan.Energy {
    /// Whether energy is counted.
    public var isCounted: Bool {
        trace != nil || trainingWatts != nil || transferWatts != nil || networkKWhPerGB != nil || serverWatts != nil
    }

    /// The same with the figures that are left out, if energy is counted: assumptions about phones, not measurements.
    package var spellingOutDefaults: Plan.Energy {
        guard isCounted else { return self }
        var energy = self
        energy.trainingWatts = trainingWatts ?? .constant(5)
        energy.transferWatts = transferWatts ?? 1
        energy.networkKWhPerGB = networkKWhPerGB ?? 0.05
        energy.serverWatts = serverWatts ?? 50
        return energy
    }

    /// Refuses fields that make no sense without another.
    package func check(_ plan: Plan) throws(PlanError) {
        if slack > 0, trace == nil || slot == nil {
            throw PlanError(
                "energy.slack chooses slots by carbon: it needs energy.trace and energy.slot; give both or leave it out"
            )
        }
        if carbonWeight > 0, trace == nil {
            throw PlanError(
                "energy.carbon-weight needs the carbon intensities of energy.trace; give it or leave the weight out")
        }
        if carbonWeight > 0, !plan.cohort.selection.hasFixedSize {
            throw PlanError(
                "energy.carbon-weight passes clients over, which cohort.selection \(plan.cohort.selection.planText) "
                    + "does not allow; choose uniform or a selector")
        }
        if let slot, slot < plan.cohort.deadline {
            throw PlanError(
                "energy.slot is \(slot.planText), and cohort.deadline \(plan.cohort.deadline.planText): a round has to end "
                    + "within its slot; lower the deadline or raise the slot")
        }
    }
}

extension PlanField {
    /// The fields of energy and carbon.
    static let energyFields = [
        PlanField(
            "energy.trace", \.energy.trace,
            "A CSV file of carbon intensities (time, region, gCO2e per kWh); in simulation clients are assigned to its "
                + "regions."),
        PlanField(
            "energy.slot", \.energy.slot,
            "Each round begins with a time slot of this length; none begins it when the last has ended.",
            must: "a time above 0, such as 1h, or none"
        ) { $0.map { $0 > .zero } ?? true },
        PlanField(
            "energy.slack", \.energy.slack,
            "s: a run of T rounds takes the T slots with the least carbon of the first T + s.",
            must: "a whole number from 0 to 1000000"
        ) { $0 >= 0 && $0 <= 1_000_000 },
        PlanField(
            "energy.carbon-weight", \.energy.carbonWeight,
            "How much the carbon intensity of its region counts against a client; 0 leaves the selection as it is.",
            must: "a number from 0 to 1000000"
        ) { $0 >= 0 && $0 <= 1e6 },
        PlanField(
            "energy.training-watts", \.energy.trainingWatts,
            "The power above idle that devices draw while they train; none is 5 where energy is counted."),
        watts("transfer-watts", \.energy.transferWatts, "The same while they send or receive; none is 1."),
        watts(
            "network-kwh-per-gb", \.energy.networkKWhPerGB, "What networks take for a gigabyte, in kWh; none is 0.05."),
        watts(
            "server-watts", \.energy.serverWatts,
            "What the server draws while a round is open, with its data centre's overhead; none is 50."),
    ]

    private static func watts(
        _ key: String, _ keyPath: any WritableKeyPath<Plan, Double?> & Sendable, _ summary: String
    ) -> PlanField {
        PlanField("energy.\(key)", keyPath, summary, must: "a number from 0 to 1000000, or none") {
            $0.map { $0 >= 0 && $0 <= 1e6 } ?? true
        }
    }
}
