import TributaryMath

/// The rows of each class, in random order.
struct ClassRows {
    let rows: [[UInt32]]
    let count: Int

    init(_ examples: Examples, for partitioning: Partitioning, stream: inout RandomStream) throws(DatasetError) {
        guard case .classes(let labels, let classCount) = examples.labels else {
            throw .badRequest(
                "the partition \(partitioning) goes by classes, but the labels are numbers (regression); "
                    + "use iid, power-law, natural or resample")
        }
        var rows = [[UInt32]](repeating: [], count: classCount)
        for (row, label) in labels.enumerated() { rows[Int(label)].append(UInt32(row)) }
        for label in rows.indices { stream.shuffle(&rows[label]) }
        self.rows = rows
        count = labels.count
    }

    /// The classes that have a row at all.
    var present: [Int] { rows.indices.filter { !rows[$0].isEmpty } }
}
