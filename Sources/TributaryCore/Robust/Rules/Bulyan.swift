internal import TributaryMath

/// Bulyan: chooses θ = n − 2f updates by Krum, then takes, for each coordinate, the mean of the β = n − 4f of their
/// values that are closest to the median of the θ.
///
/// Krum alone lets an adversary hide a large change of one coordinate among many; the second step does not. Needs
/// n ≥ 4f + 3 (El Mhamdi, Guerraoui, Rouault 2018, The Hidden Vulnerability of Distributed Learning in Byzantium). All
/// ties go by the lowest client number; `ClosestMeans` says what is closest. Weights play no part. Two passes, and a
/// number for every two updates.
public struct Bulyan: RobustRule {
    /// How the θ updates are chosen.
    public enum Selection: String, CaseIterable, Hashable, Sendable {
        /// One after the other, each by Krum among those that are left, as published.
        case iterated
        /// The θ lowest scores of one run of Krum: cheaper, and usually the same updates.
        case oneShot = "one-shot"
    }

    /// f.
    public var limit: AdversaryLimit
    /// How the updates are chosen.
    public var selection: Selection

    /// The rule with f = `limit`.
    public init(limit: AdversaryLimit, selection: Selection = .iterated) {
        self.limit = limit
        self.selection = selection
    }

    /// At least 4f + 3 contributions.
    public func refusal(of count: Int) -> RobustRuleError? {
        let bad = limit.resolved(among: count)
        return .shortage(of: count, for: "Bulyan with f = \(bad)", needing: "n ≥ 4f + 3", least: 4 * bad + 3)
    }

    /// The rule with as many fewer adversaries.
    public func discounting(_ refused: Int) -> Bulyan {
        Bulyan(limit: limit.discounting(refused), selection: selection)
    }

    /// Gives the aggregate piece by piece: see ``RobustRule``.
    public func aggregate<Source: UpdateSource>(
        _ source: inout Source,
        into sink: (Range<Int>, UnsafeBufferPointer<Double>) throws(Source.Failure) -> Void
    ) throws(RobustFailure<Source.Failure>) {
        let count = source.weights.count
        let pass = try makePass(of: source)
        let chosen = choose(by: try pass.pairDistances(of: &source)).sorted()
        let kept = count - 4 * limit.resolved(among: count)
        var closest = ClosestMeans(rowCount: chosen.count, kept: kept, width: pass.width)
        var means = pass.makeColumns()
        try pass.run(over: &source, updates: chosen) { range, tile, _ throws(Source.Failure) in
            closest.write(of: tile, to: &means)
            try means.give(range, to: sink)
        }
    }

    /// The places of the θ updates in the order of their choice.
    private func choose(by distances: PairDistances) -> [Int] {
        let bad = limit.resolved(among: distances.count)
        let number = distances.count - 2 * bad
        switch selection {
        case .iterated:
            return BulyanSelection(distances, limit: bad).choose(number)
        case .oneShot:
            let neighbourCount = KrumNeighbours.published.count(among: distances.count, limit: bad)
            return distances.lowestKrumScores(number, neighbourCount: neighbourCount)
        }
    }
}
