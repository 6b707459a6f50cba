import TributaryCore
import TributaryMath

/// How runs choose their clients, and what these send.
extension Scenario {
    /// Compresses a run's updates, in some worlds. The encodings are such that a number within a bound is within it afterwards.
    func compress(_ plan: inout Plan, _ index: Int, _ seed: UInt64) {
        var stream = Seed(seed).derived("torture").derived("compression", UInt64(index)).stream()
        guard stream.bernoulli(0.3) else { return }
        let names = ["topk:0.5", "topk:0.3:bf16", "randk:0.5:contractive", "topk:1"]
        plan.strategy.encoding = try? UpdateEncoding(names[stream.uniform(below: names.count)])
        // Clients of these worlds remember nothing of what they left out, and where nobody waits for rounds none may.
        if plan.strategy.pacing != nil { plan.strategy.errorFeedback = false }
    }

    /// Has a selector choose a run's clients, in some worlds.
    func select(_ plan: inout Plan, _ index: Int, _ seed: UInt64) {
        var stream = Seed(seed).derived("torture").derived("selectors", UInt64(index)).stream()
        guard plan.cohort.selection == .uniform, plan.strategy.pacing == nil, plan.privacy.mechanism == nil,
            stream.bernoulli(0.3)
        else { return }
        let names = ["proportional", "oort", "power-of-choice:candidates=10000,loss=last"]
        var name = names[stream.uniform(below: names.count)]
        if name.hasPrefix("power-of-choice"), stream.bernoulli(0.6) {
            name = "power-of-choice:candidates=10000,loss=exact"
            plan.live.askDeadline = .seconds(0.5 + stream.uniform() * 5)
        }
        plan.cohort.selection = PartText(planText: name).map { .selector($0) } ?? .uniform
    }
}
