import TributaryCore

extension RunReport {
    func writeCost(to html: inout HTML) {
        let charts = [normChart, learningRateChart, bytesChart, timeChart, energyChart].compactMap(\.self)
        if charts.isEmpty { return }
        Page.section("Steps and cost", in: &html) { html in
            html.element("div", #"class="grid""#) { html in
                for (place, chart) in charts.enumerated() {
                    let isAlone = place == charts.count - 1 && charts.count % 2 == 1
                    chart.write(to: &html, classes: (isAlone ? "full" : "") + (isLong ? " long" : ""))
                }
            }
        }
    }

    /// The sizes of updates; nil where no round had any.
    private var normChart: Chart? {
        let mean = Chart.Line(name: "Client mean", pen: .number(3), points: points { $0.updateNorms?.mean })
        let step = Chart.Line(name: "Model step", pen: .number(0), points: points { $0.updateNorms?.aggregate })
        if mean.points.isEmpty { return nil }
        let band = Chart.Band(
            pen: .number(3), points: points({ $0.updateNorms?.smallest }, { $0.updateNorms?.largest }))
        let values = mean.points.map(\.y) + step.points.map(\.y) + band.points.flatMap { [$0.low, $0.high] }
        var chart = Chart(
            title: "Size of updates", caption: "L2 norms; the area runs from the smallest to the largest client update",
            summary: "L2 norms. " + [mean, step].map { summary(of: $0, .number) }.joined(separator: " "),
            x: roundAxis(ticks: 6), y: .init(scale: .covering(values, .magnitude), unit: .number, label: "Norm"))
        (chart.lines, chart.bands) = ([mean, step], [band])
        chart.marks = marks(ofNotFinite: chart.lines)
        chart.notes = (chart.y.scale.isLogarithmic ? ["Logarithmic scale."] : []) + remark(onNotFinite: chart.lines)
        chart.readout = readout([
            ("Largest", "c3", { $0.updateNorms.map { Figures.number($0.largest) } }),
            ("Client mean", "c3", { $0.updateNorms.map { Figures.number($0.mean) } }),
            ("Smallest", "c3", { $0.updateNorms.map { Figures.number($0.smallest) } }),
            ("Model step", "c0", { $0.updateNorms.map { Figures.number($0.aggregate) } }),
        ])
        return chart
    }

    /// The learning rate; nil where it stayed the same, which the plan says.
    private var learningRateChart: Chart? {
        guard let first = rounds.first, rounds.contains(where: { $0.learningRate != first.learningRate }) else {
            return nil
        }
        let line = Chart.Line(name: "", pen: .number(2), points: points { $0.learningRate })
        var chart = Chart(
            title: "Clients' learning rate", caption: "As scheduled for each round",
            summary: "Learning rate" + summary(of: line, .number), x: roundAxis(ticks: 6),
            y: .init(scale: .covering(line.points.map(\.y), .magnitude), unit: .number, label: "Learning rate"))
        chart.lines = [line]
        chart.readout = readout([("Learning rate", "c2", { Figures.number($0.learningRate) })])
        return chart
    }

    /// Bytes up to each round; nil where none were counted.
    private var bytesChart: Chart? {
        var (down, up) = (0.0, 0.0)
        var lines = [
            Chart.Line(name: "Down", pen: .number(0), points: []), Chart.Line(name: "Up", pen: .number(1), points: []),
        ]
        for round in rounds {
            down += Double(round.traffic.bytesDown)
            up += Double(round.traffic.bytesUp)
            lines[0].points.append((Double(round.round.rawValue), down))
            lines[1].points.append((Double(round.round.rawValue), up))
        }
        if down + up == 0 { return nil }
        var chart = Chart(
            title: "Bytes moved so far", caption: "Down: coordinator to clients · Up: clients to coordinator",
            summary: "Bytes moved since the start. " + lines.map { summary(of: $0, .bytes) }.joined(separator: " "),
            x: roundAxis(ticks: 6),
            y: .init(scale: .covering([down, up], .amount, tickCount: 4), unit: .bytes, label: "Bytes"))
        chart.lines = lines
        chart.readout = readout([
            ("Down in this round", "c0", { Figures.bytes(Double($0.traffic.bytesDown)) }),
            ("Up in this round", "c1", { Figures.bytes(Double($0.traffic.bytesUp)) }),
        ])
        return chart
    }

    /// The virtual length of each round; nil where no time passed.
    private var timeChart: Chart? {
        let line = Chart.Line(name: "", pen: .number(2), points: points { $0.timing.virtualSeconds })
        guard line.points.contains(where: { $0.y > 0 }) else { return nil }
        var chart = Chart(
            title: "Length of rounds", caption: "In virtual time, as the federation would take",
            summary: "Length" + summary(of: line, .seconds), x: roundAxis(ticks: 6),
            y: .init(
                scale: .time(
                    upTo: line.points.map(\.y).filter(Scale.isShown).max() ?? 1, tickCount: 4, endsAtTick: true),
                unit: .seconds, label: "Time"))
        chart.lines = [line]
        chart.readout = readout([
            ("Length", "c2", { Figures.seconds($0.timing.virtualSeconds) }),
            ("Since the start", "soft", { Figures.seconds($0.timing.virtualElapsed) }),
            ("Computing time", "soft", { Figures.seconds($0.timing.realSeconds) }),
        ])
        return chart
    }
}
