import ArgumentParser

/// Flags of the data and its partition.
struct DataFlags: ParsableArguments {
    @Option(
        name: [.long, .customLong("data")],
        help: ArgumentHelp(
            "A named data set (see: tributary datasets list), csv, text, or the path of a CSV file.", valueName: "name")
    )
    var dataset: String?
    @Option(help: ArgumentHelp("The folder with the data set's files.", valueName: "folder"))
    var dataDir: String?
    @Option(
        name: [.long, .customLong("train")],
        help: ArgumentHelp("For csv and text: the file to train on.", valueName: "file"))
    var file: String?
    @Option(
        name: [.long, .customLong("test")],
        help: ArgumentHelp("For csv and text: the file of the central test set.", valueName: "file"))
    var testFile: String?
    @Option(
        help: ArgumentHelp(
            "For csv: the label's column by name or number from 1 (default: the last).", valueName: "column"))
    var label: String?
    @Option(help: ArgumentHelp("For csv: the column that names the client each row belongs to.", valueName: "column"))
    var clientColumn: String?
    @Option(help: ArgumentHelp("For csv: auto, classes or regression.", valueName: "kind"))
    var task: String?
    @Option(help: ArgumentHelp("For csv: what becomes of rows with missing values: impute or drop.", valueName: "how"))
    var missing: String?
    @Flag(help: "Accept files whose content is not the published one.")
    var noVerify = false
    @Option(
        help: ArgumentHelp(
            "Registered clients (default: as many as the data has by nature, else 100).", valueName: "count"))
    var clients: String?
    @Option(
        help: ArgumentHelp(
            """
            How examples are dealt out: iid, shards:2, dirichlet:0.1, dirichlet-labels:0.1, label-quantity:2, \
            power-law:1.5, natural, resample:20 (default: natural where the data has clients, else iid).
            """, valueName: "how"))
    var partition: String?
    @Option(help: ArgumentHelp("The share of each client's examples held out for validation.", valueName: "share"))
    var holdoutValidation: String?
    @Option(
        help: ArgumentHelp("The share of each client's examples held out for federated evaluation.", valueName: "share")
    )
    var holdoutTest: String?

    var fields: [PlanFlag] {
        [
            ("dataset", "data.set", dataset), ("data-dir", "data.directory", dataDir), ("file", "data.file", file),
            ("test-file", "data.test-file", testFile), ("label", "data.label", label),
            ("client-column", "data.client-column", clientColumn), ("task", "data.task", task),
            ("missing", "data.missing", missing), ("no-verify", "data.verify", noVerify ? "false" : nil),
            ("clients", "data.clients", clients), ("partition", "data.partition", partition),
            ("holdout-validation", "data.validation", holdoutValidation), ("holdout-test", "data.test", holdoutTest),
        ]
    }
}
