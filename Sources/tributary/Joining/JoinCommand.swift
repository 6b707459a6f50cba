import ArgumentParser
import Foundation
import TributaryClient
import TributaryCore
import TributaryLearning
import TributarySimulation

/// `tributary join`
struct JoinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Take part in a server's runs with data that stays here.",
        discussion: """
            Examples:
              tributary join --server https://coordinator.example:8470 --ca ca.pem --join-token-file join.token \\
                --name st-mary --client-label site=hospital --data patients.csv --label outcome
              tributary join --data mnist --partition shards:2 --clients 100 --client 7

            All of the data is this client's, unless --client says which part. Ctrl-C ends after the task at hand; a \
            second one at once. A client that is killed goes on where it was, by its state folder.
            """)

    @OptionGroup(title: "Server") var server: ServerFlags
    @OptionGroup(title: "Data") var data: DataFlags

    @Option(help: ArgumentHelp("With --partition: which client this is, from 0.", valueName: "number"))
    var client: Int?
    @Option(
        help: ArgumentHelp("The seed that the data is dealt out and held out by (default: 1).", valueName: "number"))
    var seed: String?
    @Option(help: ArgumentHelp("The name the server knows this client by, unique there.", valueName: "name"))
    var name: String?
    @Option(
        help: ArgumentHelp("A label that runs choose clients by; may be repeated.", valueName: "name=value"))
    var clientLabel: [String] = []
    @Option(
        help: ArgumentHelp(
            "The region of the electricity grid that this client is in, as runs that count carbon call it.",
            valueName: "name"))
    var region: String?
    @Option(
        help: ArgumentHelp(
            "What this machine draws above idle while it trains, in watts, for runs that count energy.",
            valueName: "number"))
    var trainingWatts: Double?
    @Option(
        help: ArgumentHelp(
            "The file of the join token (else TRIBUTARY_JOIN_TOKEN, else that of a server here).", valueName: "file"))
    var joinTokenFile: String?
    @Option(
        help: ArgumentHelp(
            "The folder of this client's identity and finished work (default: ~/.local/state/tributary).",
            valueName: "folder"))
    var state: String?
    @Option(help: ArgumentHelp("End after so many results have been handed in.", valueName: "count"))
    var maxTasks: Int?
    @Option(
        help: ArgumentHelp(
            "At the end, write this client's own model of the last run whose clients have such to a safetensors file.",
            valueName: "file"))
    var ownModel: String?
    @Flag(help: "Print how the data looks, as --data-signature of tributary run create takes it, and stop.")
    var printSignature = false
    @Flag(help: "Print nothing but errors.")
    var quiet = false
    @Flag(help: "Print a JSON object a line.")
    var json = false

    mutating func run() async throws {
        let command = self
        try await reportingFailures { try await command.join() }
    }

    private func join() async throws {
        if let maxTasks, maxTasks < 1 {
            throw CommandFailure(.usage, "--max-tasks is \(maxTasks); it must be a whole number from 1")
        }
        let labels = try LabelFlags.parse(clientLabel, flag: "client-label")
        let local = try LocalData(data, seed: seed, client: client)
        if printSignature { return Console.line(local.signature.description) }
        let printer = JoinPrinter(isQuiet: quiet, isJSON: json)
        let settings = try settings(local, labels)
        printer.begins(local, settings)
        try await FederatedClient.withClient(
            ShardTrainer(local), settings: settings, observer: printer
        ) { client in
            let interrupts = Interrupts {
                printer.stopRequested()
                client.stop()
            }
            // Being asked to stop is how a client that takes part ends: no failure.
            try await client.run()
            withExtendedLifetime(interrupts) {}
            if let ownModel {
                try await OwnModelFile(path: ownModel, dataset: local.dataset.name).write(
                    client, printer.lastPersonalTask)
            }
        }
    }

    private func settings(_ local: LocalData, _ labels: [String: String]) throws -> ClientSettings {
        var settings = server.settings
        settings.description = ClientDescription(
            name: name ?? "", labels: labels, version: SoftwareVersion(ToolVersion.text) ?? SoftwareVersion(0, 0, 0),
            dataSignature: local.signature.description)
        settings.joinToken =
            try server.token(file: joinTokenFile, variable: "TRIBUTARY_JOIN_TOKEN", name: "join") ?? ""
        settings.stateFolder = state ?? Self.defaultState
        settings.taskLimit = maxTasks
        settings.energy = try EnergyFlags.statement(region: region, trainingWatts: trainingWatts)
        return settings
    }

    private static var defaultState: String {
        let environment = ProcessInfo.processInfo.environment
        let base = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (base ?? "\(NSHomeDirectory())/.local/state") + "/tributary"
    }
}
