public import TributaryCore

/// What to tell somebody who waits for a sweep: facts in, text out. Who calls it writes the text.
public struct SweepProgress: Sendable {
    /// How it is said; a sweep has no bar, and takes lines instead.
    public let style: ProgressStyle

    /// The progress of a sweep.
    public init(style: ProgressStyle) {
        self.style = style
    }

    /// The text for a run that would be run, with the reason why it would be refused if its values do not fit one another.
    public func planned(_ run: SweepRun, of design: SweepDesign) -> String {
        let values = zip(design.axes, run.setting.values).map { (field: $0.field, value: $1) }
        let refusal = design.refusal(of: run)
        if style.form == .json {
            let texts = Dictionary(values.map { ($0.field, $0.value) }) { first, _ in first }
            return Self.json(PlannedEvent(run: run.name, values: texts, seed: run.seed, refused: refusal))
        }
        var parts = [run.name] + values.map { "\($0.field)=\($0.value)" } + ["seed=\(run.seed)"]
        if let refusal { parts.append("refused: \(refusal)") }
        return ProgressStyle.plain(parts.joined(separator: "  ")) + "\n"
    }

    /// The text for a run that has ended or failed; `done` of `total` runs have now.
    public func runEnded(_ run: SweepRecord.Run, done: Int, of total: Int) -> String {
        if style.form == .json { return Self.json(RunEvent(run: run, done: done, total: total)) }
        var parts = [style.paint("[\(done)/\(total)]", .bold), run.name]
        if let failure = run.failure {
            parts.append(style.paint("failed: \(ProgressStyle.plain(failure))", .yellow))
        } else if let result = run.result {
            parts += Self.figures(of: result).map { style.paint($0, .green) }
            parts += ["\(Figures.count(result.rounds)) rounds", Figures.seconds(result.realSeconds)]
        }
        return parts.joined(separator: "  ").replacing("\u{202F}", with: " ") + "\n"
    }

    /// The text after the last run: the best settings, and where the report is.
    public func ended(_ summary: SweepSummary, _ record: SweepRecord, report: String) -> String {
        if style.form == .json { return Self.json(SweepEvent(summary: summary)) }
        var lines: [String] = []
        if let metric = summary.metric {
            lines.append(style.paint("Best by \(metric.rawValue.replacing("-", with: " ")):", .bold))
            for row in summary.rows.prefix(5) {
                guard let estimate = row.estimate(metric) else { continue }
                let figure = SweepReport.text(estimate) {
                    metric.isHigherBetter ? Figures.percent($0) : Figures.number($0)
                }
                let values = zip(record.axes, row.setting.values).map { ProgressStyle.plain("\($0.field) \($1)") }
                lines.append("  " + ([figure] + values).joined(separator: "  "))
            }
        }
        lines.append("  \(style.paint("report", .dim))  \(ProgressStyle.plain(report))")
        return lines.joined(separator: "\n").replacing("\u{202F}", with: " ") + "\n"
    }

    private static func figures(of result: SweepResult) -> [String] {
        if let accuracy = result.finalAccuracy ?? result.federatedAccuracy { return [Figures.percent(accuracy)] }
        return [result.finalLoss ?? result.federatedLoss].compactMap(\.self).map { "loss \(Figures.number($0))" }
    }

    private struct PlannedEvent: Encodable {
        let event = "planned"
        let run: String
        let values: [String: String]
        let seed: UInt64
        let refused: String?
    }

    private struct RunEvent: Encodable {
        let event = "run"
        let run: SweepRecord.Run
        let done: Int
        let total: Int
    }

    private struct SweepEvent: Encodable {
        let event = "sweep"
        let summary: SweepSummary
    }

    private static func json(_ event: some Encodable) -> String {
        String(decoding: RecordCoding.encode(event), as: UTF8.self) + "\n"
    }
}
