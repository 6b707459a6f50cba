import Foundation

/// What a partition looks like: sizes, labels by client, and how far the clients' labels are from the whole set's.
public struct PartitionSummary: Sendable {
    /// What was dealt out and how, for titles.
    public let title: String
    /// The number of clients.
    public let clientCount: Int
    /// The clients looked at: all, or evenly spaced ones where there are too many.
    public let clients: [Int]
    /// The number of examples of each client looked at.
    public let sizes: [Int]
    /// For each client looked at, how many examples of each class it has; empty for regression.
    public let labelCounts: [[Int]]
    /// The classes' names.
    public let classNames: [String]
    /// The fewest and the most examples of a client, the median and the mean.
    public let sizeRange: (minimum: Int, median: Double, mean: Double, maximum: Int)
    /// The mean over clients of the entropy of a client's labels, in bits; nil for regression.
    public let meanLabelEntropy: Double?
    /// The entropy of the labels of the whole training table, in bits; nil for regression.
    public let wholeLabelEntropy: Double?
    /// The mean over clients of the total variation distance between a client's label shares and the whole table's:
    /// 0 if all are alike, near 1 if each client has classes of its own. Nil for regression.
    public let meanLabelDistance: Double?

    /// Looks at the shards of at most `limit` clients.
    public init(_ shards: any ShardSource, of dataset: Dataset, partitioning: Partitioning, limit: Int = 10_000) {
        let classCount = dataset.train.classCount ?? 0
        let most = max(1, min(limit, 4_000_000 / max(1, classCount)))
        clientCount = shards.clientCount
        let looked = min(clientCount, most)
        clients = (0..<looked).map { $0 * shards.clientCount / looked }
        title = "\(partitioning) over \(clientCount) clients of \(dataset.name)"
        classNames =
            dataset.classNames.count == classCount ? dataset.classNames : (0..<classCount).map(String.init)
        var (sizes, labelCounts): ([Int], [[Int]]) = ([], [])
        for client in clients {
            let shard = shards.shard(of: client)
            sizes.append(shard.count)
            guard case .classes(let labels, _) = dataset.train.labels else { continue }
            var counts = [Int](repeating: 0, count: classCount)
            for rows in [shard.train, shard.validation, shard.test] {
                for row in rows { counts[Int(labels[Int(row)])] += 1 }
            }
            labelCounts.append(counts)
        }
        self.sizes = sizes
        self.labelCounts = labelCounts
        sizeRange = Self.range(sizes)
        guard case .classes(let labels, _) = dataset.train.labels else {
            (meanLabelEntropy, wholeLabelEntropy, meanLabelDistance) = (nil, nil, nil)
            return
        }
        var whole = [Int](repeating: 0, count: classCount)
        for label in labels { whole[Int(label)] += 1 }
        let wholeShares = Self.shares(whole)
        let held = labelCounts.map(Self.shares)
        let count = Double(max(1, held.count))
        wholeLabelEntropy = Self.entropy(wholeShares)
        meanLabelEntropy = held.reduce(0) { $0 + Self.entropy($1) } / count
        meanLabelDistance = held.reduce(0) { $0 + Self.distance($1, wholeShares) } / count
    }

    private static func range(_ sizes: [Int]) -> (minimum: Int, median: Double, mean: Double, maximum: Int) {
        let sorted = sizes.sorted()
        guard let first = sorted.first, let last = sorted.last else { return (0, 0, 0, 0) }
        let middle = sorted.count / 2
        let median =
            sorted.count % 2 == 1 ? Double(sorted[middle]) : Double(sorted[middle - 1] + sorted[middle]) / 2
        return (first, median, Double(sorted.reduce(0, +)) / Double(sorted.count), last)
    }

    static func shares(_ counts: [Int]) -> [Double] {
        let total = Double(max(1, counts.reduce(0, +)))
        return counts.map { Double($0) / total }
    }

    private static func entropy(_ shares: [Double]) -> Double {
        -shares.reduce(0) { $0 + ($1 > 0 ? $1 * log2($1) : 0) }
    }

    private static func distance(_ first: [Double], _ second: [Double]) -> Double {
        zip(first, second).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
    }
}
