import ArgumentParser
import TributaryCore
import TributaryFleet

/// What a fleet is, beside its data and the plan's faults.
struct FleetFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Create this run, or find it, and end when it does.", valueName: "name"))
    var run: String?
    @Flag(help: "End when the run does: so it is with --run anyway.")
    var untilDone = false
    @Option(help: ArgumentHelp("End after this time, as in 60s or 5m.", valueName: "time"))
    var duration: String?
    @Option(
        help: ArgumentHelp(
            "The file of the join token (else TRIBUTARY_JOIN_TOKEN, else that of a server here).", valueName: "file"))
    var joinTokenFile: String?
    @Option(
        help: ArgumentHelp(
            "For --run: the file of the operators' token (else TRIBUTARY_OPERATOR_TOKEN, else that of a server here).",
            valueName: "file"))
    var operatorTokenFile: String?
    @Option(help: ArgumentHelp("What the clients' names begin with.", valueName: "text"))
    var prefix = "fleet"
    @Option(help: ArgumentHelp("A label of all clients; may be repeated.", valueName: "name=value"))
    var clientLabel: [String] = []
    @Option(
        help: ArgumentHelp(
            "The regions of the electricity grid that clients are in, drawn by the seed (default: those of --carbon-trace).",
            valueName: "name,name,…"))
    var regions: String?
    @Option(help: ArgumentHelp("Clients that train at a time (default: one a processor).", valueName: "count"))
    var workers: Int?
    @Option(
        help: ArgumentHelp(
            "The time over which the clients start (default: a second for 1000 of them).", valueName: "time"))
    var rampUp: String?
    @Option(help: ArgumentHelp("HTTP/2 connections (default: one for 128 clients).", valueName: "count"))
    var connections: Int?
    @Option(help: ArgumentHelp("Some clients have a link of so many bytes a second, either way.", valueName: "rate"))
    var slowLink: Double?
    @Option(help: ArgumentHelp("The share of clients with a slow link.", valueName: "share"))
    var slowShare = 0.1
    @Option(
        help: ArgumentHelp(
            "The probability that a transfer is cut off on the way, to go on where it was.", valueName: "probability"))
    var cut = 0.0
    @Option(help: ArgumentHelp("Drop all connections at once every so often.", valueName: "time"))
    var reconnectStorm: String?
    @Option(help: ArgumentHelp("How long a client that vanished stays away, on average.", valueName: "time"))
    var absence = "10s"

    /// Puts what was said into a fleet's settings.
    func apply(to settings: inout FleetSettings) throws {
        func check(_ isRight: Bool, _ flag: String, _ value: some Any, _ form: String) throws {
            guard isRight else { throw CommandFailure(.usage, "--\(flag) is \(value); it must be \(form)") }
        }
        try check((1...1024).contains(settings.workers), "workers", settings.workers, "a whole number from 1 to 1024")
        try check((1...1024).contains(connections ?? 1), "connections", connections ?? 1, "a number from 1 to 1024")
        try check((slowLink ?? 1) >= 1, "slow-link", slowLink ?? 1, "a number of bytes a second from 1")
        try check((0...1).contains(slowShare), "slow-share", slowShare, "a share from 0 to 1")
        try check((0..<1).contains(cut), "cut", cut, "a probability from 0 to below 1")
        try check((1...64).contains(prefix.utf8.count), "prefix", "'\(prefix)'", "1 to 64 bytes long")
        settings.namePrefix = prefix
        settings.connections = connections
        settings.rampUp = try rampUp.map { try Self.time($0, "ramp-up") }
        settings.faults.slowLink = slowLink
        settings.faults.slowShare = slowShare
        settings.faults.cut = cut
        settings.faults.absence = try Self.time(absence, "absence")
        settings.faults.stormInterval = try reconnectStorm.map { try Self.time($0, "reconnect-storm") }
    }

    /// Reads a time; errors name the flag.
    static func time(_ text: String, _ flag: String) throws -> Duration {
        guard let time = Duration(planText: text), time > .zero, time.inSeconds <= 1e8 else {
            throw CommandFailure(.usage, "--\(flag) is '\(text)'; it must be a time such as 500ms, 30s or 5m")
        }
        return time
    }
}
