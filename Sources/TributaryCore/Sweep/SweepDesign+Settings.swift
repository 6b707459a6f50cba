internal import TributaryMath

extension SweepDesign {
    /// Every combination of the axes' values; the last axis varies fastest. Without an axis one setting, of nothing.
    static func grid(_ axes: [SweepAxis]) -> [[String]] {
        axes.reduce([[]]) { settings, axis in
            guard case .list(let list) = axis.values else {
                preconditionFailure("a range has no list of values; a design without samples refuses it")
            }
            return settings.flatMap { setting in list.map { setting + [$0] } }
        }
    }

    /// Settings drawn at random, no two alike. More samples of the same seed begin with the same settings.
    ///
    /// An axis's draws follow from the seed and its field's name: another axis beside it does not shift them.
    static func draw(_ sampling: Sampling, from axes: [SweepAxis]) throws(PlanError) -> [[String]] {
        var streams = axes.map { axis in
            axis.field.utf8.reduce(Seed(sampling.seed).derived("sweep")) { $0.derived("sweep-axis", UInt64($1)) }
                .stream()
        }
        var settings: [[String]] = []
        var seen: Set<[String]> = []
        // Where few settings are left, or rare ones, they take many draws to be found.
        for _ in 0..<(sampling.count * 1_000) where settings.count < sampling.count {
            let setting = axes.indices.map { axes[$0].draw(from: &streams[$0]) }
            if seen.insert(setting).inserted { settings.append(setting) }
        }
        guard settings.count == sampling.count else {
            throw PlanError(
                "--samples is \(sampling.count), but the axes hardly give more than \(settings.count) different settings; "
                    + "ask for fewer, or widen the axes")
        }
        return settings
    }

    /// Refuses what would never end, before anything is expanded.
    static func checkRunCount(_ axes: [SweepAxis], _ sampling: Sampling?, _ seedCount: Int) throws(PlanError) {
        let settings = axes.reduce(Optional(1)) { total, axis in
            guard let total, let count = axis.count else { return nil }
            let (product, overflow) = total.multipliedReportingOverflow(by: count)
            return overflow ? Int.max : product
        }
        if let sampling, let settings, sampling.count > settings {
            throw PlanError(
                "--samples is \(sampling.count), but the axes have only \(settings) different settings; ask for fewer, or "
                    + "list all values and leave --samples out")
        }
        let wanted = sampling?.count ?? settings ?? Int.max
        let (runs, overflow) = wanted.multipliedReportingOverflow(by: seedCount)
        guard !overflow, runs <= runLimit else {
            throw PlanError(
                "the sweep has \(overflow || wanted == .max ? "far more" : "\(runs)") runs, and \(runLimit) is the most; "
                    + "take values or seeds away, or draw some of the settings by --samples")
        }
    }
}

/// One run of a sweep: a setting with a seed.
public struct SweepRun: Hashable, Sendable {
    /// What is tried.
    public let setting: SweepSetting
    /// The run's seed.
    public let seed: UInt64
    /// The name of the run's folder; no two alike, and plain enough for any file system.
    public let name: String
}

extension SweepDesign {
    /// The runs in order: the settings one after another, each with all seeds.
    public var runs: [SweepRun] {
        settings.flatMap { setting in
            seeds.map { SweepRun(setting: setting, seed: $0, name: name(of: setting, $0)) }
        }
    }

    /// The plan of a run.
    ///
    /// - Throws: `PlanError` if the values of a setting do not fit one another.
    public func plan(of run: SweepRun) throws(PlanError) -> Plan {
        var plan = base
        let varied = Set(axes.map(\.field))
        for (axis, value) in zip(axes, run.setting.values) {
            // What the other name of the same choice says in the plan gives way, as it does to a flag.
            if let other = Self.otherName[axis.field], value != "none", !varied.contains(other) {
                try plan.set(other, to: "none")
            }
            try plan.set(axis.field, to: value)
        }
        plan.seed = run.seed
        try plan.checkParts()
        try plan.checkHoldsOut()
        return plan
    }

    /// Why a run's values do not fit one another; nil if they do.
    public func refusal(of run: SweepRun) -> String? {
        do throws(PlanError) {
            _ = try plan(of: run)
            return nil
        } catch {
            return error.description
        }
    }

    private static let otherName = [
        "cohort.fraction": "cohort.count", "cohort.count": "cohort.fraction", "local.epochs": "local.steps",
        "local.steps": "local.epochs",
    ]

    /// `03-learning-rate-0.1-seed-2`: the setting's number makes it unique, the rest is for people.
    private func name(of setting: SweepSetting, _ seed: UInt64) -> String {
        let number = String(setting.number)
        var name = String(repeating: "0", count: String(settings.count).count - number.count) + number
        for (label, value) in zip(labels, setting.values) {
            name += "-\(label)-" + Self.plain(value).prefix(Self.longestValue)
        }
        name = String(name.prefix(Self.longestName))
        return seeds.count > 1 ? name + "-seed-\(seed)" : name
    }

    private static let longestValue = 24
    private static let longestName = 120

    /// The fields' keys, with their sections where two have the same key.
    private var labels: [String] {
        let keys = axes.map { $0.field.split(separator: ".").last.map(String.init) ?? $0.field }
        return axes.indices.map { place in
            keys.count { $0 == keys[place] } > 1 ? axes[place].field : keys[place]
        }
    }

    private static func plain(_ value: String) -> String {
        String(value.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._".contains($0)) ? $0 : "-" })
    }
}
