/// How a model did on some examples, as sums that merge.
public struct Evaluation: Hashable, Sendable, Codable {
    /// Examples scored.
    public var exampleCount: Int
    /// The sum of the examples' losses.
    public var lossSum: Double
    /// Examples whose label was predicted right; nil where labels are numbers (regression).
    public var correctCount: Int?

    /// An evaluation with all its parts.
    public init(exampleCount: Int, lossSum: Double, correctCount: Int?) {
        self.exampleCount = exampleCount
        self.lossSum = lossSum
        self.correctCount = correctCount
    }

    /// The evaluation of no examples.
    public static let empty = Evaluation(exampleCount: 0, lossSum: 0, correctCount: nil)

    /// Mean loss per example; nil without examples.
    public var loss: Double? { exampleCount > 0 ? lossSum / Double(exampleCount) : nil }

    /// Share of examples predicted right; nil without examples or for regression.
    public var accuracy: Double? {
        guard exampleCount > 0, let correctCount else { return nil }
        return Double(correctCount) / Double(exampleCount)
    }

    /// Adds another evaluation's sums. Floating-point sums depend on order: merge in a fixed one.
    public mutating func merge(_ other: Evaluation) {
        if other.exampleCount == 0 { return }
        correctCount = exampleCount == 0 ? other.correctCount : addOptional(correctCount, other.correctCount)
        exampleCount += other.exampleCount
        lossSum += other.lossSum
    }

    private func addOptional(_ a: Int?, _ b: Int?) -> Int? {
        guard let a, let b else { return nil }
        return a + b
    }
}
