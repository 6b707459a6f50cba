import TributaryCore

/// Counts what a run's rounds suffered from, and says what a person can do about it.
struct RunAdvice: Sendable {
    private let plan: Plan
    private var dropped: [DropCause: Int] = [:]
    private var abandoned = 0
    private var rounds = 0

    init(plan: Plan) {
        self.plan = plan
    }

    /// A round ended.
    mutating func add(_ round: RoundSummary) {
        rounds += 1
        if round.outcome == .abandoned { abandoned += 1 }
        dropped.merge(round.participation.dropped, uniquingKeysWith: +)
    }

    /// One line for each thing worth changing; none after a run that went as its plan wanted.
    var lines: [String] {
        var lines: [String] = []
        if let count = dropped[.outOfBound] {
            lines.append(
                "\(count) updates were refused because a coordinate exceeded server.update-bound "
                    + "(\(plan.server.updateBound)); lower --learning-rate, or raise --update-bound")
        }
        if let count = dropped[.notFinite], plan.faults.notFinite == 0, plan.faults.garbage == 0 {
            lines.append("\(count) updates were refused because training diverged; lower --learning-rate")
        }
        if rounds > 0, abandoned == rounds {
            lines.append(
                "no round committed, so the model is the one it started from; the rounds' causes are above and in the report"
            )
        }
        return lines
    }
}
