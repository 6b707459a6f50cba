internal import TributaryMath

/// Centred clipping: from the aggregate v of the round before, L steps v ← v + mean of the (uᵢ − v), each first
/// shortened to a norm of at most τ.
///
/// Adversaries can move v by no more than τ a step and round, and its history averages out what hides in the honest
/// updates' spread (Karimireddy, He, Jaggi 2021, Learning from History for Byzantine Robust Optimization). The
/// aggregate is the state that the next round begins from. Weights play no part. Steps + 1 passes.
public struct CentredClipping: RobustRule {
    /// τ.
    public var bound: Double
    /// L.
    public var steps: Int

    /// The rule with τ = `bound`, which must be positive, and at least one step.
    public init(bound: Double, steps: Int = 1) {
        precondition(bound > 0 && steps >= 1, "a bound above zero and at least one step")
        self.bound = bound
        self.steps = steps
    }

    /// v.
    public var hasMemory: Bool { true }

    /// At least one contribution.
    public func refusal(of count: Int) -> RobustRuleError? {
        count < 1 ? .nothing(for: "centred clipping") : nil
    }

    /// Gives the aggregate piece by piece: see ``RobustRule``.
    public func aggregate<Source: UpdateSource>(
        _ source: inout Source,
        into sink: (Range<Int>, UnsafeBufferPointer<Double>) throws(Source.Failure) -> Void
    ) throws(RobustFailure<Source.Failure>) {
        let count = source.weights.count
        let pass = try makePass(of: source)
        var centre = Combination.zero(of: count)
        centre.previousWeight = 1
        for _ in 0..<steps {
            let squares = try centre.squaredDistances(in: pass, of: &source)
            centre.step(by: squares.map { shortening(of: $0.squareRoot(), to: bound) / Double(count) })
        }
        try centre.give(in: pass, of: &source, to: sink)
    }
}

extension Combination {
    /// v ← v + Σ factorᵢ (uᵢ − v), for a combination with divisor 1.
    fileprivate mutating func step(by factors: [Double]) {
        let kept = 1 - factors.reduce(0, +)
        previousWeight *= kept
        for place in weights.indices { weights[place] = weights[place] * kept + factors[place] }
    }
}
