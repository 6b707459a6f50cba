public import TributaryCore

/// A sweep as tables: the content of `settings.csv` and `runs.csv`.
///
/// Numbers keep all their digits. A figure that is not there is an empty cell; one that is not finite is `nan`, `inf` or
/// `-inf`. Texts with commas are in quotation marks (RFC 4180).
public enum SweepTables {
    /// A row a setting, the best first.
    public static func settings(_ summary: SweepSummary, _ record: SweepRecord) -> String {
        var rows = [["rank", "setting"] + record.axes.map(\.field) + ["runs", "completed", "failed"]]
        for (name, _) in figures { rows[0] += ["\(name)_mean", "\(name)_standard_error"] }
        rows[0].append("reached_target")
        for (place, row) in summary.rows.enumerated() {
            var cells = ["\(place + 1)", "\(row.setting.number)"] + row.setting.values
            cells += [row.runCount, row.completedCount, row.failedCount].map(String.init)
            for (_, figure) in figures {
                cells += [cell(figure(row)?.mean), cell(figure(row)?.standardError)]
            }
            cells.append("\(row.roundsToTarget?.count ?? 0)")
            rows.append(cells)
        }
        return text(rows)
    }

    /// A row a run, in the sweep's order.
    public static func runs(_ record: SweepRecord) -> String {
        let values = Dictionary(record.settings.map { ($0.number, $0.values) }, uniquingKeysWith: { first, _ in first })
        var rows = [
            ["run", "setting"] + record.axes.map(\.field) + [
                "seed", "state", "rounds", "final_accuracy", "best_accuracy", "final_loss", "federated_accuracy",
                "federated_loss", "rounds_to_target", "real_seconds", "failure",
            ]
        ]
        for run in record.runs {
            let result = run.result
            let figures = [
                result?.finalAccuracy, result?.bestAccuracy, result?.finalLoss, result?.federatedAccuracy,
                result?.federatedLoss,
            ]
            rows.append(
                [run.name, "\(run.setting)"] + (values[run.setting] ?? [])
                    + ["\(run.seed)", run.state.rawValue, result.map { "\($0.rounds)" } ?? ""] + figures.map(cell)
                    + [
                        result?.targetRound.map(String.init) ?? "", cell(result?.realSeconds), run.failure ?? "",
                    ])
        }
        return text(rows)
    }

    private static let figures: [(name: String, of: @Sendable (SweepSummary.Row) -> SweepEstimate?)] = [
        ("final_accuracy", { $0.finalAccuracy }), ("best_accuracy", { $0.bestAccuracy }),
        ("final_loss", { $0.finalLoss }), ("federated_accuracy", { $0.federatedAccuracy }),
        ("federated_loss", { $0.federatedLoss }), ("rounds_to_target", { $0.roundsToTarget }),
    ]

    private static func cell(_ value: Double?) -> String { value.map { $0.isNaN ? "nan" : "\($0)" } ?? "" }

    private static func text(_ rows: [[String]]) -> String {
        rows.map { $0.map(quoted).joined(separator: ",") + "\n" }.joined()
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
