import TributaryCore
import TributaryMath

extension Scenario.Run {
    /// Makes some of those runs private that may be: with trees of a few rounds, in which nobody's share runs out, as clients
    /// may be too few for anything less.
    mutating func drawPrivacy(_ stream: inout RandomStream) {
        guard stream.bernoulli(0.4), plan.cohort.selection == .uniform, plan.cohort.count != nil else { return }
        let rounds = 1 + stream.uniform(below: min(plan.rounds, 4))
        let settings = [
            ("clip", [0.01, 0.5, 20][stream.uniform(below: 3)].description),
            ("noise", [0, 0.5, 3][stream.uniform(below: 3)].description), ("rounds", "\(rounds)"),
            ("participations", "\(rounds)"),
        ]
        plan.privacy.mechanism = PartText(
            name: "tree", settings: settings.map { PartText.Setting(name: $0.0, value: $0.1) })
        plan.privacy.delta = 1e-3
        plan.server.weighting = .uniform
    }

    /// The secret of the run's noise, the same in every life of the coordinator that is asked to create it.
    static func noiseKey(of run: RunID, seed: UInt64) -> NoiseKey {
        var stream = Seed(seed).derived("torture").derived("noise", UInt64(run.rawValue.utf8.last ?? 0)).stream()
        return NoiseKey.random(using: &stream)
    }
}
