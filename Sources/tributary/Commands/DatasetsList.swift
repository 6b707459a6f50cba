import ArgumentParser
import Foundation
import TributaryLearning

/// `tributary datasets list`
struct DatasetsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the data sets by name, and which of them are on this machine.")

    @Option(help: ArgumentHelp("The folder with data sets' files.", valueName: "folder"))
    var dataDir: String?

    mutating func run() async throws {
        let locator = DatasetLocator(dataDirectory: dataDir, environment: ProcessInfo.processInfo.environment)
        for manifest in DatasetCatalogue.manifests {
            let state = locator.has(manifest) ? "here" : "-"
            Console.line(Self.row(manifest.name, state, manifest.title))
        }
        Console.line(Self.row("synthetic", "made", "Synthetic(α, β) of FedProx: synthetic:1,1, synthetic:iid"))
        Console.line(Self.row("csv", "yours", "your own table: --dataset FILE.csv, or --dataset csv --file FILE"))
        Console.line(Self.row("text", "yours", "your own texts by client, as JSON lines: --dataset text --file FILE"))
    }

    private static func row(_ name: String, _ state: String, _ title: String) -> String {
        name.padding(toLength: 16, withPad: " ", startingAt: 0)
            + state.padding(toLength: 7, withPad: " ", startingAt: 0)
            + title
    }
}

/// `tributary datasets info`
struct DatasetsInfo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Say what a data set is, where it is from, and under which licence.")

    private static let generated = [
        "csv":
            "csv: your own table. --dataset FILE.csv, --dataset csv --file FILE, or --dataset csv --data-dir FOLDER with "
            + "train.csv and test.csv; see also --label, --client-column, --task, --missing.",
        "text": "text: your own texts by client, as JSON lines with “client” and “text”. --dataset text --file FILE.",
        "synthetic":
            "synthetic: made from the seed, Synthetic(α, β) of FedProx. --dataset synthetic:1,1, synthetic:iid.",
    ]

    @Argument(help: "The data set's name.")
    var name: String
    @Option(help: ArgumentHelp("The folder with data sets' files.", valueName: "folder"))
    var dataDir: String?

    mutating func run() async throws {
        let (name, folder, generated) = (name, dataDir, Self.generated)
        try await reportingFailures {
            if let text = generated[name] { return Console.line(text) }
            let manifest = try DatasetCatalogue.manifest(named: name)
            let locator = DatasetLocator(dataDirectory: folder, environment: ProcessInfo.processInfo.environment)
            Console.line("\(manifest.name): \(manifest.title)")
            Console.line(manifest.summary)
            Console.line()
            Console.line("origin     \(manifest.origin)")
            Console.line("licence    \(manifest.licence)")
            Console.line("cite       \(manifest.citation)")
            Console.line("format     \(manifest.format)")
            if let key = manifest.clientKey { Console.line("clients    \(key)") }
            for package in manifest.packages {
                Console.line("package    \(package.manager): \(package.name), in \(package.folder)")
            }
            for file in manifest.files {
                Console.line("file       \(file.names.joined(separator: " or ")), \(file.bytes) bytes decoded")
                Console.line("           sha256 of the decoded content \(file.sha256)")
            }
            Console.line(
                locator.has(manifest) ? "This machine has it." : "Not on this machine: \(manifest.offlineHint)")
        }
    }
}
