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
                    "Worst tenth of clients", "Best tenth", "Variance over clients", "Jain's index",
                ], rows: rows, numeric: 1..<9
            ).withoutEmptyColumns().write(to: &html)
        }
    }

    private static func cells(test: Score?, federated: FederatedScore?) -> [String] {
        return [
            test?.accuracy.map { Figures.percent($0) } ?? "–", test.map { Figures.number($0.loss) } ?? "–",
            federated?.mean.accuracy.map { Figures.percent($0) } ?? "–",
            federated.map { Figures.number($0.mean.loss) } ?? "–",
        ] + (federated.map(spread) ?? [String](repeating: "–", count: 4))
    }

    /// How evenly the clients fare, by accuracy or, where there is none, by loss. The variance of accuracies is that of
    /// percentages, as papers after Li et al. 2020 (q-FedAvg) have it.
    private static func spread(_ score: FederatedScore) -> [String] {
        let spread = score.accuracy ?? score.loss
        let text: (Double) -> String = score.accuracy == nil ? { Figures.number($0) } : { Figures.percent($0) }
        let variance = Figures.number(score.accuracy == nil ? spread.variance : spread.variance * 1e4)
        return [
            text(spread.worstTenth), text(spread.bestTenth),
            score.accuracy == nil ? variance : "\(variance) %²", Figures.number(spread.jainIndex),
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
