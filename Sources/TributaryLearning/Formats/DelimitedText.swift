/// A parsed table of text fields: CSV as in RFC 4180, or TSV.
///
/// A field in double quotes may hold delimiters, line breaks and doubled quotes. Lines end in LF, CRLF or CR; blank
/// lines are skipped, a byte-order mark too. Every row must have as many fields as the first.
public struct DelimitedText: Sendable {
    /// The table's name in errors, normally the file's path.
    public let source: String
    /// The number of fields of every row.
    public let columnCount: Int
    /// The unquoted text of all fields, one after another.
    private let text: [UInt8]
    /// Where each field ends in `text`, row by row.
    private let ends: [Int]
    /// The line of the file, from 1, on which each row begins.
    private let lines: [Int]

    /// The number of rows, a header included.
    public var rowCount: Int { lines.count }

    /// Parses text; `source` names it in errors.
    public init(_ bytes: [UInt8], delimiter: UInt8, source: String) throws(DatasetError) {
        guard !bytes.starts(with: [0xff, 0xfe]), !bytes.starts(with: [0xfe, 0xff]) else {
            throw .badData("\(source): is UTF-16 text, as spreadsheets write it; save it as CSV in UTF-8")
        }
        var parser = Parser(delimiter: delimiter, source: source)
        parser.text.reserveCapacity(bytes.count)
        try parser.parse(bytes)
        self.source = source
        columnCount = parser.columnCount
        text = parser.text
        ends = parser.ends
        lines = parser.lines
    }

    /// The bytes of one field.
    func field(_ row: Int, _ column: Int) -> ArraySlice<UInt8> {
        let index = row * columnCount + column
        return text[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// One field as text, without blanks around it.
    public func string(_ row: Int, _ column: Int) -> String {
        String(decoding: field(row, column).trimmed, as: UTF8.self)
    }

    /// The place of a row, `file:line`, for messages.
    public func place(of row: Int) -> String { "\(source):\(lines[row])" }
}

/// The state while one file is read.
private struct Parser {
    let delimiter: UInt8
    let source: String
    var text: [UInt8] = []
    var ends: [Int] = []
    var lines: [Int] = []
    var columnCount = 0
    private var line = 1
    private var rowLine = 1
    private var fieldsInRow = 0

    init(delimiter: UInt8, source: String) {
        self.delimiter = delimiter
        self.source = source
    }

    mutating func parse(_ bytes: [UInt8]) throws(DatasetError) {
        let (quote, lineFeed, carriageReturn) = (UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        var index = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        // Whether nothing of the current field has been read yet, and nothing of the current row.
        var atFieldStart = true
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case delimiter:
                endField()
                atFieldStart = true
            case lineFeed, carriageReturn:
                if byte == carriageReturn, index < bytes.count, bytes[index] == lineFeed { index += 1 }
                if fieldsInRow > 0 || !atFieldStart { try endRow() }
                line += 1
                rowLine = line
                atFieldStart = true
            case quote where atFieldStart:
                index = try quoted(bytes, from: index)
                atFieldStart = false
            default:
                text.append(byte)
                atFieldStart = false
            }
        }
        if fieldsInRow > 0 || !atFieldStart { try endRow() }
    }

    /// Reads a quoted field whose opening quote was just read; returns the place after its closing quote.
    private mutating func quoted(_ bytes: [UInt8], from start: Int) throws(DatasetError) -> Int {
        let (quote, lineFeed, carriageReturn) = (UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        let opened = line
        var index = start
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == quote {
                guard index < bytes.count, bytes[index] == quote else {
                    try expectEndOfField(bytes, at: index)
                    return index
                }
                index += 1
            } else if byte == lineFeed || (byte == carriageReturn && (index == bytes.count || bytes[index] != lineFeed))
            {
                line += 1
            }
            text.append(byte)
        }
        throw .badData("\(source):\(opened): a quoted field is never closed")
    }

    private func expectEndOfField(_ bytes: [UInt8], at index: Int) throws(DatasetError) {
        guard index < bytes.count else { return }
        let next = bytes[index]
        guard next == delimiter || next == UInt8(ascii: "\n") || next == UInt8(ascii: "\r") else {
            throw .badData("\(source):\(line): text follows the closing quote of a field")
        }
    }

    private mutating func endField() {
        ends.append(text.count)
        fieldsInRow += 1
    }

    private mutating func endRow() throws(DatasetError) {
        endField()
        if columnCount == 0 { columnCount = fieldsInRow }
        guard fieldsInRow == columnCount else {
            throw .badData("\(source):\(rowLine): \(fieldsInRow) fields, expected \(columnCount) as in the first row")
        }
        lines.append(rowLine)
        fieldsInRow = 0
    }
}

extension ArraySlice<UInt8> {
    /// The slice without blanks and tabs at its ends.
    var trimmed: ArraySlice<UInt8> {
        var slice = self
        while let first = slice.first, first == 0x20 || first == 0x09 { slice.removeFirst() }
        while let last = slice.last, last == 0x20 || last == 0x09 { slice.removeLast() }
        return slice
    }
}
