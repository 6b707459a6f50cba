import TributaryCore

extension RunReport {
    func writeLearning(to html: inout HTML) {
        let accuracy = accuracyChart
        let loss = lossChart(isWide: accuracy == nil)
        let size = isLong ? "full long" : "full"
        Page.section("Learning", in: &html) { html in
            html.element("div", #"class="grid""#) { html in
                accuracy?.write(to: &html, classes: size)
                loss?.write(to: &html, classes: size)
            }
            if accuracy == nil, loss == nil {
                html.element("p", #"class="panel""#, "No round was evaluated.")
            }
            writeBaselines(to: &html)
        }
    }

    /// Accuracy per round; nil for regression or where nothing was evaluated.
    private var accuracyChart: Chart? {
        let lines = [
            Chart.Line(name: "Test", pen: .number(0), points: points { $0.test?.accuracy }),
            Chart.Line(name: "Clients", pen: .number(1), points: points { $0.federated?.mean.accuracy }),
            Chart.Line(name: "Own", pen: .number(3), points: points { $0.personal?.mean.accuracy }),
        ].filter { !$0.points.isEmpty }
        if lines.isEmpty { return nil }
        let band = spreadBand { $0.federated?.accuracy }
        var levels = baselineLevels { $0.accuracy }
        if let target = record.target { levels.append(.init(name: "Target", y: target.accuracy)) }
        let values = lines.flatMap { $0.points.map(\.y) } + band.points.flatMap { [$0.low, $0.high] } + levels.map(\.y)
        var chart = Chart(
            title: "Accuracy per round", caption: caption(lines, hasBand: !band.points.isEmpty),
            summary: "Accuracy per round. " + lines.map { summary(of: $0, .share) }.joined(separator: " "),
            x: roundAxis(ticks: 11), y: .init(scale: .covering(values, .share), unit: .share, label: "Accuracy"))
        chart.height = 320
        (chart.lines, chart.bands, chart.levels) = (lines, [band], levels)
        chart.marks = marks(ofNotFinite: lines)
        chart.notes = remark(onNotFinite: lines)
        chart.readout = readout(
            [
                ("Test", "c0", { $0.test?.accuracy.map { Figures.percent($0) } }),
                ("Clients", "c1", { $0.federated?.mean.accuracy.map { Figures.percent($0) } }),
                ("Middle 80\u{202F}% of clients", "c1", { Self.range($0.federated?.accuracy, .share) }),
            ] + ownColumn { $0.mean.accuracy.map { Figures.percent($0) } })
        return chart
    }

    /// Loss per round; nil where there is none at all.
    private func lossChart(isWide: Bool) -> Chart? {
        let lines = [
            Chart.Line(name: "Test", pen: .number(0), points: points { $0.test?.loss }),
            Chart.Line(name: "Clients", pen: .number(1), points: points { $0.federated?.mean.loss }),
            Chart.Line(name: "Training", pen: .number(2), points: points { $0.trainLoss }),
            Chart.Line(name: "Own", pen: .number(3), points: points { $0.personal?.mean.loss }),
        ].filter { !$0.points.isEmpty }
        if lines.isEmpty { return nil }
        let band = spreadBand { $0.federated?.loss }
        let values = lines.flatMap { $0.points.map(\.y) } + band.points.flatMap { [$0.low, $0.high] }
        var chart = Chart(
            title: "Loss per round", caption: caption(lines, hasBand: !band.points.isEmpty),
            summary: "Loss per round. " + lines.map { summary(of: $0, .number) }.joined(separator: " "),
            x: roundAxis(ticks: 11), y: .init(scale: .covering(values, .magnitude), unit: .number, label: "Loss"))
        chart.height = isWide ? 320 : 250
        (chart.lines, chart.bands) = (lines, [band])
        chart.marks = marks(ofNotFinite: lines)
        chart.notes = (chart.y.scale.isLogarithmic ? ["Logarithmic scale."] : []) + remark(onNotFinite: lines)
        chart.readout = readout(
            [
                ("Test", "c0", { $0.test.map { Figures.number($0.loss) } }),
                ("Clients", "c1", { $0.federated.map { Figures.number($0.mean.loss) } }),
                ("Middle 80\u{202F}% of clients", "c1", { Self.range($0.federated?.loss, .number) }),
                ("Training", "c2", { $0.trainLoss.map { Figures.number($0) } }),
            ] + ownColumn { Figures.number($0.mean.loss) })
        return chart
    }

    /// What is read out of clients' own models; nothing where they were not scored in a round.
    private func ownColumn(
        _ text: @escaping (FederatedScore) -> String?
    ) -> [(name: String, classes: String, text: (RoundSummary) -> String?)] {
        guard rounds.contains(where: { $0.personal != nil }) else { return [] }
        return [("Own models", "c3", { $0.personal.flatMap(text) })]
    }

    /// Between the 10 % and the 90 % quantile over clients.
    private func spreadBand(_ spread: (RoundSummary) -> FederatedScore.Spread?) -> Chart.Band {
        Chart.Band(pen: .number(1), points: points({ spread($0)?.quantile(1) }, { spread($0)?.quantile(5) }))
    }

    private static func range(_ spread: FederatedScore.Spread?, _ unit: Chart.Unit) -> String? {
        guard let low = spread?.quantile(1), let high = spread?.quantile(5) else { return nil }
        return "\(unit.text(low)) – \(unit.text(high))"
    }

    /// What the lines that are there stand for.
    private func caption(_ lines: [Chart.Line], hasBand: Bool) -> String {
        let meanings = [
            "Test": "the central test set",
            "Clients": "the clients' own held-out data"
                + (hasBand ? " (mean by examples; the area holds the middle 80\u{202F}% of the clients)" : ""),
            "Training": "the clients' local training",
            "Own": "the clients' own models on their held-out data",
        ]
        return lines.compactMap { line in meanings[line.name].map { "\(line.name): \($0)" } }.joined(separator: " · ")
    }
}

extension FederatedScore.Spread {
    /// The quantile at the given place of `quantileShares`.
    func quantile(_ place: Int) -> Double? {
        quantiles.indices.contains(place) ? quantiles[place] : nil
    }
}
