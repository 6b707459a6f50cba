package import TributaryCore
import TributaryMath

/// The clients of a simulation that attack, and how.
///
/// They are drawn once from the run's seed: the same ones attack in every round that they are invited to.
package struct Adversaries: Sendable {
    /// Who they are.
    package let clients: Set<ClientID>
    /// What they do; nil for nothing.
    let part: (any AttackPart)?

    /// The adversaries of a plan among so many clients: its share of them, rounded to the nearest number.
    package init(_ plan: Plan, population: Int, catalogue: Catalogue) throws(PlanError) {
        part = try plan.faults.attack.map { text throws(PlanError) in try catalogue.attack(text) }
        let count = part == nil ? 0 : Int((plan.faults.adversaries * Double(population)).rounded())
        var stream = Seed(plan.seed).derived("adversaries").stream()
        var drawn: Set<ClientID> = []
        // So many different ones of all, each set as likely (Floyd, in Bentley 1987, Programming Pearls).
        for last in (population - count)..<population {
            let client = ClientID(UInt64(stream.uniform(below: last + 1)))
            if !drawn.insert(client).inserted { drawn.insert(ClientID(UInt64(last))) }
        }
        clients = drawn
    }

    /// What they do to their labels; nil for nothing.
    var labelFlip: LabelFlip? { part?.labelFlip }

    /// Whether an attack has to see the honest updates of a round.
    var needHonestUpdates: Bool { part.map { type(of: $0).needsHonestStatistics } ?? false }

    /// Replaces the update of an adversary who works alone.
    func forge(_ update: inout [Float], of client: ClientID, stream: inout RandomStream) {
        guard clients.contains(client), !needHonestUpdates, let attack = part?.attack(contributions: 1, adversaries: 1)
        else { return }
        attack.replace(&update, honest: nil, stream: &stream)
    }

    /// Replaces the updates of adversaries who conspire and know the others'. Coordinates stay within the bound of the
    /// round, as those of an adversary who wants to be accepted would.
    func forge(_ kept: inout [GatheredUpdates.Kept], bound: Float, seed: Seed) {
        guard needHonestUpdates, let part, let length = kept.first?.values.count else { return }
        let places = kept.indices.filter { clients.contains(kept[$0].client) }
        guard let attack = part.attack(contributions: kept.count, adversaries: places.count), places.count < kept.count
        else { return }
        var honest = HonestStatistics(parameterCount: length)
        for place in kept.indices where !clients.contains(kept[place].client) { honest.add(kept[place].values) }
        for place in places {
            var stream = seed.derived("attack", kept[place].client.rawValue).stream()
            attack.replace(&kept[place].values, honest: honest, stream: &stream)
            for index in kept[place].values.indices {
                kept[place].values[index] = min(max(kept[place].values[index], -bound), bound)
            }
        }
    }
}
