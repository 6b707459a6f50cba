import ArgumentParser
import TributaryCore

/// What a sweep varies, from a file and from flags.
struct SweepFlags: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A field of the plan and its values: local.learning-rate=0.01,0.1 or model='mlp:100|mlp:200,200'; for a random "
                + "search also a range, local.learning-rate=0.001..0.1:log or local.epochs=1..5. May be repeated.",
            valueName: "field=values"))
    var axis: [String] = []
    @Option(
        help: ArgumentHelp(
            "A file of axes, samples, sweep-seed and seeds (YAML); flags override what it says.", valueName: "file"))
    var sweep: String?
    @Option(
        help: ArgumentHelp(
            "A random search: the number of settings to draw (default: all combinations).", valueName: "count"))
    var samples: String?
    @Option(help: ArgumentHelp("The seed that settings are drawn by (default: 1).", valueName: "number"))
    var sweepSeed: String?
    @Option(
        help: ArgumentHelp(
            "Seeds of every setting, counted up from --seed (default: 1). Others are listed by --axis seed=3,14,15.",
            valueName: "count"))
    var seeds: String?

    /// Whether anything was said.
    var isEmpty: Bool { axis.isEmpty && sweep == nil && samples == nil && sweepSeed == nil && seeds == nil }

    /// The design that file and flags make of a plan.
    func design(on base: Plan) throws -> SweepDesign {
        let file = try sweep.map { try SweepFile($0, on: base) }
        let flagged = try axis.map { try Self.axis($0, on: base) }
        let fields = Set(flagged.map(\.field))
        // An axis by flag takes the place of the file's axis of the same field.
        let axes = (file?.axes ?? []).filter { !fields.contains($0.field) } + flagged
        return try SweepDesign(
            base: base, axes: axes, sampleCount: Self.count(samples, "samples") ?? file?.samples,
            sampleSeed: Self.seed(sweepSeed) ?? file?.sweepSeed, seedCount: Self.count(seeds, "seeds") ?? file?.seeds)
    }

    private static func axis(_ text: String, on base: Plan) throws -> SweepAxis {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty else {
            throw CommandFailure(.usage, "--axis '\(text)' must look like --axis section.key=value,value")
        }
        return try SweepAxis(field: parts[0], values: parts[1], on: base)
    }

    private static func count(_ text: String?, _ flag: String) throws -> Int? {
        try text.map { text in
            guard let count = Int(text) else {
                throw CommandFailure(
                    .usage, "--\(flag) is '\(text)'; it must be a whole number from 1 to \(SweepDesign.runLimit)")
            }
            return count
        }
    }

    private static func seed(_ text: String?) throws -> UInt64? {
        try text.map { text in
            guard let seed = UInt64(text) else {
                throw CommandFailure(
                    .usage, "--sweep-seed is '\(text)'; it must be a whole number from 0 to \(UInt64.max)")
            }
            return seed
        }
    }
}

/// Reads sweep files: YAML (or JSON, which is YAML).
///
/// ```yaml
/// samples: 40
/// seeds: 3
/// axes:
///   local.learning-rate: 0.001..0.1:log
///   local.epochs: 1..5
/// ```
struct SweepFile {
    private(set) var axes: [SweepAxis] = []
    private(set) var samples: Int?
    private(set) var sweepSeed: UInt64?
    private(set) var seeds: Int?

    /// Reads a file. Errors name it and the line.
    init(_ path: String, on base: Plan) throws {
        let form = SectionedFile.Form(kind: "sweep", example: "seeds: 3", sections: ["axes"])
        for entry in try SectionedFile(path == "-" ? "/dev/stdin" : path, form, calledBy: path).entries {
            do {
                try set(entry.name, to: entry.text, on: base)
            } catch {
                throw CommandFailure(.badData, "\(entry.place): \(error)")
            }
        }
    }

    private mutating func set(_ name: String, to text: String, on base: Plan) throws(PlanError) {
        switch name {
        case "samples": samples = try number(name, text)
        case "seeds": seeds = try number(name, text)
        case "sweep-seed": sweepSeed = try number(name, text)
        case _ where name.hasPrefix("axes."):
            axes.append(try SweepAxis(field: String(name.dropFirst(5)), values: text, on: base))
        default:
            throw PlanError("a sweep file knows samples, sweep-seed, seeds and axes, and not '\(name)'")
        }
    }

    private func number<Number: FixedWidthInteger>(_ name: String, _ text: String) throws(PlanError) -> Number {
        guard let number = Number(text) else { throw PlanError("\(name) is '\(text)'; it must be a whole number") }
        return number
    }
}
