import Testing
import TributaryCore
import TributaryMath

/// Random honest updates and what is done to them.
enum RobustSamples {
    /// `count` updates around a common direction.
    static func updates(_ count: Int, length: Int, seed: Seed) -> [[Float]] {
        var stream = seed.derived("robust-updates").stream()
        let direction = (0..<length).map { _ in stream.normal() }
        return (0..<count).map { _ in direction.map { Float($0 + 0.5 * stream.normal()) } }
    }

    /// The same with the last ones replaced by something enormous.
    static func attacked(_ updates: [[Float]], adversaries: Int, size: Float, seed: Seed) -> [[Float]] {
        var stream = seed.derived("robust-attack").stream()
        var attacked = updates
        for place in attacked.indices.suffix(adversaries) {
            attacked[place] = attacked[place].map { _ in stream.bernoulli(0.5) ? size : -size }
        }
        return attacked
    }

    static func norm(_ vector: [Double]) -> Double {
        vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    static func norm(_ vector: [Float]) -> Double { norm(vector.map(Double.init)) }
}

/// Whether two vectors are the same but for rounding, measured against the larger one's size.
func isClose(_ left: [Double], _ right: [Double], within tolerance: Double = 1e-10) -> Bool {
    let size = max(RobustSamples.norm(left), RobustSamples.norm(right))
    return left.count == right.count && RobustSamples.norm(zip(left, right).map { $0 - $1 }) <= tolerance * size
}

/// A rule and what holds for it, for tests over all rules that stand two adversaries among eleven.
struct RuleCase: CustomTestStringConvertible, Sendable {
    let rule: any RobustRule
    let testDescription: String
    /// Whether turning all updates turns the aggregate.
    let turns: Bool
    /// Whether it matters which client sent what. Bulyan's last choices look at one neighbour each, so that two updates
    /// that are each other's nearest have equal scores, and the client numbers decide.
    var asksForNumbers: Bool { rule as? Bulyan == Bulyan(limit: .count(2)) }
    /// How exactly its laws hold. The way to a minimum ends where the objective is flat.
    let precision: Double

    static let all: [RuleCase] = [
        RuleCase(CoordinateMedian(), "median", turns: false),
        RuleCase(TrimmedMean(limit: .count(2)), "trimmed mean", turns: false),
        RuleCase(Krum(limit: .count(2)), "Krum", turns: true),
        RuleCase(Krum(limit: .count(2), selection: .count(5)), "multi-Krum", turns: true),
        RuleCase(
            Krum(limit: .count(2), selection: .allButLimit, neighbours: .oneMore), "multi-Krum, n − f", turns: true),
        RuleCase(Bulyan(limit: .count(2)), "Bulyan", turns: false),
        RuleCase(Bulyan(limit: .count(2), selection: .oneShot), "one-shot Bulyan", turns: false),
        RuleCase(GeometricMedian(smoothing: 1e-9), "geometric median", turns: true),
        RuleCase(
            GeometricMedian(smoothing: 1e-9, steps: 400, tolerance: 0), "geometric median, converged", turns: true,
            precision: 1e-6),
    ]

    private init(_ rule: any RobustRule, _ description: String, turns: Bool, precision: Double = 1e-12) {
        self.rule = rule
        self.turns = turns
        self.precision = precision
        testDescription = description
    }
}
