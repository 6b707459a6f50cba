internal import TributaryMath

/// How many of the nearest other updates an update's score is the sum of. The papers' count is the first; some
/// libraries take the second, and may then choose another update.
public enum KrumNeighbours: String, CaseIterable, Hashable, Sendable {
    /// n − f − 2 (Blanchard, El Mhamdi, Guerraoui, Stainer 2017).
    case published = "n-f-2"
    /// n − f − 1.
    case oneMore = "n-f-1"

    /// The neighbours of each of `count` updates with `limit` adversaries: at least one, and never more than there are.
    func count(among count: Int, limit: Int) -> Int {
        let wanted =
            switch self {
            case .published: count - limit - 2
            case .oneMore: count - limit - 1
            }
        return min(max(wanted, 1), count - 1)
    }
}

extension PairDistances {
    /// Krum's score of each vector: the sum of its squared distances from its nearest others, added from the nearest to
    /// the farthest.
    func krumScores(neighbourCount: Int) -> [Double] {
        (0..<count).map { place in
            let distances = (0..<count).filter { $0 != place }.map { self[place, $0] }
            return distances.sorted().prefix(neighbourCount).reduce(0, +)
        }
    }

    /// The places of the `number` lowest scores, the lowest first, and of equal ones that of the lowest client number.
    func lowestKrumScores(_ number: Int, neighbourCount: Int) -> [Int] {
        let scores = krumScores(neighbourCount: neighbourCount)
        return scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }.prefix(number).map(\.self)
    }
}

extension TilePass {
    /// The squared distances between all updates.
    func pairDistances<Source: UpdateSource>(
        of source: inout Source
    ) throws(RobustFailure<Source.Failure>) -> PairDistances {
        var distances = PairDistances(count: source.weights.count)
        try run(over: &source) { _, tile, _ throws(Source.Failure) in distances.add(tile) }
        return distances
    }
}
