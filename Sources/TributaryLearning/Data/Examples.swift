/// A table of labelled examples, stored once and shared by every shard that points into it.
///
/// Features stay in the form they came in (a byte a pixel, a byte a character): a batch is converted to Float32 as
/// it is gathered, which keeps 60,000 images at 47 MB instead of 188.
public struct Examples: Sendable {
    /// The features of all examples, one after another.
    public enum Features: Sendable {
        /// `count × width` bytes; a feature's value is its byte times `scale`.
        case bytes([UInt8], scale: Float)
        /// `count × width` numbers.
        case numbers([Float])
        /// Windows of `width` tokens of one text; example i begins at `starts[i]`, and its label is the token after it.
        case windows(text: [UInt8], starts: [UInt32])
    }

    /// What is to be predicted.
    public enum Labels: Sendable {
        /// Classes 0 ..< `classCount`.
        case classes([UInt16], classCount: Int)
        /// Numbers (regression).
        case numbers([Float])
    }

    /// The features of all examples.
    public let features: Features
    /// The label of every example.
    public let labels: Labels
    /// The extents of one example, outermost first: `[28, 28]` for an image, `[13]` for a table's row.
    public let shape: [Int]

    /// The number of examples.
    public var count: Int {
        switch labels {
        case .classes(let classes, _): classes.count
        case .numbers(let numbers): numbers.count
        }
    }

    /// The number of features of one example.
    public var width: Int { shape.reduce(1, *) }

    /// The number of classes; nil for regression.
    public var classCount: Int? {
        if case .classes(_, let classCount) = labels { classCount } else { nil }
    }

    /// A table of examples. Feature and label counts must agree with one another and with `shape`.
    public init(features: Features, labels: Labels, shape: [Int]) {
        self.features = features
        self.labels = labels
        self.shape = shape
        switch features {
        case .bytes(let bytes, _): precondition(bytes.count == count * width, "features and labels disagree")
        case .numbers(let numbers): precondition(numbers.count == count * width, "features and labels disagree")
        case .windows(let text, let starts):
            precondition(starts.count == count, "features and labels disagree")
            precondition(starts.allSatisfy { Int($0) + width <= text.count }, "a window leaves its text")
        }
    }
}
