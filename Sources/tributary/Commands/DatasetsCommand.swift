import ArgumentParser

/// `tributary datasets`
struct DatasetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "datasets",
        abstract: "List, describe, fetch and divide data sets.",
        subcommands: [DatasetsList.self, DatasetsInfo.self, DatasetsFetch.self, DatasetsPartition.self],
        defaultSubcommand: DatasetsList.self)
}
