import TributaryCore

extension SweepReport {
    /// A row a setting, the best first.
    func writeSettings(to html: inout HTML) {
        let target = record.target.map { " " + Figures.percent($0, decimals: 1) } ?? " the target"
        let header =
            ["Setting"] + record.axes.map(\.field) + [
                "Runs", "Final accuracy", "Best accuracy", "Final loss", "Clients' accuracy", "Clients' loss",
                "Rounds to\(target)",
            ]
        let first = 1 + record.axes.count
        Page.section("Settings", in: &html) { html in
            html.element("div", #"class="panel""#) { html in
                Table(caption: caption, header: header, rows: summary.rows.map(cells), numeric: first..<header.count)
                    .withoutEmptyColumns().write(to: &html)
            }
        }
    }

    private var caption: String {
        let means = record.seeds.count > 1 ? "Means over seeds, ± their standard error." : "One seed each."
        guard let metric = summary.metric else { return "No run has ended yet." }
        let figure =
            switch metric {
            case .finalAccuracy: "final accuracy on the central test set"
            case .federatedAccuracy: "final accuracy on clients' own data"
            case .finalLoss: "final loss on the central test set"
            case .federatedLoss: "final loss on clients' own data"
            }
        return "The best first, by \(figure). \(means)"
    }

    private func cells(of row: SweepSummary.Row) -> [String] {
        let share = { (estimate: SweepEstimate?) in Self.text(estimate) { Figures.percent($0) } }
        let number = { (estimate: SweepEstimate?) in Self.text(estimate) { Figures.number($0) } }
        return [Figures.count(row.setting.number)] + row.setting.values + [
            Self.runs(row), share(row.finalAccuracy), share(row.bestAccuracy), number(row.finalLoss),
            share(row.federatedAccuracy), number(row.federatedLoss), Self.rounds(row),
        ]
    }

    private static func runs(_ row: SweepSummary.Row) -> String {
        let text =
            row.completedCount == row.runCount
            ? Figures.count(row.runCount) : "\(Figures.count(row.completedCount)) of \(Figures.count(row.runCount))"
        return row.failedCount > 0 ? "\(text) (\(Figures.count(row.failedCount)) failed)" : text
    }

    /// A mean over only those that reached the target flatters a setting, so that their number stands beside it.
    private static func rounds(_ row: SweepSummary.Row) -> String {
        guard let rounds = row.roundsToTarget else { return "–" }
        let mean = text(rounds) { Figures.number($0, digits: 3) }
        return rounds.count == row.completedCount
            ? mean : "\(mean) (\(Figures.count(rounds.count)) of \(Figures.count(row.completedCount)) runs)"
    }

    static func text(_ estimate: SweepEstimate?, _ figure: (Double) -> String) -> String {
        guard let estimate else { return "–" }
        guard let error = estimate.standardError else { return figure(estimate.mean) }
        return "\(figure(estimate.mean)) ± \(figure(error))"
    }
}
