import TributaryCore

extension RunReport {
    func baselineLevels(_ figure: (Score) -> Double?) -> [Chart.Level] {
        record.baselines.compactMap { baseline in
            baseline.test.flatMap(figure).map { .init(name: Self.shortName(baseline.kind), y: $0) }
        }
    }

    /// The federated model beside what the same data gives without a federation.
    func writeBaselines(to html: inout HTML) {
        if record.baselines.isEmpty { return }
        var rows = record.baselines.map {
            [Self.longName($0.kind)] + Self.cells(test: $0.test, federated: $0.federated)
        }
        let last = rounds.last { $0.test != nil || $0.federated != nil }
        if let last {
            rows.append(
                ["Federated, round \(Figures.count(last.round.rawValue))"]
                    + Self.cells(test: last.test, federated: last.federated))
        }
        html.element("div", #"class="panel" style="margin-top:16px""#) { html in
            Table(
                caption: "The same data with and without a federation",
                header: [
                    "Model", "Test accuracy", "Test loss", "Accuracy on clients' data", "Loss on clients' data",
                    "Worst tenth of clients",
                ], rows: rows, numeric: 1..<6
            ).withoutEmptyColumns().write(to: &html)
        }
    }

    private static func cells(test: Score?, federated: FederatedScore?) -> [String] {
        let worst = federated.map {
            $0.accuracy.map { Figures.percent($0.worstTenth) } ?? Figures.number($0.loss.worstTenth)
        }
        return [
            test?.accuracy.map { Figures.percent($0) } ?? "–", test.map { Figures.number($0.loss) } ?? "–",
            federated?.mean.accuracy.map { Figures.percent($0) } ?? "–",
            federated.map { Figures.number($0.mean.loss) } ?? "–", worst ?? "–",
        ]
    }

    private static func shortName(_ kind: RunRecord.Baseline.Kind) -> String {
        switch kind {
        case .local: "Local"
        case .pooled: "Pooled"
        case .personal: "Own"
        }
    }

    private static func longName(_ kind: RunRecord.Baseline.Kind) -> String {
        switch kind {
        case .local: "Local: every client alone on its own data, mean"
        case .pooled: "Pooled: one model on all data put together"
        case .personal: "Personal: every client's own model, beside the federation"
        }
    }
}
