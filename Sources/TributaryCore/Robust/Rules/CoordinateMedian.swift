internal import TributaryMath

/// The median of each coordinate; of the two in the middle, if their number is even, the mean.
///
/// Stands f < n/2 adversaries (Yin, Chen, Ramchandran, Bartlett 2018, Byzantine-Robust Distributed Learning: Towards
/// Optimal Statistical Rates). Weights play no part. One pass.
public struct CoordinateMedian: RobustRule {
    /// The rule: it has no setting.
    public init() {}

    /// At least one contribution.
    public func refusal(of count: Int) -> RobustRuleError? {
        count < 1 ? .nothing(for: "the median") : nil
    }

    /// Gives the aggregate piece by piece: see ``RobustRule``.
    public func aggregate<Source: UpdateSource>(
        _ source: inout Source,
        into sink: (Range<Int>, UnsafeBufferPointer<Double>) throws(Source.Failure) -> Void
    ) throws(RobustFailure<Source.Failure>) {
        let count = source.weights.count
        let pass = try makePass(of: source)
        var medians = TrimmedMeans.medians(rowCount: count, width: pass.width)
        try medians.give(in: pass, of: &source, to: sink)
    }
}

extension TrimmedMeans {
    /// Gives the means of all coordinates to `sink`, piece by piece.
    mutating func give<Source: UpdateSource>(
        in pass: TilePass, of source: inout Source,
        to sink: (Range<Int>, UnsafeBufferPointer<Double>) throws(Source.Failure) -> Void
    ) throws(RobustFailure<Source.Failure>) {
        var means = pass.makeColumns()
        try pass.run(over: &source) { range, tile, _ throws(Source.Failure) in
            write(of: tile, to: &means)
            try means.give(range, to: sink)
        }
    }
}
