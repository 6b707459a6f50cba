internal import TributaryMath

/// Bulyan's choice of updates: one after the other, each by Krum among those that are left.
///
/// Everybody's neighbours are sorted once. Whoever is chosen is then struck out of the others' lists, so that a score is
/// always the sum of a list's beginning.
struct BulyanSelection {
    private struct Neighbour {
        var distance: Double
        var place: Int32
    }

    private let limit: Int
    /// The places that are left, in ascending order.
    private var remaining: [Int]
    /// For each place, the others that are left, the nearest first.
    private var neighbours: [[Neighbour]]

    /// Nobody is chosen yet of the updates with these distances, `limit` of which may be adversaries.
    init(_ distances: PairDistances, limit: Int) {
        self.limit = limit
        remaining = Array(0..<distances.count)
        neighbours = remaining.map { [remaining] place in
            let others = remaining.filter { $0 != place }
            return others.map { Neighbour(distance: distances[place, $0], place: Int32($0)) }
                .sorted { $0.distance < $1.distance }
        }
    }

    /// The places of the first `number` choices.
    consuming func choose(_ number: Int) -> [Int] {
        (0..<number).compactMap { _ in next() }
    }

    private mutating func next() -> Int? {
        let neighbourCount = KrumNeighbours.published.count(among: remaining.count, limit: limit)
        var best: (score: Double, place: Int)?
        for place in remaining {
            let score = neighbours[place].prefix(neighbourCount).reduce(0) { $0 + $1.distance }
            // Of equal scores the first, which has the lowest client number, stays.
            if let best, best.score <= score { continue }
            best = (score, place)
        }
        guard let chosen = best?.place else { return nil }
        remaining.removeAll { $0 == chosen }
        for other in remaining { neighbours[other].removeAll { $0.place == chosen } }
        neighbours[chosen] = []
        return chosen
    }
}
