import TributaryCore
import TributaryMath

extension Scenario {
    /// Has the models of some runs move as updates come. Drawn from a stream of its own: the others stay what they were.
    mutating func pace(_ stream: consuming RandomStream) {
        guard stream.bernoulli(0.25) else { return }
        for index in runs.indices where stream.bernoulli(0.7) { pace(&runs[index].plan, &stream) }
    }

    private func pace(_ plan: inout Plan, _ stream: inout RandomStream) {
        guard plan.privacy.mechanism == nil else { return }
        // No more than half of the clients: a run may be for half of them only.
        let most = min(max(1, clientCount / 2), 20)
        let cohort = plan.cohort
        plan.cohort = Plan().cohort
        plan.cohort.count = 1 + stream.uniform(below: most)
        (plan.cohort.deadline, plan.cohort.lease) = (cohort.deadline, cohort.lease)
        let form = StalenessWeight.Form.allCases[stream.uniform(below: StalenessWeight.Form.allCases.count)]
        var text = "buffered:goal=\(1 + stream.uniform(below: 5)),staleness=\(form.rawValue)"
        if stream.bernoulli(0.5) { text += ",slope=\(Double(1 + stream.uniform(below: 8)) / 4)" }
        if form == .hinge { text += ",knee=\(stream.uniform(below: 3))" }
        if stream.bernoulli(0.5) { text += ",limit=\(stream.uniform(below: 4))" }
        if stream.bernoulli(0.3) { text += ",normalised=true" }
        plan.strategy.pacing = PartText(planText: text)
        if plan.algorithm == .fedAvg { plan.algorithm = .fedBuff }
        plan.rounds = 1 + stream.uniform(below: 8)
        if !stream.bernoulli(0.5) { plan.evaluation.federatedEvery = nil }
    }

    /// Has some of those runs mix clients' models into the newest one. Drawn from a stream of its own, too.
    mutating func mix(_ stream: consuming RandomStream) {
        for index in runs.indices where runs[index].plan.strategy.pacing != nil && stream.bernoulli(0.3) {
            mix(&runs[index].plan, &stream)
        }
    }

    private func mix(_ plan: inout Plan, _ stream: inout RandomStream) {
        let form = StalenessWeight.Form.allCases[stream.uniform(below: StalenessWeight.Form.allCases.count)]
        var text = "mixing:alpha=\(Double(1 + stream.uniform(below: 8)) / 8),staleness=\(form.rawValue)"
        if form == .hinge { text += ",knee=\(stream.uniform(below: 3))" }
        if stream.bernoulli(0.5) { text += ",limit=\(stream.uniform(below: 4))" }
        plan.strategy.pacing = PartText(planText: text)
        if plan.algorithm == .fedBuff { plan.algorithm = .fedAsync }
        plan.rounds += stream.uniform(below: 12)
    }
}
