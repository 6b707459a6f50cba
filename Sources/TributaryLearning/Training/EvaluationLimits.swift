/// The most examples that an evaluation scores; of larger sets it takes evenly spaced ones, always the same.
///
/// Windows of text overlap, so that the three quarters of a million of Shakespeare say little more than ten thousand do.
public struct EvaluationLimits: Hashable, Sendable {
    /// Of the central test set; nil for all.
    public var testExamples: Int?
    /// Of each table that a client's held-out examples lie in; nil for all.
    public var clientExamples: Int?

    /// Limits with all their parts.
    public init(testExamples: Int?, clientExamples: Int?) {
        self.testExamples = testExamples
        self.clientExamples = clientExamples
    }

    /// Everything is scored.
    public static let none = EvaluationLimits(testExamples: nil, clientExamples: nil)
}

/// At most `limit` of the places 0 ..< `count`, evenly spaced.
struct SpacedRows: RandomAccessCollection {
    private let total: Int
    let endIndex: Int

    init(count: Int, limit: Int?) {
        total = count
        endIndex = Swift.min(count, limit ?? count)
    }

    var startIndex: Int { 0 }
    subscript(position: Int) -> Int { position * total / endIndex }
}
