internal import TributaryMath

/// The mean of each coordinate without its b smallest and b largest values.
///
/// Stands b < n/2 adversaries (Yin, Chen, Ramchandran, Bartlett 2018). With b = 0 it is the mean, with b = ⌊(n − 1)/2⌋
/// the median. Weights play no part. One pass.
public struct TrimmedMean: RobustRule {
    /// b.
    public var limit: AdversaryLimit

    /// The rule with b = `limit`.
    public init(limit: AdversaryLimit) {
        self.limit = limit
    }

    /// At least 2b + 1 contributions.
    public func refusal(of count: Int) -> RobustRuleError? {
        let trimmed = limit.resolved(among: count)
        return .shortage(
            of: count, for: "the trimmed mean with b = \(trimmed)", needing: "n ≥ 2b + 1", least: 2 * trimmed + 1)
    }

    /// The rule with as many fewer adversaries.
    public func discounting(_ refused: Int) -> TrimmedMean {
        TrimmedMean(limit: limit.discounting(refused))
    }

    /// Gives the aggregate piece by piece: see ``RobustRule``.
    public func aggregate<Source: UpdateSource>(
        _ source: inout Source,
        into sink: (Range<Int>, UnsafeBufferPointer<Double>) throws(Source.Failure) -> Void
    ) throws(RobustFailure<Source.Failure>) {
        let count = source.weights.count
        let pass = try makePass(of: source)
        var means = TrimmedMeans(rowCount: count, trimmed: limit.resolved(among: count), width: pass.width)
        try means.give(in: pass, of: &source, to: sink)
    }
}
