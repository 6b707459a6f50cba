/// Noise for sums over rounds that is correlated between rounds, so that a sum over t rounds carries that of about log₂
/// t nodes of a tree and not of t rounds (Kairouz, McMahan, Song, Thakkar, Thakurta and Xu 2021, *Practical and Private
/// (Deep) Learning Without Sampling or Shuffling*). It protects without any assumption on who takes part when.
///
/// The leaves of a binary tree are the rounds. Each node stands for the rounds below it and has noise of its own, drawn
/// once. The sum over the rounds 1 … t carries the noise of the few complete nodes that cover them. What the server
/// adds to its model in round t is the difference of two such sums: the round's own sum, plus the noise of the node
/// that is now complete, less the noise of the nodes that it swallows.
///
/// A node's noise is made from a key when it is needed, the second time as the first, so the state is two numbers; a
/// crash neither draws noise again nor loses it. A tree has room for a fixed number of rounds, by which its privacy is
/// counted (`TreeMechanism`). `restart` begins another one; what the first one left in the model stays there.
public struct TreeAggregator: Hashable, Sendable {
    /// A node: it covers the leaves index · 2^level + 1 … (index + 1) · 2^level of its tree.
    public struct Node: Hashable, Sendable {
        /// Its tree, numbered from 1.
        public let tree: Int
        /// Its height above the leaves.
        public let level: Int
        /// Its place among the nodes of its level, from 0.
        public let index: Int

        /// The key of its noise.
        public func key(from runKey: NoiseKey) -> NoiseKey {
            runKey.derived("tree", UInt64(tree), UInt64(level), UInt64(index))
        }
    }

    /// What changes in the noise from one round to the next.
    public struct Step: Hashable, Sendable {
        /// The node that is complete now: its noise is added.
        public let completed: Node
        /// The nodes that it contains: their noise is taken off.
        public let swallowed: [Node]
    }

    /// The rounds that a tree has room for.
    public let leafLimit: Int
    /// The number of the tree, from 1.
    public private(set) var tree = 1
    /// The rounds in this tree so far.
    public private(set) var leafCount = 0

    /// Whether there is no room for another round in this tree.
    public var isFull: Bool { leafCount >= leafLimit }

    /// An empty tree for up to `leafLimit` rounds, in 1 ... 2⁴⁰.
    public init(leafLimit: Int) throws(PrivacyError) {
        guard leafLimit >= 1, leafLimit <= 1 << 40 else {
            throw .value("number of rounds of a tree", leafLimit, must: "from 1 to 2^40")
        }
        self.leafLimit = leafLimit
    }

    /// The next round's change of the noise; nil if the tree is full, and has to be started again.
    public mutating func advance() -> Step? {
        guard leafCount < leafLimit else { return nil }
        leafCount += 1
        // As in counting: every trailing one of the old number is carried into the bit that becomes one.
        let level = leafCount.trailingZeroBitCount
        let completed = Node(tree: tree, level: level, index: (leafCount >> level) - 1)
        let swallowed = (0..<level).map { Node(tree: tree, level: $0, index: ((leafCount - 1) >> $0) - 1) }
        return Step(completed: completed, swallowed: swallowed)
    }

    /// The nodes whose noise is in the sum over this tree's rounds so far, the largest first.
    public var cover: [Node] {
        (0..<leafCount.bitWidth).reversed().filter { leafCount >> $0 & 1 == 1 }.map { level in
            Node(tree: tree, level: level, index: (leafCount >> level) - 1)
        }
    }

    /// Begins the next tree, which has to be paid for anew.
    public mutating func restart() {
        tree += 1
        leafCount = 0
    }
}

extension GridNoise {
    /// Adds a round's change of the tree's noise to the integers of the round's sum, or to a piece of them that begins
    /// at `first`.
    public func add(
        _ step: TreeAggregator.Step, to sums: UnsafeMutableBufferPointer<Double>, from first: Int = 0, runKey: NoiseKey
    ) {
        add(to: sums, from: first, key: step.completed.key(from: runKey))
        for node in step.swallowed { add(to: sums, from: first, key: node.key(from: runKey), isNegative: true) }
    }
}

extension TreeAggregator: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, leafLimit, tree, leafCount
    }

    /// Reads a state; one that is out of range, or of a version that is not known here, is an error.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try StateVersion.check(values, .version, of: "tree of noise")
        try self.init(leafLimit: values.decode(Int.self, forKey: .leafLimit))
        tree = try values.decode(Int.self, forKey: .tree)
        leafCount = try values.decode(Int.self, forKey: .leafCount)
        guard tree >= 1, tree < Int.max, leafCount >= 0, leafCount <= leafLimit else {
            throw DecodingError.dataCorruptedError(
                forKey: .leafCount, in: values,
                debugDescription: "round \(leafCount) of tree \(tree) is not one of \(leafLimit) rounds")
        }
    }

    /// Writes the state with its version.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(StateVersion.current, forKey: .version)
        try values.encode(leafLimit, forKey: .leafLimit)
        try values.encode(tree, forKey: .tree)
        try values.encode(leafCount, forKey: .leafCount)
    }
}
