import Foundation
package import TributaryMath

/// Draws without replacement in which some are likelier than others.
package enum WeightedDraw {
    /// `count` of the clients in random order, each with a probability of being among them that is exactly proportional to
    /// its weight, and 1 for those for whom that would be more.
    ///
    /// Weights are laid end to end in random order, and a comb of `count` teeth is dropped on them (Madow 1949, On the Theory
    /// of Systematic Sampling II). Drawing one after another would favour small weights more than in proportion. Who has no
    /// weight is never drawn.
    package static func proportional(
        _ count: Int, of clients: [ClientID], weight: (ClientID) -> Double, random: inout RandomStream
    ) -> [ClientID] {
        var rest = clients.map { (client: $0, weight: weight($0)) }.filter { $0.weight > 0 }
        random.shuffle(&rest)
        var drawn: [ClientID] = []
        var places = min(count, rest.count)
        var total = rest.reduce(0) { $0 + $1.weight }
        // Who would be drawn more than once is drawn for certain, which may make others certain.
        while places > 0 {
            let certain = rest.filter { $0.weight * Double(places) >= total }
            if certain.isEmpty { break }
            rest.removeAll { $0.weight * Double(places) >= total }
            drawn += certain.prefix(places).map(\.client)
            places -= min(certain.count, places)
            total = rest.reduce(0) { $0 + $1.weight }
        }
        drawn += comb(places, over: rest, total: total, start: random.uniform())
        random.shuffle(&drawn)
        return drawn
    }

    private static func comb(
        _ places: Int, over rest: [(client: ClientID, weight: Double)], total: Double, start: Double
    ) -> [ClientID] {
        guard places > 0 else { return [] }
        let pitch = total / Double(places)
        var drawn: [ClientID] = []
        var (passed, position) = (0.0, start * pitch)
        for (place, one) in rest.enumerated() {
            passed += one.weight
            // Sums round: as many are drawn as there are places, though the last tooth may fall beside them.
            let isNeeded = rest.count - place <= places - drawn.count
            guard drawn.count < places, passed > position || isNeeded else { continue }
            drawn.append(one.client)
            position += pitch
        }
        return drawn
    }

    /// `count` of the clients one after another, each draw in proportion to the weights of those that are left (Efraimidis and
    /// Spirakis 2006, Weighted random sampling with a reservoir). Those without weight come last, all alike.
    package static func successive(
        _ count: Int, of clients: [ClientID], weight: (ClientID) -> Double, random: inout RandomStream
    ) -> [ClientID] {
        let keyed = clients.map { client in
            let (draw, weight) = (-log(1 - random.uniform()), weight(client))
            return (client: client, isLast: !(weight > 0), key: weight > 0 ? draw / weight : draw)
        }
        let ordered = keyed.sorted { left, right in
            if left.isLast != right.isLast { return right.isLast }
            return (left.key, left.client) < (right.key, right.client)
        }
        return ordered.prefix(count).map(\.client)
    }
}
