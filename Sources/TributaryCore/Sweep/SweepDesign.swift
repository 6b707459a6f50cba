/// What a sweep tries: settings of a plan's fields, each with the same seeds.
///
/// Without samples it is a grid, every combination of the axes' values; with samples it is a random search. The same design
/// has the same settings in the same order, whoever expands it.
///
/// ```swift
/// let axis = try SweepAxis(field: "local.learning-rate", values: "0.01,0.03,0.1", on: plan)
/// let design = try SweepDesign(base: plan, axes: [axis], seedCount: 3)
/// for run in design.runs { let plan = try design.plan(of: run) }
/// ```
public struct SweepDesign: Hashable, Sendable {
    /// How the settings of a random search are drawn.
    public struct Sampling: Hashable, Sendable {
        /// The number of settings.
        public var count: Int
        /// What they follow from.
        public var seed: UInt64
    }

    /// The plan that is varied; its seed is the first one.
    public let base: Plan
    /// The fields that vary. The last one varies fastest in a grid.
    public let axes: [SweepAxis]
    /// How settings are drawn; nil for a grid.
    public let sampling: Sampling?
    /// The seeds that every setting is run with.
    public let seeds: [UInt64]
    /// What is tried, in order.
    public let settings: [SweepSetting]

    /// The most runs of one sweep.
    public static let runLimit = 10_000

    /// A design of its parts.
    ///
    /// - Parameters:
    ///   - axes: the fields that vary. An axis of the field `seed` lists the seeds of every setting.
    ///   - sampleCount: the number of settings to draw; nil for a grid.
    ///   - sampleSeed: what they follow from; nil is 1.
    ///   - seedCount: the number of seeds, from the plan's own up; nil is one, or those of the axis `seed`.
    /// - Throws: `PlanError` if that is no design, or has too many runs.
    public init(
        base: Plan, axes: [SweepAxis], sampleCount: Int? = nil, sampleSeed: UInt64? = nil, seedCount: Int? = nil
    ) throws(PlanError) {
        try Self.checkDistinct(axes)
        let varied = axes.filter { $0.field != "seed" }
        seeds = try Self.seeds(of: axes.first { $0.field == "seed" }, count: seedCount, from: base.seed)
        guard !varied.isEmpty || seeds.count > 1 else {
            throw PlanError(
                "a sweep needs something to vary; give --axis field=value,value, or --seeds for runs that differ in "
                    + "nothing else")
        }
        var base = base
        base.seed = seeds[0]
        self.base = base
        self.axes = varied
        sampling = try Self.sampling(of: varied, sampleCount, sampleSeed)
        try Self.checkRunCount(varied, sampling, seeds.count)
        let values = if let sampling { try Self.draw(sampling, from: varied) } else { Self.grid(varied) }
        settings = values.enumerated().map { SweepSetting(number: $0.offset + 1, values: $0.element) }
    }

    private static func checkDistinct(_ axes: [SweepAxis]) throws(PlanError) {
        var seen: Set<String> = []
        for axis in axes where !seen.insert(axis.field).inserted {
            throw PlanError("\(axis.field) is an axis twice; list all its values in one")
        }
    }

    private static func seeds(
        of axis: SweepAxis?, count: Int?, from first: UInt64
    ) throws(PlanError) -> [UInt64] {
        if let axis {
            guard count == nil else {
                throw PlanError("the axis seed and --seeds both say which seeds there are; give one of them")
            }
            guard case .list(let list) = axis.values else {
                throw PlanError("seed is the range \(axis.text); list the seeds, or give their number by --seeds")
            }
            return list.compactMap { UInt64($0) }
        }
        let count = count ?? 1
        guard (1...runLimit).contains(count) else {
            throw PlanError("--seeds is \(count); it must be a whole number from 1 to \(runLimit)")
        }
        guard !first.addingReportingOverflow(UInt64(count - 1)).overflow else {
            throw PlanError(
                "--seeds is \(count), counted from seed \(first), which leaves no room; choose a lower --seed")
        }
        return (0..<UInt64(count)).map { first + $0 }
    }

    private static func sampling(
        of axes: [SweepAxis], _ count: Int?, _ seed: UInt64?
    ) throws(PlanError) -> Sampling? {
        guard let count else {
            for axis in axes {
                guard case .range = axis.values else { continue }
                throw PlanError(
                    "\(axis.field) is the range \(axis.text); say how many settings to draw by --samples, or list values"
                )
            }
            guard seed == nil else {
                throw PlanError(
                    "--sweep-seed decides which settings --samples draws; give --samples too, or leave it out")
            }
            return nil
        }
        guard (1...runLimit).contains(count) else {
            throw PlanError("--samples is \(count); it must be a whole number from 1 to \(runLimit)")
        }
        guard !axes.isEmpty else {
            throw PlanError("--samples draws settings from axes, and there are none; give --axis")
        }
        return Sampling(count: count, seed: seed ?? 1)
    }
}

/// One choice of a value for every axis.
public struct SweepSetting: Codable, Hashable, Sendable {
    /// The setting's place in the order, from 1.
    public let number: Int
    /// A value for each axis, as a plan says it.
    public let values: [String]

    /// A setting with all its parts.
    public init(number: Int, values: [String]) {
        (self.number, self.values) = (number, values)
    }
}
