internal import TributaryMath

/// The point with the smallest weighted mean distance from the updates, approached by the smoothed Weiszfeld algorithm
/// (RFA).
///
/// Every step is a weighted mean in which an update counts for αᵢ / max(ν, its distance from the point before)
/// (Pillutla, Kakade, Harchaoui 2022, Robust Aggregation for Federated Learning). Stands any updates with less than
/// half of the weight; αᵢ are the updates' weights. Steps + 1 passes at most.
///
/// What stands everything is the limit of the steps. A few of them from the mean only shrink what is enormous, by a
/// factor of about the share of bad weight each; from the origin even the first step is bounded by the good updates.
public struct GeometricMedian: RobustRule {
    /// Where the steps begin.
    public enum Start: String, CaseIterable, Hashable, Sendable {
        /// At the weighted mean.
        case mean
        /// At the origin: at no change of the model.
        case origin
    }

    /// ν: distances below it count as it, so that none is divided by zero.
    public var smoothing: Double
    /// R: the most steps.
    public var steps: Int
    /// The steps end when one lowers the mean distance by less than this share of it.
    public var tolerance: Double
    /// Where the steps begin.
    public var start: Start

    /// The rule. `smoothing` must be positive, `steps` at least 1, and `tolerance` not negative.
    public init(smoothing: Double = 1e-5, steps: Int = 3, tolerance: Double = 1e-6, start: Start = .mean) {
        precondition(smoothing > 0 && steps >= 1 && tolerance >= 0, "a smoothing above zero and at least one step")
        self.smoothing = smoothing
        self.steps = steps
        self.tolerance = tolerance
        self.start = start
    }

    /// At least one contribution.
    public func refusal(of count: Int) -> RobustRuleError? {
        count < 1 ? .nothing(for: "the geometric median") : nil
    }

    /// Gives the aggregate piece by piece: see ``RobustRule``.
    public func aggregate<Source: UpdateSource>(
        _ source: inout Source,
        into sink: (Range<Int>, UnsafeBufferPointer<Double>) throws(Source.Failure) -> Void
    ) throws(RobustFailure<Source.Failure>) {
        let pass = try makePass(of: source)
        let weights = source.weights.map(Double.init)
        var point = first(weights)
        var before = Double.infinity
        for _ in 0..<steps {
            let distances = try point.squaredDistances(in: pass, of: &source).map { $0.squareRoot() }
            let objective = zip(weights, distances).reduce(0) { $0 + $1.0 * $1.1 }
            if before - objective < tolerance * before { break }
            before = objective
            point.weights = zip(weights, distances).map { $0 / max(smoothing, $1) }
            point.divisor = point.weights.reduce(0, +)
        }
        try point.give(in: pass, of: &source, to: sink)
    }

    private func first(_ weights: [Double]) -> Combination {
        switch start {
        case .mean: Combination(weights: weights, divisor: weights.reduce(0, +))
        case .origin: .zero(of: weights.count)
        }
    }
}
