/// The 1,797 digits of 8x8 pixels: values 0 to 16, scaled by 1/16.
enum DigitsSet {
    /// Loads `digits.csv`. The last fifth of each class, in the file's order, is the central test table.
    static func load(_ files: [VerifiedFile]) throws(DatasetError) -> Dataset {
        let file = files[0]
        let text = try file.decoded { (bytes, path) throws(DatasetError) in
            try DelimitedText(bytes, delimiter: 0x2c, source: path)
        }
        guard text.columnCount == 65 else { throw .badData("\(file.path): \(text.columnCount) columns, expected 65") }
        var pixels: [[UInt8]] = []
        var rowsOfClass = [[Int]](repeating: [], count: 10)
        for row in 0..<text.rowCount {
            let pixelRow = try (0..<64).map { (column) throws(DatasetError) in try value(text, row, column, below: 17) }
            pixels.append(pixelRow)
            rowsOfClass[Int(try value(text, row, 64, below: 10))].append(row)
        }
        let cuts = rowsOfClass.map { $0.count - $0.count / 5 }
        let train = rowsOfClass.indices.flatMap { label in rowsOfClass[label][..<cuts[label]].map { (row: $0, label) } }
        let test = rowsOfClass.indices.flatMap { label in rowsOfClass[label][cuts[label]...].map { (row: $0, label) } }
        guard !train.isEmpty, !test.isEmpty else { throw .badData("\(file.path): too few rows for a test table") }
        return Dataset(
            name: "digits", train: examples(train, pixels), test: examples(test, pixels),
            classNames: (0...9).map(String.init))
    }

    private static func examples(_ rows: [(row: Int, label: Int)], _ pixels: [[UInt8]]) -> Examples {
        let ordered = rows.sorted { $0.row < $1.row }
        return Examples(
            features: .bytes(ordered.flatMap { pixels[$0.row] }, scale: 1 / 16),
            labels: .classes(ordered.map { UInt16($0.label) }, classCount: 10), shape: [8, 8])
    }

    private static func value(
        _ text: DelimitedText, _ row: Int, _ column: Int, below bound: Double
    ) throws(DatasetError) -> UInt8 {
        guard case .number(let value) = FieldValue(text.field(row, column)), value >= 0, value < bound,
            value == value.rounded()
        else {
            throw .badData(
                "\(text.place(of: row)): “\(text.string(row, column).quotable())” in column \(column + 1), "
                    + "expected a whole number below \(Int(bound))")
        }
        return UInt8(value)
    }
}
