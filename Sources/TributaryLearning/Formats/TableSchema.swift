/// Which columns of a user's table are features, of which kind, and what the label means.
struct TableSchema {
    /// How one feature column becomes numbers.
    enum Kind: Equatable {
        /// One number.
        case number
        /// One feature per value: 1 for the row's value, else 0. Values not listed and missing ones are all 0.
        case oneHot([String])
    }

    /// How the label becomes a number.
    enum Target: Equatable {
        /// The class by its key.
        case classes(names: [String], index: [LabelKey: UInt16])
        /// The number itself.
        case number
    }

    let columnCount: Int
    let columnNames: [String]
    let hasHeader: Bool
    let features: [(column: Int, kind: Kind)]
    let label: Int
    let client: Int?
    let target: Target
    let standardises: Bool

    /// The number of features of one example.
    var width: Int {
        features.reduce(0) { sum, feature in
            if case .oneHot(let values) = feature.kind { sum + values.count } else { sum + 1 }
        }
    }

    /// Looks through all rows of the tables and decides.
    init(_ tables: [Table], options: TableOptions) throws(DatasetError) {
        guard let first = tables.first else { throw .badRequest("no file of training data was given") }
        columnCount = first.text.columnCount
        columnNames = first.columnNames
        hasHeader = first.hasHeader
        standardises = options.standardise
        for table in tables.dropFirst() { try Self.expectSameColumns(table, as: first) }
        label = try first.column(options.label)
        client = try Self.optionalColumn(options.client, in: first)
        if client == label { throw .badRequest("\(first.text.source): the label and the client are the same column") }
        var left = Set<Int>([label])
        if let client { left.insert(client) }
        for reference in options.ignored { left.insert(try first.column(reference)) }
        var codes = Set<Int>()
        for reference in options.categorical { codes.insert(try first.column(reference)) }
        target = try LabelScan(tables, column: label).target(options.task)
        var features: [(column: Int, kind: Kind)] = []
        for column in 0..<columnCount where !left.contains(column) {
            let scan = FeatureScan(tables, column: column, limit: options.categoryLimit)
            features.append((column, try scan.kind(isCode: codes.contains(column))))
        }
        guard !features.isEmpty else {
            throw .badData(
                columnCount == 1
                    ? "\(first.text.source): has only one column; fields are separated by commas, in .tsv files by tabs"
                    : "\(first.text.source): no column is left to be a feature")
        }
        self.features = features
    }

    /// Refuses a table whose columns are not those of this schema.
    func check(_ table: Table) throws(DatasetError) {
        guard table.text.columnCount == columnCount else {
            throw .badData(
                "\(table.text.source): has \(table.text.columnCount) columns, the training data \(columnCount)")
        }
        if hasHeader, table.hasHeader, table.columnNames != columnNames {
            throw .badData("\(table.text.source): its header names other columns than the training data's")
        }
    }

    private static func expectSameColumns(_ table: Table, as first: Table) throws(DatasetError) {
        guard table.text.columnCount == first.text.columnCount else {
            throw .badData(
                "\(table.text.source): has \(table.text.columnCount) columns, "
                    + "\(first.text.source) has \(first.text.columnCount)")
        }
        if first.hasHeader, table.hasHeader, table.columnNames != first.columnNames {
            throw .badData("\(table.text.source): its header names other columns than \(first.text.source)'s")
        }
    }

    private static func optionalColumn(
        _ reference: ColumnReference?, in table: Table
    ) throws(DatasetError) -> Int? {
        guard let reference else { return nil }
        return try table.column(reference)
    }
}

/// What makes two labels the same class: equal numbers (`1` and `1.0`) or equal texts.
enum LabelKey: Hashable {
    case number(Double)
    case text(String)
}
