import TributaryCore
import TributaryMath

extension Scenario {
    /// Makes some of those runs private whose clients are drawn one by one: with the run's secret, of a population that need not
    /// be as many as there are. Drawn from a stream of its own: the others stay what they were.
    func sample(_ plan: inout Plan, _ index: Int, _ seed: UInt64) {
        var stream = Seed(seed).derived("torture").derived("sampled privacy", UInt64(index)).stream()
        let parts = plan.strategy
        guard plan.cohort.selection == .poisson, plan.privacy.mechanism == nil, parts.pacing == nil,
            parts.method == nil, parts.aggregation == nil, stream.bernoulli(0.5)
        else { return }
        let count = plan.cohort.count ?? 1 + stream.uniform(below: max(1, clientCount / 2))
        (plan.cohort.count, plan.cohort.fraction, plan.cohort.quorum) = (count, nil, Plan().cohort.quorum)
        let population = count + stream.uniform(below: 2 * clientCount + 1)
        let clip = [0.01, 0.5, 20][stream.uniform(below: 3)]
        let noise = [0, 0.5, 3][stream.uniform(below: 3)]
        let adaptive = stream.bernoulli(0.5) ? ",adaptive=true,count-noise=5" : ""
        plan.privacy.mechanism = PartText(planText: "sampled:clip=\(clip),noise=\(noise)\(adaptive)")
        (plan.privacy.delta, plan.privacy.population) = (1e-3, population)
        plan.server.weighting = .uniform
        guard noise > 0, stream.bernoulli(0.5) else { return }
        let rate = Double(count) / Double(population)
        plan.privacy.epsilon = Self.epsilon(of: 1 + stream.uniform(below: plan.rounds), rate: rate, noise: noise)
    }

    /// What so many rounds cost, and a little more.
    private static func epsilon(of rounds: Int, rate: Double, noise: Double) -> Double? {
        guard let step = try? SampledGaussian(samplingRate: rate, noiseMultiplier: noise) else { return nil }
        var accountant = RenyiAccountant()
        accountant.add(step, count: rounds)
        return accountant.guarantee(delta: 1e-3).epsilon * 1.0001
    }
}
