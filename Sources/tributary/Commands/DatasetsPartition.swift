import ArgumentParser
import Foundation
import TributaryCore
import TributaryLearning
import TributaryReports
import TributarySimulation

/// `tributary datasets partition`
struct DatasetsPartition: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "partition", abstract: "Show who would hold what: sizes and labels by client.",
        discussion: """
            Example:
              tributary datasets partition mnist --partition shards:2 --svg parts.svg

            The same data set, partition, clients and seed deal out the same shards in a simulation.
            """)

    @Argument(help: ArgumentHelp("The data set, in place of --dataset.", valueName: "dataset"))
    var name: String?
    @OptionGroup(title: "Data") var data: DataFlags
    @Option(help: ArgumentHelp("The seed the examples are dealt out by (default: 1).", valueName: "number"))
    var seed: String?
    @Option(help: ArgumentHelp("Draw sizes and a client × label map into this SVG file.", valueName: "file"))
    var svg: String?
    @Option(help: ArgumentHelp("The most clients to list.", valueName: "count"))
    var rows: Int = 20

    mutating func run() async throws {
        let command = self
        try await reportingFailures { try command.show() }
    }

    private func show() throws {
        if name != nil, data.dataset != nil {
            throw CommandFailure(
                .usage, "the data set is given twice, as '\(name ?? "")' and by --dataset; give one of them")
        }
        if svg == "" { throw CommandFailure(.usage, "--svg is empty; name the file to write") }
        guard rows >= 0 else { throw CommandFailure(.usage, "--rows is \(rows); it must be 0 or more") }
        var plan = Plan()
        for flag in data.fields + [("seed", "seed", seed), ("dataset", "data.set", name)] {
            try plan.apply(flag)
        }
        let shared = try SharedData(plan)
        let summary = PartitionSummary(shared.shards, of: shared.dataset, partitioning: shared.partitioning)
        if let svg { try FileAccess.replace(svg, with: Data(summary.svg.utf8)) }
        Console.text(summary.text(rows: rows))
        if let svg { Console.line("wrote \(svg)") }
    }
}
