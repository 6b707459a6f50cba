/// The form of a data set's features and labels, without its content: what has to agree before clients can train one
/// model.
///
/// As text it is one line: `f32[13] -> 2 classes`, `u8[28,28] -> 10 classes`, `f32[8] -> number`,
/// `tokens[80 of 86] -> 86 classes`. A table's line ends with a digest of what its columns mean, as in
/// `f32[13] -> 2 classes; columns 1a2b3c4d`, so that a site whose columns are in another order does not match.
public struct DataSignature: Hashable, Sendable {
    /// The features of one example.
    public enum Features: Hashable, Sendable {
        /// Bytes in the given extents, outermost first: images.
        case bytes([Int])
        /// Numbers in the given extents.
        case numbers([Int])
        /// A window of so many tokens, each one of a vocabulary: text.
        case tokens(window: Int, vocabulary: Int)
    }

    /// What is to be predicted.
    public enum Labels: Hashable, Sendable {
        /// One of so many classes.
        case classes(Int)
        /// A number.
        case number
    }

    /// The features of one example.
    public var features: Features
    /// What is to be predicted.
    public var labels: Labels
    /// Eight hexadecimal digits that stand for a table's columns, kinds and categories; nil where there are none.
    public var columns: String?

    /// A signature with all its parts.
    public init(features: Features, labels: Labels, columns: String? = nil) {
        self.features = features
        self.labels = labels
        self.columns = columns
    }

    /// The extents of one example, outermost first.
    public var shape: [Int] {
        switch features {
        case .bytes(let shape), .numbers(let shape): shape
        case .tokens(let window, _): [window]
        }
    }

    /// The number of classes; nil for numbers.
    public var classCount: Int? {
        if case .classes(let count) = labels { count } else { nil }
    }

    /// The number of features of one example.
    var width: Int { shape.reduce(1, *) }

    var isText: Bool { if case .tokens = features { true } else { false } }
}

extension Dataset {
    /// The form of the data set's examples.
    public var signature: DataSignature {
        let features: DataSignature.Features =
            switch train.features {
            case .bytes: .bytes(train.shape)
            case .numbers: .numbers(train.shape)
            case .windows:
                .tokens(
                    window: train.width, vocabulary: vocabulary.isEmpty ? train.classCount ?? 0 : vocabulary.count)
            }
        return DataSignature(
            features: features, labels: train.classCount.map { .classes($0) } ?? .number, columns: columnDigest)
    }
}
