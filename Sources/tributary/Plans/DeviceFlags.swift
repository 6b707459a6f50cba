import ArgumentParser

/// Flags of simulated devices and what goes wrong on them.
struct DeviceFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Training speed in examples a second: a number, lognormal:500,0.5, uniform:…, pareto:… .",
            valueName: "distribution"))
    var speed: String?
    @Option(
        help: ArgumentHelp("Download bandwidth in Mbit/s, as a number or a distribution.", valueName: "distribution"))
    var download: String?
    @Option(help: ArgumentHelp("Upload bandwidth in Mbit/s, as a number or a distribution.", valueName: "distribution"))
    var upload: String?
    @Option(
        help: ArgumentHelp(
            "The time a message takes in milliseconds, as a number or a distribution.", valueName: "distribution"))
    var latency: String?
    @Option(help: ArgumentHelp("The probability that a client can be invited (default: 1).", valueName: "probability"))
    var availability: String?
    @Option(
        help: ArgumentHelp(
            "The probability that a client vanishes: a third each before, during and after training.",
            valueName: "probability"))
    var dropout: String?
    @Option(
        help: ArgumentHelp("The probability that a client goes silent without vanishing.", valueName: "probability"))
    var stall: String?
    @Option(help: ArgumentHelp("The probability that a client sends its update twice.", valueName: "probability"))
    var duplicate: String?
    @Option(
        help: ArgumentHelp(
            "The probability that a client sends bytes that are not an update.", valueName: "probability"))
    var garbage: String?
    @Option(
        help: ArgumentHelp("The probability that a client sends an update that contains NaN.", valueName: "probability")
    )
    var notFinite: String?
    @Option(
        help: ArgumentHelp(
            "The probability that a client has time only for a part of its epochs or steps.", valueName: "probability"))
    var stragglers: String?
    @Option(
        help: ArgumentHelp(
            "What adversaries do: sign-flip, scaling, gaussian, label-flip, little-is-enough or inner-product, as in "
                + "scaling:factor=5.", valueName: "attack"))
    var attack: String?
    @Option(help: ArgumentHelp("The share of the clients that attack.", valueName: "share"))
    var adversaries: String?
    @Flag(help: "No faults, whatever the plan file says.")
    var noFaults = false

    var fields: [PlanFlag] {
        [
            ("speed", "devices.examples-per-second", speed), ("download", "devices.download-mbit", download),
            ("upload", "devices.upload-mbit", upload), ("latency", "devices.latency-ms", latency),
            ("availability", "devices.availability", availability), ("stall", "faults.stall", stall),
            ("duplicate", "faults.duplicate", duplicate), ("garbage", "faults.garbage", garbage),
            ("not-finite", "faults.not-finite", notFinite),
            ("stragglers", "faults.straggler", stragglers), ("attack", "faults.attack", attack),
            ("adversaries", "faults.adversaries", adversaries),
        ]
    }
}
