/// The rows of tables as numbers, before missing ones are filled in and columns are scaled.
struct TableContent {
    /// `count × width` features; a missing number is NaN.
    var features: [Float] = []
    /// Classes, or numbers for regression.
    var classes: [UInt16] = []
    var numbers: [Float] = []
    /// The client of each row, an index into `clientNames`; empty without a client column.
    var clients: [UInt32] = []
    var clientNames: [String] = []
    let width: Int
    /// The number of rows.
    private(set) var count = 0
    private var clientIndex: [String: UInt32] = [:]

    init(width: Int) {
        self.width = width
    }

    /// Appends all rows of a table under a schema, without those that lack a number if `drops`.
    mutating func append(_ table: Table, _ schema: TableSchema, drops: Bool) throws(DatasetError) {
        try schema.check(table)
        features.reserveCapacity(features.count + table.rows.count * width)
        for row in table.rows {
            let complete = try appendFeatures(table, row, schema)
            if drops, !complete {
                features.removeLast(width)
                continue
            }
            try appendLabel(table, row, schema)
            if let column = schema.client { try appendClient(table, row, column) }
            count += 1
        }
    }

    /// Appends one row's features; false if a number is missing.
    private mutating func appendFeatures(
        _ table: Table, _ row: Int, _ schema: TableSchema
    ) throws(DatasetError) -> Bool {
        var complete = true
        for (column, kind) in schema.features {
            switch kind {
            case .number:
                switch FieldValue(table.text.field(row, column)) {
                case .number(let value): features.append(Float(value))
                case .missing:
                    features.append(.nan)
                    complete = false
                case .text:
                    throw .badData(
                        "\(table.text.place(of: row)): “\(table.text.string(row, column).quotable())” in column "
                            + "“\(schema.columnNames[column])”, which holds numbers")
                }
            case .oneHot(let values):
                let value = table.text.string(row, column)
                for candidate in values { features.append(candidate == value ? 1 : 0) }
            }
        }
        return complete
    }

    private mutating func appendLabel(_ table: Table, _ row: Int, _ schema: TableSchema) throws(DatasetError) {
        let field = FieldValue(table.text.field(row, schema.label))
        let text = table.text.string(row, schema.label)
        switch (schema.target, field) {
        case (.number, .number(let value)): numbers.append(Float(value))
        case (.number, _):
            throw .badData("\(table.text.place(of: row)): the label “\(text.quotable())” is not a number")
        case (.classes(_, let index), _):
            let key: LabelKey = if case .number(let value) = field { .number(value) } else { .text(text) }
            guard let label = index[key] else {
                throw .badData(
                    "\(table.text.place(of: row)): the label “\(text.quotable())” does not occur in the training data")
            }
            classes.append(label)
        }
    }

    private mutating func appendClient(_ table: Table, _ row: Int, _ column: Int) throws(DatasetError) {
        let name = table.text.string(row, column)
        guard !name.isEmpty else {
            throw .badData(
                "\(table.text.place(of: row)): the client (column “\(table.columnNames[column])”) is missing")
        }
        if clientIndex[name] == nil {
            clientIndex[name] = UInt32(clientNames.count)
            clientNames.append(name)
        }
        clients.append(clientIndex[name, default: 0])
    }
}
