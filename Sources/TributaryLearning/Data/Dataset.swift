/// A loaded data set: the training table that is dealt out to clients, and the central test table.
public struct Dataset: Sendable {
    /// The natural owner of each example, where the data has one.
    public struct NaturalClients: Sendable {
        /// The owners' names (a writer's number, a hospital, a role).
        public var names: [String]
        /// For every training row, the index of its owner in `names`.
        public var owners: [UInt32]
        /// For every row of the central test table, the index of its owner; nil where that is unknown.
        public var testOwners: [UInt32]?

        /// Natural clients with all their parts.
        public init(names: [String], owners: [UInt32], testOwners: [UInt32]? = nil) {
            self.names = names
            self.owners = owners
            self.testOwners = testOwners
        }
    }

    /// How numbers to be predicted are shifted and scaled for training, so that a model of any start and rate can reach
    /// them; scores are in the labels' own units all the same.
    public struct TargetScaling: Hashable, Sendable {
        /// The mean over the training rows.
        public var mean: Float
        /// The standard deviation over the training rows; positive.
        public var deviation: Float

        /// The scaling that training labels call for; nil for classes.
        public init?(of examples: Examples) {
            guard case .numbers(let numbers) = examples.labels, !numbers.isEmpty else { return nil }
            let count = Double(numbers.count)
            let mean = numbers.reduce(0) { $0 + Double($1) } / count
            let variance = numbers.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
            let deviation = variance.squareRoot()
            self.mean = Float(mean)
            self.deviation = deviation > 1e-8 * abs(mean) && Float(deviation).isNormal ? Float(deviation) : 1
        }
    }

    /// The name it was asked for by.
    public var name: String
    /// The table that is dealt out to clients.
    public var train: Examples
    /// The central test table, if the set has one.
    public var test: Examples?
    /// Who owns which row by nature, if the data says so.
    public var naturalClients: NaturalClients?
    /// The classes' names in label order; empty for regression.
    public var classNames: [String]
    /// For text: the character that each token stands for, in token order; empty otherwise.
    public var vocabulary: [Character]
    /// How numbers to be predicted are scaled for training; nil leaves them as they are.
    public var targetScaling: TargetScaling?
    /// For a table: eight hexadecimal digits that stand for the meaning of its columns; nil otherwise.
    public var columnDigest: String?

    /// A data set with all its parts.
    public init(
        name: String, train: Examples, test: Examples?, naturalClients: NaturalClients? = nil,
        classNames: [String] = [], vocabulary: [Character] = [], targetScaling: TargetScaling? = nil,
        columnDigest: String? = nil
    ) {
        self.name = name
        self.train = train
        self.test = test
        self.naturalClients = naturalClients
        self.classNames = classNames
        self.vocabulary = vocabulary
        self.targetScaling = targetScaling
        self.columnDigest = columnDigest
    }
}
