import TributaryMath

/// A user's own table of numbers and words.
enum CSVSet {
    static func load(_ request: DatasetRequest) throws(DatasetError) -> Dataset {
        let files = request.files
        try files.check(set: "csv")
        let tables = try tables(files.train, request)
        let schema = try TableSchema(tables, options: files.table)
        let drops = files.table.missingNumbers == .dropRow
        var content = TableContent(width: schema.width)
        for table in tables { try content.append(table, schema, drops: drops) }
        guard content.count > 0 else {
            throw .badData("\(files.train[0]): every row lacks a number, so dropping such rows leaves none")
        }
        let trainCount = content.count
        for table in try self.tables(files.test, request) { try content.append(table, schema, drops: drops) }
        let (train, test) =
            files.test.isEmpty
            ? HeldOut.split(
                count: trainCount, owners: content.clients, fraction: files.heldOutFraction, seed: request.seed)
            : (Array(0..<trainCount), Array(trainCount..<content.count))
        return dataset(content, schema, train: train, test: test)
    }

    private static func tables(_ paths: [String], _ request: DatasetRequest) throws(DatasetError) -> [Table] {
        try paths.map { (path) throws(DatasetError) in
            try Table(path: request.path(of: path), options: request.files.table)
        }
    }

    private static func dataset(
        _ content: TableContent, _ schema: TableSchema, train: [Int], test: [Int]
    ) -> Dataset {
        let scaling = content.scaling(over: train, schema)
        let natural = schema.client.map { _ in
            Dataset.NaturalClients(
                names: content.clientNames, owners: train.map { content.clients[$0] },
                testOwners: test.isEmpty ? nil : test.map { content.clients[$0] })
        }
        let names: [String] = if case .classes(let names, _) = schema.target { names } else { [] }
        let examples = content.examples(train, schema, scaling)
        return Dataset(
            name: "csv", train: examples,
            test: test.isEmpty ? nil : content.examples(test, schema, scaling),
            naturalClients: natural, classNames: names,
            targetScaling: schema.standardises ? Dataset.TargetScaling(of: examples) : nil,
            columnDigest: schema.digest)
    }
}

extension DatasetRequest.Files {
    /// Refuses a request without files or with an impossible held-out share.
    func check(set: String) throws(DatasetError) {
        guard !train.isEmpty else { throw .badRequest("the data set \(set) needs a file of training data") }
        guard heldOutFraction >= 0, heldOutFraction < 1 else {
            throw .badRequest("the held-out fraction is \(heldOutFraction), expected 0 or more and less than 1")
        }
    }
}

extension DatasetRequest {
    /// A user's file: as it was given, or inside the data folder if it is a relative path and there is one.
    func path(of file: String) -> String {
        guard let dataDirectory, !file.hasPrefix("/") else { return file }
        return "\(dataDirectory)/\(file)"
    }
}

/// Rows held out as the central test table.
enum HeldOut {
    /// A seeded split of 0 ..< `count`. With owners, each keeps at least one row and holds out its own share.
    static func split(count: Int, owners: [UInt32], fraction: Double, seed: Seed) -> (train: [Int], test: [Int]) {
        var groups: [[Int]] = []
        if owners.isEmpty {
            groups = [Array(0..<count)]
        } else {
            groups = [[Int]](repeating: [], count: Int(owners.max() ?? 0) + 1)
            for (row, owner) in owners.enumerated() { groups[Int(owner)].append(row) }
        }
        var (train, test): ([Int], [Int]) = ([], [])
        for (index, group) in groups.enumerated() {
            var rows = group
            var stream = seed.derived("held-out", UInt64(index)).stream()
            stream.shuffle(&rows)
            let testCount = min(Int((Double(rows.count) * fraction).rounded()), max(0, rows.count - 1))
            test += rows.prefix(testCount)
            train += rows.dropFirst(testCount)
        }
        return (train.sorted(), test.sorted())
    }
}
