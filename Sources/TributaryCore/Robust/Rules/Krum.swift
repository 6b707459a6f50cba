internal import TributaryMath

/// Krum and multi-Krum: the updates that have their nearest others closest, or the mean of several such.
///
/// The score of an update is the sum of its squared distances from its n − f − 2 nearest others. Krum gives the update
/// with the lowest score, multi-Krum the mean of the m lowest; equal scores go by the lowest client number. Needs n ≥
/// 2f + 3 (Blanchard, El Mhamdi, Guerraoui, Stainer 2017, Machine Learning with Adversaries: Byzantine Tolerant
/// Gradient Descent). Weights play no part. Two passes, and a number for every two updates.
public struct Krum: RobustRule {
    /// m: how many updates the aggregate is the mean of.
    public enum Selection: Hashable, Sendable {
        /// So many, at least one: with 1 it is Krum.
        case count(Int)
        /// n − f: all but as many as there may be adversaries.
        case allButLimit
    }

    /// f.
    public var limit: AdversaryLimit
    /// m.
    public var selection: Selection
    /// How many nearest others make a score.
    public var neighbours: KrumNeighbours

    /// The rule with f = `limit`.
    public init(limit: AdversaryLimit, selection: Selection = .count(1), neighbours: KrumNeighbours = .published) {
        if case .count(let count) = selection { precondition(count >= 1, "Krum chooses at least one update") }
        self.limit = limit
        self.selection = selection
        self.neighbours = neighbours
    }

    /// At least 2f + 3 contributions, and m + f.
    public func refusal(of count: Int) -> RobustRuleError? {
        let bad = limit.resolved(among: count)
        switch selection {
        case .count(1):
            return .shortage(of: count, for: "Krum with f = \(bad)", needing: "n ≥ 2f + 3", least: 2 * bad + 3)
        case .count(let chosen) where chosen > bad + 3:
            return .shortage(
                of: count, for: "multi-Krum with m = \(chosen) and f = \(bad)", needing: "n ≥ m + f",
                least: chosen + bad)
        case .count, .allButLimit:
            return .shortage(of: count, for: "multi-Krum with f = \(bad)", needing: "n ≥ 2f + 3", least: 2 * bad + 3)
        }
    }

    /// The rule with as many fewer adversaries.
    public func discounting(_ refused: Int) -> Krum {
        var rule = self
        rule.limit = limit.discounting(refused)
        return rule
    }

    /// Gives the aggregate piece by piece: see ``RobustRule``.
    public func aggregate<Source: UpdateSource>(
        _ source: inout Source,
        into sink: (Range<Int>, UnsafeBufferPointer<Double>) throws(Source.Failure) -> Void
    ) throws(RobustFailure<Source.Failure>) {
        let count = source.weights.count
        let pass = try makePass(of: source)
        let chosen = choose(by: try pass.pairDistances(of: &source))
        try Combination.mean(of: chosen, among: count).give(in: pass, of: &source, to: sink)
    }

    /// The places of the updates that the aggregate is the mean of, the best first.
    private func choose(by distances: PairDistances) -> [Int] {
        let bad = limit.resolved(among: distances.count)
        let number =
            switch selection {
            case .count(let number): number
            case .allButLimit: distances.count - bad
            }
        let neighbourCount = neighbours.count(among: distances.count, limit: bad)
        return distances.lowestKrumScores(number, neighbourCount: neighbourCount)
    }
}
