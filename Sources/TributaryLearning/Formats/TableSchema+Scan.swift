/// What a look through one feature column found.
struct FeatureScan {
    private let name: String
    private let limit: Int
    private var numbers = 0
    private var texts = 0
    /// Where the first text stands and what it says.
    private var firstText: (place: String, text: String)?
    /// Distinct values, up to one more than the limit.
    private var values: Set<String> = []

    init(_ tables: [Table], column: Int, limit: Int) {
        name = tables.first?.columnNames[column] ?? "column \(column + 1)"
        self.limit = limit
        for table in tables {
            for row in table.rows { add(table, row, column) }
        }
    }

    private mutating func add(_ table: Table, _ row: Int, _ column: Int) {
        switch FieldValue(table.text.field(row, column)) {
        case .missing: return
        case .number: numbers += 1
        case .text:
            texts += 1
            if firstText == nil { firstText = (table.text.place(of: row), table.text.string(row, column)) }
        }
        if values.count <= limit { values.insert(table.text.string(row, column)) }
    }

    /// Number or one-hot. A column mostly of numbers with a few words in it is an error, for it is hardly meant.
    func kind(isCode: Bool) throws(DatasetError) -> TableSchema.Kind {
        if texts == 0, !isCode { return .number }
        if numbers > texts, !isCode, let firstText {
            throw .badData(
                "\(firstText.place): “\(firstText.text.quotable())” in column “\(name)”, which otherwise holds numbers; "
                    + "correct it, or mark it as missing with “?”")
        }
        guard values.count <= limit else {
            throw .badData(
                "\(firstText?.place ?? name): column “\(name)” holds more than \(limit) different words; "
                    + "take it out of the file, or name it as the client column if it says whose the rows are")
        }
        return .oneHot(values.sorted())
    }
}

/// What a look through the label column found.
struct LabelScan {
    private let name: String
    private let source: String
    private var names: [LabelKey: String] = [:]
    private var hasFraction = false
    private var numbers = 0
    private var texts = 0
    private var firstText: (place: String, text: String)?

    init(_ tables: [Table], column: Int) throws(DatasetError) {
        name = tables.first?.columnNames[column] ?? "column \(column + 1)"
        source = tables.first?.text.source ?? ""
        for table in tables {
            for row in table.rows { try add(table, row, column) }
        }
    }

    private mutating func add(_ table: Table, _ row: Int, _ column: Int) throws(DatasetError) {
        let key: LabelKey
        switch FieldValue(table.text.field(row, column)) {
        case .missing: throw .badData("\(table.text.place(of: row)): the label (column “\(name)”) is missing")
        case .number(let value):
            key = .number(value)
            numbers += 1
            if value != value.rounded() { hasFraction = true }
        case .text:
            let text = table.text.string(row, column)
            key = .text(text)
            texts += 1
            if firstText == nil { firstText = (table.text.place(of: row), text) }
        }
        if names[key] == nil { names[key] = table.text.string(row, column) }
    }

    /// What the label means under the given option.
    func target(_ task: TableOptions.Task) throws(DatasetError) -> TableSchema.Target {
        let looksContinuous = names.count > 100 || (hasFraction && names.count > 10)
        switch task {
        case .regression: break
        case .classification: return try classes()
        case .automatic:
            if let firstText, numbers > texts {
                throw .badData(
                    "\(firstText.place): the label “\(firstText.text.quotable())” is not a number, as most labels are; "
                        + "correct it, or say that the task is classification")
            }
            if firstText != nil || !looksContinuous { return try classes() }
        }
        if let firstText {
            throw .badData(
                "\(firstText.place): the label “\(firstText.text.quotable())” is not a number, as regression needs")
        }
        return .number
    }

    private func classes() throws(DatasetError) -> TableSchema.Target {
        guard names.count > 1 else {
            throw .badData("\(source): every row has the same label (column “\(name)”), so there is nothing to learn")
        }
        guard names.count <= Int(UInt16.max) else {
            throw .badData("\(source): \(names.count) different labels (column “\(name)”); at most 65535 classes")
        }
        let ordered = names.sorted { left, right in
            switch (left.key, right.key) {
            case (.number(let a), .number(let b)): a < b
            case (.number, .text): true
            case (.text, .number): false
            case (.text(let a), .text(let b)): a < b
            }
        }
        let index = Dictionary(
            uniqueKeysWithValues: ordered.enumerated().map { ($0.element.key, UInt16($0.offset)) })
        return .classes(names: ordered.map(\.value), index: index)
    }
}
