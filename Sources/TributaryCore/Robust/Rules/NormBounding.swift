internal import TributaryMath

/// The weighted mean of the updates, each first shortened to a norm of at most C: u ← u · min(1, C / ‖u‖).
///
/// No update counts for more than its share of C, however large it is. Two passes.
public struct NormBounding: RobustRule {
    /// C.
    public var bound: Double

    /// The rule with C = `bound`, which must be positive.
    public init(bound: Double) {
        precondition(bound > 0, "a bound on norms is positive")
        self.bound = bound
    }

    /// At least one contribution.
    public func refusal(of count: Int) -> RobustRuleError? {
        count < 1 ? .nothing(for: "norm bounding") : nil
    }

    /// Gives the aggregate piece by piece: see ``RobustRule``.
    public func aggregate<Source: UpdateSource>(
        _ source: inout Source,
        into sink: (Range<Int>, UnsafeBufferPointer<Double>) throws(Source.Failure) -> Void
    ) throws(RobustFailure<Source.Failure>) {
        let weights = source.weights.map(Double.init)
        let pass = try makePass(of: source)
        let squares = try Combination.zero(of: weights.count).squaredDistances(in: pass, of: &source)
        let shortened = zip(weights, squares).map { $0 * shortening(of: $1.squareRoot(), to: bound) }
        let mean = Combination(weights: shortened, divisor: weights.reduce(0, +))
        try mean.give(in: pass, of: &source, to: sink)
    }
}

/// The factor that takes a vector of some norm to one of at most `bound`.
func shortening(of norm: Double, to bound: Double) -> Double {
    norm > bound ? bound / norm : 1
}
