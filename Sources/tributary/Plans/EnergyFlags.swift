import ArgumentParser
import TributaryCore
import TributaryWire

/// Flags of energy and carbon.
struct EnergyFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A CSV file of carbon intensities (time, region, gCO2e per kWh); simulated clients are assigned to its regions.",
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

    /// What a client says of its electricity.
    static func statement(region: String?, trainingWatts: Double?) throws -> EnergyStatement {
        if let region { try check(region, flag: "region") }
        if let trainingWatts {
            guard EnergyStatement.wattsRange.contains(trainingWatts) else {
                throw CommandFailure(
                    .usage, "--training-watts is \(trainingWatts); it must be a number of watts from 0 to 1000000")
            }
        }
        return EnergyStatement(region: region ?? "", trainingWatts: trainingWatts)
    }

    private static func check(_ region: String, flag: String) throws {
        guard (1...WireLimits.regionBytes).contains(region.utf8.count), OneLine.holds(region) else {
            throw CommandFailure(
                .usage,
                "--\(flag): the name of a region must be one line of 1 to \(WireLimits.regionBytes) bytes, such as DE")
        }
    }

    /// Reads names of regions with commas between them.
    static func regions(_ text: String) throws -> [String] {
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        for name in names { try check(name, flag: "regions") }
        return names
    }

    var fields: [PlanFlag] {
        [
            ("carbon-trace", "energy.trace", carbonTrace), ("carbon-weight", "energy.carbon-weight", carbonWeight),
            ("slot", "energy.slot", slot), ("slack", "energy.slack", slack),
            ("training-watts", "energy.training-watts", trainingWatts),
        ]
    }
}
