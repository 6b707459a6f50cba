import Foundation
import TributaryCore

extension Recomputation {
    /// λ of a run of AFL, as plainly as the paper writes it: by client, and back onto the simplex by halving.
    struct Lambda {
        let rate: Double
        let isProjected: Bool
        /// λ after the last round that committed; empty before the first.
        private(set) var kept: [ClientID: Double] = [:]
        /// λ for the open round.
        private(set) var values: [ClientID: Double] = [:]

        init(rate: Double, isProjected: Bool) {
            (self.rate, self.isProjected) = (rate, isProjected)
        }

        /// A round is open for these clients: who is new has 1/N, and the others share the rest in proportion.
        mutating func begin(_ population: [ClientID]) {
            let stayed = population.filter { kept[$0] != nil }
            let (total, count) = (stayed.reduce(0) { $0 + (kept[$1] ?? 0) }, Double(population.count))
            values = Dictionary(population.map { ($0, 1 / count) }) { first, _ in first }
            guard total > 0, stayed.count < population.count || kept.count > stayed.count else {
                if total > 0 { values = kept }
                return
            }
            for client in stayed { values[client] = (kept[client] ?? 0) / total * Double(stayed.count) / count }
        }

        /// The open round commits with these losses.
        mutating func commit(_ losses: [(client: ClientID, loss: Double)]) {
            if isProjected {
                for one in losses { values[one.client, default: 0] += rate * one.loss }
                project()
            } else {
                for one in losses { values[one.client, default: 0] *= exp(rate * one.loss) }
                let total = values.values.reduce(0, +)
                values = values.mapValues { $0 / total }
            }
            kept = values
        }

        /// Takes the same number from all that leaves a sum of 1, and lets none fall below 0.
        private mutating func project() {
            let points = values.values.sorted()
            var (low, high) = ((points.first ?? 0) - 1, points.last ?? 0)
            for _ in 0..<100 {
                let middle = (low + high) / 2
                if points.reduce(0, { $0 + max(0, $1 - middle) }) > 1 { low = middle } else { high = middle }
            }
            values = values.mapValues { max(0, $0 - low) }
        }
    }
}
