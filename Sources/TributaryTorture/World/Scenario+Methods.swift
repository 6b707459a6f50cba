import TributaryCore
import TributaryMath

/// Runs that learn by a method, and what their clients send besides.
extension Scenario {
    private static let methods = [
        "nova", "nova:mu=0.25", "qfedavg", "qfedavg:q=0.5", "qfedsgd", "prox:adaptive=true", "dyn:alpha=0.5",
        "dyn:alpha=0.03", "scaffold", "scaffold:option=1,bound=0.75",
    ]

    /// Has a run learn by a method, in some worlds. Drawn from a stream of its own: the others stay what they were.
    func correct(_ plan: inout Plan, _ index: Int, _ seed: UInt64) {
        var stream = Seed(seed).derived("torture").derived("methods", UInt64(index)).stream()
        guard plan.strategy.pacing == nil, plan.privacy.mechanism == nil, stream.bernoulli(0.35) else { return }
        plan.strategy.method = PartText(planText: Self.methods[stream.uniform(below: Self.methods.count)])
        switch plan.strategy.method?.name {
        case "qfedavg", "qfedsgd": plan.server.weighting = .uniform
        case "dyn":
            // It has a step of its own.
            plan.algorithm = .fedAvg
            (plan.server.learningRate, plan.server.weighting) = (1, .uniform)
        case "scaffold":
            // Its messages come as plain numbers only.
            (plan.live.updateEncoding, plan.strategy.encoding, plan.strategy.errorFeedback) = (.float32, nil, nil)
            plan.server.weighting = .uniform
        default: break
        }
    }

    /// Has some of the runs that invite everybody learn by AFL. Drawn from a stream of its own, too.
    func weigh(_ plan: inout Plan, _ index: Int, _ seed: UInt64) {
        var stream = Seed(seed).derived("torture").derived("agnostic", UInt64(index)).stream()
        guard plan.cohort.selection == .all, plan.strategy.method == nil, plan.strategy.pacing == nil,
            plan.strategy.aggregation == nil, plan.privacy.mechanism == nil, stream.bernoulli(0.35)
        else { return }
        let texts = ["afl:rate=0.02", "afl:rate=0.4", "afl:rate=0.3,rule=exponentiated"]
        plan.strategy.method = PartText(planText: texts[stream.uniform(below: texts.count)])
        plan.server.weighting = .uniform
    }
}

extension World {
    /// What goes with a client's update by its task's method; nil for nothing. Clients of some kinds send none, or other
    /// figures than they should.
    func report(for task: TaskDescription, of client: ClientNode) -> MethodReport? {
        guard let method = task.method else { return nil }
        var draw = archive.stream("figures", task.id, client.id)
        var report = MethodReport(form: method.form, figures: [])
        switch method.text.name {
        case "nova": report.figures = [0.5 + draw.uniform() * 20, Double(1 + draw.uniform(below: 30))]
        case "prox", "qfedavg", "qfedsgd", "afl": report.figures = [0.01 + draw.uniform() * 5]
        default: break
        }
        guard [.misshapen, .notFinite, .exceeding].contains(client.nature), draw.bernoulli(0.5) else { return report }
        switch draw.uniform(below: 5) {
        case 0: return nil
        case 1: report.form = "another-1"
        case 2: report.figures.append(1)
        case 3: report.figures = report.figures.map { _ in .nan }
        default: report.figures = report.figures.map { _ in 1e200 }
        }
        return report
    }
}
