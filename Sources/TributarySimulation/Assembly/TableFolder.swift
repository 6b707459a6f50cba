import Foundation
import TributaryLearning

/// A person's folder of tables: which of them is trained on and which is the test set.
struct TableFolder {
    /// The name of the table to train on: `train.csv` or its like, else the only one besides a test table.
    let train: String
    /// The name of the table to test on, if there is one: `test.csv` or its like.
    let test: String?

    private static let endings = [".csv", ".tsv", ".tab", ".csv.gz", ".tsv.gz"]

    /// Whether a file of this name is read as a table.
    static func isTable(_ name: String) -> Bool {
        endings.contains { name.lowercased().hasSuffix($0) }
    }

    /// Looks into the folder.
    init(_ path: String) throws(DatasetError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw DatasetError(.missingInput, "\(path): the data folder does not exist")
        }
        guard isFolder.boolValue, let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw DatasetError(.inputOutput, "\(path): cannot be read as a data folder")
        }
        let tables = names.filter { Self.isTable($0) && !$0.hasPrefix(".") }.sorted()
        let test = Self.table("test", among: tables)
        self.test = test
        let others = tables.filter { $0 != test }
        guard let first = Self.table("train", among: tables) ?? others.first else {
            throw DatasetError(
                .missingInput,
                "\(path): no train.csv and no other table is in the folder; name one with --file"
            )
        }
        guard first.lowercased().hasPrefix("train.") || others.count == 1 else {
            throw DatasetError(
                .badRequest,
                "\(path): several tables (\(others.prefix(3).joined(separator: ", ")) …) and no train.csv; name one "
                    + "with --file")
        }
        train = first
    }

    private static func table(_ stem: String, among tables: [String]) -> String? {
        endings.lazy.compactMap { ending in tables.first { $0.lowercased() == stem + ending } }.first
    }
}
