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

/// Krum's scores: for each update the sum of its squared distances from its nearest others, added from the nearest to
/// the farthest.
///
/// Updates can be taken out, as Bulyan does; the scores are then those of the others among themselves.
struct KrumScores {
    /// The places of the updates that are left, in ascending order.
    private(set) var remaining: [Int]
    /// For each update, its squared distances from the remaining others in ascending order, and whose they are.
    private var neighbours: [[(distance: Double, place: Int)]]

    /// The scores of all updates with these distances.
    init(_ distances: PairDistances) {
        let places = 0..<distances.count
        remaining = Array(places)
        neighbours = places.map { place in
            places.filter { $0 != place }
                .map { (distance: distances[place, $0], place: $0) }
                .sorted { $0.distance < $1.distance }
        }
    }

    /// The score of the update at a place with so many neighbours.
    func score(of place: Int, neighbourCount: Int) -> Double {
        var sum = 0.0
        for neighbour in neighbours[place].prefix(neighbourCount) { sum += neighbour.distance }
        return sum
    }

    /// The places of the `number` lowest scores, the lowest first and of equal ones that of the lowest client number.
    func lowest(_ number: Int, neighbourCount: Int) -> [Int] {
        let scored = remaining.map { (score: score(of: $0, neighbourCount: neighbourCount), place: $0) }
        return scored.sorted { ($0.score, $0.place) < ($1.score, $1.place) }.prefix(number).map(\.place)
    }

    /// The place of the lowest score.
    func best(neighbourCount: Int) -> Int? {
        var best: (score: Double, place: Int)?
        for place in remaining {
            let score = score(of: place, neighbourCount: neighbourCount)
            if let best, best.score <= score { continue }
            best = (score, place)
        }
        return best?.place
    }

    /// Takes an update out.
    mutating func remove(_ place: Int) {
        remaining.removeAll { $0 == place }
        for other in remaining { neighbours[other].removeAll { $0.place == place } }
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
