import TributaryMath

/// UCI's heart disease data by hospital, prepared as in FLamby's Fed-Heart-Disease (Ogier du Terrail et al. 2022).
///
/// Columns slope, ca and thal are dropped, then rows with a missing value; chest pain and resting ECG become one-hot
/// without their first level: 13 features. The label is disease (num > 0) or not. Each hospital keeps 66 % of its
/// rows to train, stratified, and is scaled by the mean and deviation of its own training rows.
enum HeartDiseaseSet {
    private static let hospitals = ["cleveland", "hungarian", "switzerland", "va"]
    /// age, sex, trestbps, chol, fbs, thalach, exang, oldpeak.
    private static let plainColumns = [0, 1, 3, 4, 5, 7, 8, 9]
    private static let chestPain = 2
    private static let restingECG = 6
    private static let diagnosis = 13
    private static let width = 13
    /// The split is part of the set: the same for every run, whatever its seed.
    private static let splitSeed = Seed(43)

    private struct Rows {
        var features: [[Double]] = []
        var labels: [UInt16] = []
    }

    static func load(_ files: [VerifiedFile]) throws(DatasetError) -> Dataset {
        var train = (features: [Float](), labels: [UInt16](), owners: [UInt32]())
        var test = train
        for (hospital, file) in files.enumerated() {
            let rows = try file.decoded { (bytes, path) throws(DatasetError) in try read(bytes, path) }
            let (trainRows, testRows) = split(rows.labels, seed: splitSeed.derived("heart-disease", UInt64(hospital)))
            let scaled = scale(rows.features, by: trainRows)
            for row in trainRows {
                train.features += scaled[row]
                train.labels.append(rows.labels[row])
                train.owners.append(UInt32(hospital))
            }
            for row in testRows {
                test.features += scaled[row]
                test.labels.append(rows.labels[row])
                test.owners.append(UInt32(hospital))
            }
        }
        return Dataset(
            name: "heart-disease", train: examples(train.features, train.labels),
            test: examples(test.features, test.labels),
            naturalClients: .init(names: hospitals, owners: train.owners, testOwners: test.owners),
            classNames: ["healthy", "disease"])
    }

    private static func examples(_ features: [Float], _ labels: [UInt16]) -> Examples {
        Examples(features: .numbers(features), labels: .classes(labels, classCount: 2), shape: [width])
    }

    private static func read(_ bytes: [UInt8], _ path: String) throws(DatasetError) -> Rows {
        let text = try DelimitedText(bytes, delimiter: 0x2c, source: path)
        guard text.columnCount == 14 else { throw .badData("\(path): \(text.columnCount) columns, expected 14") }
        var rows = Rows()
        for row in 0..<text.rowCount {
            var values = [Double](repeating: 0, count: 14)
            var complete = true
            for column in plainColumns + [chestPain, restingECG, diagnosis] {
                switch FieldValue(text.field(row, column)) {
                case .number(let value): values[column] = value
                case .missing: complete = false
                case .text:
                    throw .badData(
                        "\(text.place(of: row)): “\(text.string(row, column).quotable())” in column \(column + 1) "
                            + "is not a number")
                }
            }
            guard complete else { continue }
            rows.features.append(
                plainColumns.map { values[$0] } + (2...4).map { values[chestPain] == Double($0) ? 1 : 0 }
                    + (1...2).map { values[restingECG] == Double($0) ? 1 : 0 })
            rows.labels.append(values[diagnosis] > 0 ? 1 : 0)
        }
        guard rows.labels.count >= 4 else { throw .badData("\(path): only \(rows.labels.count) complete rows") }
        return rows
    }

    /// A stratified split with ⌈0.34 n⌉ test rows, each class in proportion (largest remainder).
    private static func split(_ labels: [UInt16], seed: Seed) -> (train: [Int], test: [Int]) {
        var stream = seed.stream()
        let byClass = [0, 1].map { label in labels.indices.filter { labels[$0] == label } }
        let testCount = (labels.count * 34 + 99) / 100
        let counts = Apportionment.shares(testCount, weights: byClass.map { Double($0.count) })
        var (train, test): ([Int], [Int]) = ([], [])
        for (rows, count) in zip(byClass, counts) {
            var shuffled = rows
            stream.shuffle(&shuffled)
            test += shuffled.prefix(count)
            train += shuffled.dropFirst(count)
        }
        return (train.sorted(), test.sorted())
    }

    /// All rows, scaled by the mean and the sample deviation (n − 1) of the training rows; a constant column stays 0.
    private static func scale(_ features: [[Double]], by trainRows: [Int]) -> [[Float]] {
        var means = [Double](repeating: 0, count: width)
        var deviations = [Double](repeating: 1, count: width)
        for column in 0..<width {
            let values = trainRows.map { features[$0][column] }
            let mean = values.reduce(0, +) / Double(values.count)
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let deviation = (squares / Double(max(1, values.count - 1))).squareRoot()
            means[column] = mean
            if deviation > 1e-12 { deviations[column] = deviation }
        }
        return features.map { row in
            (0..<width).map { Float((row[$0] - means[$0]) / deviations[$0]) }
        }
    }
}
