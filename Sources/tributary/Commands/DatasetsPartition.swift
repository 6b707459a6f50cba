import ArgumentParser

/// `tributary datasets partition`
struct DatasetsPartition: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "partition", abstract: "Show who would hold what: sizes and labels by client.")

    mutating func run() async throws {}
}
