import TributaryCore
import TributaryMath

/// What else runs are made of, in some worlds. Each is drawn from a stream of its own: the others stay what they were.
extension Scenario {
    /// Rules that take any number of updates.
    private static let rules = [
        "median", "trimmed-mean", "geometric-median", "norm-bounding:bound=0.5", "centred-clipping:bound=2",
        "centred-clipping:bound=0.5,steps=3",
    ]

    /// Has a robust rule make one update of a round's. Where updates wait for a step, and where noise is measured for a sum,
    /// and for a method that has a step of its own, there are none.
    func harden(_ plan: inout Plan, _ index: Int, _ seed: UInt64) {
        var stream = Seed(seed).derived("torture").derived("rules", UInt64(index)).stream()
        guard plan.strategy.pacing == nil, plan.privacy.mechanism == nil, plan.strategy.method == nil,
            stream.bernoulli(0.3)
        else { return }
        plan.strategy.aggregation = PartText(planText: Self.rules[stream.uniform(below: Self.rules.count)])
    }

    /// Has clients add noise to their own updates.
    func addNoise(_ plan: inout Plan, _ index: Int, _ seed: UInt64) {
        var stream = Seed(seed).derived("torture").derived("local noise", UInt64(index)).stream()
        let isByItself: Bool = if case .selector = plan.cohort.selection { false } else { true }
        guard isByItself, plan.strategy == Plan().strategy, plan.privacy.mechanism == nil, stream.bernoulli(0.25)
        else { return }
        let (clip, noise) = (["0.01", "0.5", "20"], ["0.1", "1"])
        plan.privacy.mechanism = PartText(
            planText: "local:clip=\(clip[stream.uniform(below: 3)]),noise=\(noise[stream.uniform(below: 2)])")
        plan.privacy.delta = 1e-3
        (plan.server.weighting, plan.evaluation.federatedEvery) = (.uniform, nil)
    }
}
