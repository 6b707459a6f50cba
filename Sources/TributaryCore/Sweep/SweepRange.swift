import Foundation
internal import TributaryMath

/// Numbers between two ends, from which a random search draws.
///
/// As text `0.001..0.1`, or `0.001..0.1:log` for numbers whose logarithm is uniform (Bergstra and Bengio 2012 draw learning
/// rates so). The ends belong to it.
public struct SweepRange: Hashable, Sendable {
    /// The lower end.
    public let low: Double
    /// The upper end; above the lower one.
    public let high: Double
    /// Whether the logarithm is uniform instead of the number itself.
    public let isLogarithmic: Bool
    /// Whether only whole numbers are drawn.
    public let isWhole: Bool

    /// The numbers it holds, if they can be counted.
    var count: Int? { isWhole ? Int(high) - Int(low) + 1 : nil }

    /// The range as it was said.
    var text: String { "\(low.planText)..\(high.planText)\(isLogarithmic ? ":log" : "")" }

    /// The two ends and the scale that a text names; nil if it is no range.
    private static func parse(_ text: String) -> (low: Double, high: Double, isLogarithmic: Bool)? {
        let isLogarithmic = text.hasSuffix(":log")
        let ends = (isLogarithmic ? String(text.dropLast(4)) : text).split(
            separator: "..", omittingEmptySubsequences: false)
        guard ends.count == 2, let low = Double(planText: String(ends[0])),
            let high = Double(planText: String(ends[1])),
            low.isFinite, high.isFinite
        else { return nil }
        return (low, high, isLogarithmic)
    }

    /// The range that a text names; nil if it is none.
    ///
    /// - Throws: `PlanError` if it is one from which nothing can be drawn for the field, or only what the field refuses.
    init?(_ text: String, for field: PlanField, on base: Plan) throws(PlanError) {
        guard let (low, high, isLogarithmic) = Self.parse(text) else { return nil }
        guard low < high else {
            throw PlanError("\(field.path) is the range \(text); the lower end comes first, and below the upper one")
        }
        guard !isLogarithmic || low > 0 else {
            throw PlanError("\(field.path) is the range \(text); on a logarithmic scale both ends must be above 0")
        }
        (self.low, self.high, self.isLogarithmic) = (low, high, isLogarithmic)
        isWhole = Self.takesOnlyWholeNumbers(field, low, high, base)
        for end in [low, high] {
            var plan = base
            try plan.set(field.path, to: end.planText)
        }
        guard !isWhole || (low > -1e15 && high < 1e15) else {
            throw PlanError("\(field.path) is the range \(text); whole numbers are drawn up to 1e15")
        }
    }

    /// A field of counts takes two whole ends, and no number with a fraction between them.
    private static func takesOnlyWholeNumbers(_ field: PlanField, _ low: Double, _ high: Double, _ base: Plan) -> Bool {
        guard low == low.rounded(), high == high.rounded() else { return false }
        var plan = base
        do throws(PlanValueError) {
            try field.set((low + 0.5).planText, in: &plan)
            return false
        } catch {
            return true
        }
    }

    /// The next number, as a plan says it.
    func draw(from stream: inout RandomStream) -> String {
        guard isWhole else { return rounded(position(stream.uniform(), low, high)).planText }
        if !isLogarithmic { return String(Int(low) + stream.uniform(below: Int(high) - Int(low) + 1)) }
        // Each whole number stands for the half below it and the half above it.
        let place = position(stream.uniform(), low - 0.5, high + 0.5)
        return String(Int(min(high, max(low, place.rounded()))))
    }

    private func position(_ share: Double, _ low: Double, _ high: Double) -> Double {
        isLogarithmic ? exp(log(low) + share * (log(high) - log(low))) : low + share * (high - low)
    }

    /// To about six digits of the range's width: names and tables stay readable, and nobody can tell the difference.
    private func rounded(_ value: Double) -> Double {
        let size = isLogarithmic ? min(value, high - low) : high - low
        let decimals = 5 - Int(log10(size).rounded(.down))
        let scale = pow(10, Double(abs(decimals)))
        let result = decimals >= 0 ? (value * scale).rounded() / scale : (value / scale).rounded() * scale
        return result.isFinite ? min(high, max(low, result)) : value
    }
}
