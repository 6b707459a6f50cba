import TributaryCore

/// Krum and Bulyan as their papers write them, over whole updates in memory.
struct KrumOracle {
    let updates: [[Float]]

    /// The sum of the squared distances of an update from its nearest others among `places`.
    func score(_ place: Int, among places: [Int], neighbours: Int) -> Double {
        let distances = places.filter { $0 != place }.map { distance(place, $0) }.sorted()
        return distances.prefix(neighbours).reduce(0, +)
    }

    /// The places with the lowest scores, the lowest first.
    func lowest(_ number: Int, among places: [Int], neighbours: Int) -> [Int] {
        let scores = places.map { (score($0, among: places, neighbours: neighbours), $0) }
        return scores.sorted { $0 < $1 }.prefix(number).map(\.1)
    }

    /// The order in which Bulyan chooses.
    func bulyanChoice(adversaries: Int) -> [Int] {
        var rest = Array(updates.indices)
        var chosen: [Int] = []
        while chosen.count < updates.count - 2 * adversaries {
            let best = lowest(1, among: rest, neighbours: max(1, rest.count - adversaries - 2))[0]
            chosen.append(best)
            rest.removeAll { $0 == best }
        }
        return chosen
    }

    /// Bulyan's second step, without its rule for ties.
    func meanAroundMedian(of places: [Int], kept: Int) -> [Double] {
        updates[0].indices.map { coordinate in
            let values = places.map { Double(updates[$0][coordinate]) }
            let sorted = values.sorted()
            let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
            return values.sorted { abs($0 - median) < abs($1 - median) }.prefix(kept).reduce(0, +) / Double(kept)
        }
    }

    /// The mean of the updates at some places.
    func mean(of places: [Int]) -> [Double] {
        updates[0].indices.map { coordinate in
            places.reduce(0) { $0 + Double(updates[$1][coordinate]) } / Double(places.count)
        }
    }

    private func distance(_ first: Int, _ second: Int) -> Double {
        zip(updates[first], updates[second]).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    }
}
