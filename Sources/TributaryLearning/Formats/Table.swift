import TributaryCore

/// A delimited text with its header set apart: rows of fields under named columns.
struct Table {
    let text: DelimitedText
    /// The header's names; `column 1`, `column 2` … without one.
    let columnNames: [String]
    let hasHeader: Bool
    /// The rows that hold data.
    var rows: Range<Int> { (hasHeader ? 1 : 0)..<text.rowCount }

    init(path: String, options: TableOptions, limit: Int = FileContent.defaultLimit) throws(DatasetError) {
        let bytes = try FileContent.read(path: path, limit: limit)
        try self.init(bytes, source: path, options: options)
    }

    init(_ bytes: [UInt8], source: String, options: TableOptions) throws(DatasetError) {
        text = try DelimitedText(bytes, delimiter: try Self.delimiter(source, options), source: source)
        guard text.rowCount > 0 else { throw .badData("\(source): the file is empty") }
        let first = (0..<text.columnCount).map { [text] in text.field(0, $0) }
        hasHeader = options.hasHeader ?? first.allSatisfy { FieldValue($0) == .text }
        columnNames =
            hasHeader
            ? (0..<text.columnCount).map { [text] in text.string(0, $0) }
            : (0..<text.columnCount).map { "column \($0 + 1)" }
        guard !rows.isEmpty else { throw .badData("\(source): there is a header but no row of data") }
    }

    /// The index of the column a reference means.
    func column(_ reference: ColumnReference) throws(DatasetError) -> Int {
        switch reference {
        case .number(let number):
            let index = number < 0 ? text.columnCount + number : number - 1
            guard number != 0, (0..<text.columnCount).contains(index) else {
                throw .badRequest("\(text.source): there is no column \(number); it has \(text.columnCount)")
            }
            return index
        case .name(let name):
            guard hasHeader else {
                throw .badRequest("\(text.source): has no header, so no column “\(name)”; give the column's number")
            }
            if let index = columnNames.firstIndex(of: name) { return index }
            throw .badRequest(
                "\(text.source): there is no column “\(name)”"
                    + Suggestion.sentence(for: name, in: columnNames, orList: "columns"))
        }
    }

    private static func delimiter(_ source: String, _ options: TableOptions) throws(DatasetError) -> UInt8 {
        if let chosen = options.delimiter {
            guard let byte = chosen.asciiValue, byte != 0x22, byte != 0x0a, byte != 0x0d else {
                throw .badRequest("a delimiter is one ASCII character other than a quote or line break")
            }
            return byte
        }
        let name = source.lowercased().replacing(".gz", with: "")
        return name.hasSuffix(".tsv") || name.hasSuffix(".tab") ? 0x09 : 0x2c
    }
}
