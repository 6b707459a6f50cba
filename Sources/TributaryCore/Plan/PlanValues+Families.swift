/// Text of the form `family:number,number`.
private struct FamilyText {
    var family: String
    var numbers: [Double]

    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        family = String(parts[0]).lowercased()
        numbers = []
        guard parts.count == 2 else { return }
        for part in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
            guard let number = Double(part.filter { $0 != " " }), number.isFinite else { return nil }
            numbers.append(number)
        }
    }
}

extension Distribution: PlanValue {
    package static var form: String {
        "a number, uniform:LOW,HIGH, lognormal:MEDIAN,SIGMA, exponential:MEAN or pareto:LEAST,INDEX (all positive)"
    }

    package init?(planText text: String) {
        if let value = Double(text) {
            guard value > 0, value.isFinite else { return nil }
            self = .constant(value)
            return
        }
        guard let parsed = FamilyText(text), parsed.numbers.allSatisfy({ $0 >= 0 }) else { return nil }
        let first = parsed.numbers.first ?? 0
        switch (parsed.family, parsed.numbers.count) {
        case ("constant", 1) where first > 0: self = .constant(first)
        case ("uniform", 2) where first > 0 && parsed.numbers[1] >= first:
            self = .uniform(low: first, high: parsed.numbers[1])
        case ("lognormal", 2) where first > 0: self = .logNormal(median: first, sigma: parsed.numbers[1])
        case ("exponential", 1) where first > 0: self = .exponential(mean: first)
        case ("pareto", 2) where first > 0 && parsed.numbers[1] > 0:
            self = .pareto(least: first, index: parsed.numbers[1])
        default: return nil
        }
    }

    package var planText: String {
        switch self {
        case .constant(let value): value.planText
        case .uniform(let low, let high): "uniform:\(low.planText),\(high.planText)"
        case .logNormal(let median, let sigma): "lognormal:\(median.planText),\(sigma.planText)"
        case .exponential(let mean): "exponential:\(mean.planText)"
        case .pareto(let least, let index): "pareto:\(least.planText),\(index.planText)"
        }
    }
}

extension LearningRateSchedule: PlanValue {
    package static var form: String {
        "constant, step:ROUNDS,FACTOR, exponential:FACTOR, cosine, cosine:FLOOR or warmup:ROUNDS"
    }

    package init?(planText text: String) {
        guard let parsed = FamilyText(text) else { return nil }
        let numbers = parsed.numbers
        let first = numbers.first ?? 0
        let firstIsCount = first >= 1 && first == first.rounded() && first < 1e9
        switch (parsed.family, numbers.count) {
        case ("constant", 0): self = .constant
        case ("step", 2) where firstIsCount && numbers[1] > 0: self = .step(interval: Int(first), factor: numbers[1])
        case ("exponential", 1) where first > 0: self = .exponential(factor: first)
        case ("cosine", 0): self = .cosine(floor: 0)
        case ("cosine", 1) where first >= 0 && first <= 1: self = .cosine(floor: first)
        case ("warmup", 1) where firstIsCount: self = .warmup(rounds: Int(first))
        default: return nil
        }
    }

    package var planText: String {
        switch self {
        case .constant: "constant"
        case .step(let interval, let factor): "step:\(interval),\(factor.planText)"
        case .exponential(let factor): "exponential:\(factor.planText)"
        case .cosine(let floor): floor == 0 ? "cosine" : "cosine:\(floor.planText)"
        case .warmup(let rounds): "warmup:\(rounds)"
        }
    }
}
