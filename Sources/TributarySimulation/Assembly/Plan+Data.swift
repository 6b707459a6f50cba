import Foundation
package import TributaryCore
import TributaryLearning
import TributaryMath

extension Plan {
    /// The number of clients where neither the plan nor the data says one.
    private static let defaultClientCount = 100

    /// The plan with the paths of its data made absolute, and a path in place of a data set's name understood as `csv`:
    /// a run must find its data again from another working directory.
    package func withDataPathsResolved() throws -> Plan {
        var plan = self
        if plan.data.set.isEmpty {
            throw PlanError(
                "no data set is given; choose one with --dataset or data.set (see: tributary datasets list)")
        }
        if plan.data.set.looksLikeTable {
            if plan.data.file == nil { plan.data.file = plan.data.set }
            plan.data.set = "csv"
        }
        if plan.data.set != "csv", !DatasetCatalogue.names.contains(plan.data.set), plan.data.set.isExistingPath {
            throw PlanError(
                "\(plan.data.set) is not the name of a data set; for a table of your own use --dataset csv with --file FILE or "
                    + "--data-dir FOLDER")
        }
        plan.data.directory = plan.data.directory?.absolutePath
        if plan.data.set == "csv", plan.data.file == nil, let folder = plan.data.directory {
            let tables = try TableFolder(folder)
            plan.data.file = tables.train
            plan.data.testFile = plan.data.testFile ?? tables.test
        }
        plan.energy.trace = plan.energy.trace?.absolutePath
        if plan.data.directory == nil {
            plan.data.file = plan.data.file?.absolutePath
            plan.data.testFile = plan.data.testFile?.absolutePath
        }
        return plan
    }

    /// The request for the plan's data set.
    var datasetRequest: DatasetRequest {
        var request = DatasetRequest(
            name: sizedSetName, dataDirectory: data.directory, seed: Seed(seed).derived("data"))
        request.verifies = data.verify
        request.files.train = data.file.map { [$0] } ?? []
        request.files.test = data.testFile.map { [$0] } ?? []
        if let label = data.label { request.files.table.label = ColumnReference(label) }
        request.files.table.client = data.clientColumn.map(ColumnReference.init)
        request.files.table.task =
            switch data.task {
            case .auto: .automatic
            case .classes: .classification
            case .regression: .regression
            }
        request.files.table.missingNumbers = data.missing == .drop ? .dropRow : .mean
        return request
    }

    /// The data set's name; synthetic devices are made in the number of clients that the plan wants, unless the name says
    /// how many itself.
    private var sizedSetName: String {
        let parts = data.set.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.first == "synthetic", let clients = data.clients, ["auto", "natural"].contains(data.partition)
        else {
            return data.set
        }
        let parameters = parts.count > 1 ? parts[1] : "1,1"
        let isSized = parameters.split(separator: ",").count > (parameters.hasPrefix("iid") ? 1 : 2)
        return isSized ? data.set : "synthetic:\(parameters),\(clients)"
    }

    /// How the examples are dealt out: as the plan says, else by nature, else evenly.
    func partitioning(of dataset: Dataset) throws -> Partitioning {
        if data.partition != "auto" { return try Partitioning(parsing: data.partition) }
        return dataset.naturalClients == nil ? .iid : .natural
    }

    /// The number of clients to ask a partition for; nil means all that there are by nature.
    func clientCount(for partitioning: Partitioning) -> Int? {
        data.clients ?? (partitioning == .natural ? nil : Self.defaultClientCount)
    }
}

extension String {
    fileprivate var looksLikeTable: Bool { TableFolder.isTable(self) }

    fileprivate var isExistingPath: Bool { FileManager.default.fileExists(atPath: self) }

    fileprivate var absolutePath: String {
        URL(fileURLWithPath: self).standardizedFileURL.path
    }
}
