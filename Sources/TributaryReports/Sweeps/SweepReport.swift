public import TributaryCore

/// The page of a sweep: every setting with its figures over seeds, the best first, and the curves of some runs beside each
/// other.
public struct SweepReport: Sendable {
    let record: SweepRecord
    let summary: SweepSummary
    private let shown: [ComparisonReport.Run]

    /// The most runs whose curves are drawn: as many as a comparison can tell apart.
    public static let shownLimit = 12

    /// A report of what is known of a sweep.
    ///
    /// - Parameter shown: the runs that are compared in full; see ``runsToShow(_:_:)``.
    public init(record: SweepRecord, summary: SweepSummary, shown: [ComparisonReport.Run]) {
        (self.record, self.summary, self.shown) = (record, summary, shown)
    }

    /// The names of the runs to compare in full: all that ended if they are few, else one of each of the best settings, the
    /// one with the first seed that ended.
    public static func runsToShow(_ summary: SweepSummary, _ record: SweepRecord) -> [String] {
        let completed = Dictionary(grouping: record.runs.filter { $0.state == .completed }, by: \.setting)
        let bySetting = summary.rows.compactMap { completed[$0.setting.number] }
        let all = bySetting.flatMap { $0 }
        return (all.count <= shownLimit ? all : bySetting.compactMap(\.first)).prefix(shownLimit).map(\.name)
    }

    /// The page.
    public func html() -> String {
        Page(title: heading).html { html in
            html.element("header") { html in
                html.element("p", #"class="kicker""#, "Sweep of federated runs")
                html.element("h1", "", heading)
                html.element("p", #"class="lead""#, lead)
            }
            writeSettings(to: &html)
            writeFailures(to: &html)
            writeComparison(to: &html)
            html.element("footer", "", "Made by Tributary.")
        }
    }

    private var heading: String {
        if let name = record.plan["run"]?["name"], name != "none" { return name }
        if record.axes.isEmpty { return "\(Figures.count(record.seeds.count)) seeds of one plan" }
        return record.axes.map(\.field).joined(separator: ", ")
    }

    private var lead: String {
        let (settings, seeds) = (record.settings.count, record.seeds.count)
        var text = "\(Figures.count(settings)) \(settings == 1 ? "setting" : "settings")"
        if let seed = record.sweepSeed { text += " drawn at random (seed \(seed))" }
        text += seeds == 1 ? " with one seed." : " with \(Figures.count(seeds)) seeds each."
        let open = record.runs.count { $0.state == .pending }
        if open > 0 {
            text += " \(Figures.count(open)) of \(Figures.count(record.runs.count)) runs have not ended yet."
        }
        return text
    }

    private func writeFailures(to html: inout HTML) {
        let failed = record.runs.filter { $0.state == .failed }
        guard !failed.isEmpty else { return }
        Page.section("Runs that failed", in: &html) { html in
            html.element("div", #"class="panel""#) { html in
                Table(caption: "", header: ["Run", "Why"], rows: failed.map { [$0.name, $0.failure ?? "–"] })
                    .write(to: &html)
            }
        }
    }

    /// The results, curves and differences that a comparison of these runs has.
    private func writeComparison(to html: inout HTML) {
        guard shown.count > 1 else { return }
        let comparison = ComparisonReport(runs: shown, target: record.target)
        Page.section(comparisonTitle, in: &html) { html in comparison.writeKey(to: &html) }
        comparison.writeTable(to: &html)
        comparison.writeCurves(to: &html)
        comparison.writeDifferences(to: &html)
    }

    private var comparisonTitle: String {
        if shown.count == record.runs.count { return "All \(Figures.count(shown.count)) runs" }
        let all = record.runs.count { $0.state == .completed }
        return shown.count == all
            ? "The \(Figures.count(shown.count)) runs that ended"
            : "One run of each of the \(shown.count) best settings"
    }
}
