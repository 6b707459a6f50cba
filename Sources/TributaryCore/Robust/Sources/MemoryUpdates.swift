/// The updates of a round in memory.
public struct MemoryUpdates: UpdateSource, Sendable {
    /// The updates in the order of their clients' numbers.
    public let updates: [[Float]]
    /// The weight of each.
    public let weights: [Int]
    /// The length of each.
    public let parameterCount: Int
    /// What the rule gave in the round before; empty before the first.
    public let previous: [Double]
    /// How much of them is worked on at the same time.
    public var tileBytes = 1 << 19

    /// Updates of the same length. Without `weights` each has the weight 1; `previous` is what a rule with a memory
    /// gave in the round before.
    public init(_ updates: [[Float]], weights: [Int]? = nil, previous: [Double] = []) {
        self.updates = updates
        self.weights = weights ?? [Int](repeating: 1, count: updates.count)
        self.previous = previous
        parameterCount = updates.first?.count ?? previous.count
        let length = parameterCount
        precondition(updates.allSatisfy { $0.count == length }, "updates of different lengths")
        precondition(self.weights.count == updates.count, "a weight for each update")
        precondition(previous.isEmpty || previous.count == parameterCount, "an aggregate of another length")
    }

    /// Copies a piece of some updates.
    public func read(_ range: Range<Int>, of updates: [Int], into rows: [UnsafeMutableBufferPointer<Float>]) {
        for (update, row) in zip(updates, rows) {
            self.updates[update].withUnsafeBufferPointer { values in
                _ = row.update(fromContentsOf: values[range])
            }
        }
    }

    /// Copies a piece of the aggregate before, or zeros.
    public func readPrevious(_ range: Range<Int>, into piece: UnsafeMutableBufferPointer<Double>) {
        if previous.isEmpty {
            piece.update(repeating: 0)
        } else {
            _ = piece.update(fromContentsOf: previous[range])
        }
    }
}
