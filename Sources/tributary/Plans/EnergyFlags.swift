import ArgumentParser

/// Flags of energy and carbon in simulations.
struct EnergyFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A CSV file of carbon intensities (time, region, gCO2e per kWh); clients are assigned to its regions.",
            valueName: "file"))
    var carbonTrace: String?
    @Option(
        help: ArgumentHelp(
            "How much the carbon intensity of its region counts against a client (default: 0).", valueName: "number"))
    var carbonWeight: String?
    @Option(
        help: ArgumentHelp(
            "Each round begins with a time slot of this length (default: when the last has ended).", valueName: "time"))
    var slot: String?
    @Option(
        help: ArgumentHelp(
            "Take the slots with the least carbon of so many more than there are rounds (default: 0).",
            valueName: "count"))
    var slack: String?
    @Option(
        help: ArgumentHelp(
            "The power above idle that devices draw while they train, in watts, as a number or a distribution.",
            valueName: "distribution"))
    var trainingWatts: String?

    var fields: [PlanFlag] {
        [
            ("carbon-trace", "energy.trace", carbonTrace), ("carbon-weight", "energy.carbon-weight", carbonWeight),
            ("slot", "energy.slot", slot), ("slack", "energy.slack", slack),
            ("training-watts", "energy.training-watts", trainingWatts),
        ]
    }
}
