import TributaryCore

extension ComparisonReport {
    /// What a curve is drawn against.
    private enum Abscissa: CaseIterable {
        case round, time, bytes

        var title: String {
            switch self {
            case .round: "per round"
            case .time: "over virtual time"
            case .bytes: "over bytes moved"
            }
        }
    }

    func writeCurves(to html: inout HTML) {
        let figures: [(name: String, unit: Chart.Unit, kind: Scale.Kind, of: (RoundSummary) -> Double?)] = [
            ("Accuracy", .share, .share, { $0.test?.accuracy }), ("Loss", .number, .magnitude, { $0.test?.loss }),
        ]
        Page.section("Curves", in: &html) { html in
            html.element("div", #"class="grid""#) { html in
                for abscissa in Abscissa.allCases {
                    for figure in figures {
                        let lines = runs.indices.map { line($0, against: abscissa, figure.of) }
                        guard let chart = chart(figure.name, figure.unit, figure.kind, lines, abscissa) else {
                            continue
                        }
                        chart.write(to: &html, classes: abscissa == .round ? "full long" : "long")
                    }
                }
            }
        }
    }

    private func line(_ place: Int, against abscissa: Abscissa, _ figure: (RoundSummary) -> Double?) -> Chart.Line {
        var bytes = 0.0
        var points: [(x: Double, y: Double)] = []
        for round in runs[place].rounds {
            bytes += Double(round.traffic.bytesDown) + Double(round.traffic.bytesUp)
            guard let value = figure(round) else { continue }
            let x =
                switch abscissa {
                case .round: Double(round.round.rawValue)
                case .time: round.timing.virtualElapsed
                case .bytes: bytes
                }
            if Scale.isShown(x) { points.append((x, value)) }
        }
        return Chart.Line(name: names[place], pen: .number(place), points: points)
    }

    /// The curves of all runs; nil where there is nothing to draw, or no time passed or no bytes moved.
    private func chart(
        _ name: String, _ unit: Chart.Unit, _ kind: Scale.Kind, _ lines: [Chart.Line], _ abscissa: Abscissa
    ) -> Chart? {
        let last = lines.flatMap { $0.points.map(\.x) }.max() ?? 0
        if last <= 0 { return nil }
        var chart = Chart(
            title: "\(name) \(abscissa.title)", caption: "The global model on the central test set",
            summary: "\(name) \(abscissa.title). " + lines.compactMap { summary(of: $0, unit) }.joined(separator: " "),
            x: axis(abscissa, upTo: last),
            y: .init(scale: .covering(lines.flatMap { $0.points.map(\.y) }, kind), unit: unit, label: name))
        chart.height = abscissa == .round ? 320 : 240
        chart.lines = lines
        if kind == .share, let target { chart.levels = [.init(name: abscissa == .round ? "Target" : "", y: target)] }
        if chart.y.scale.isLogarithmic { chart.notes = ["Logarithmic scale."] }
        chart.notes += lines.compactMap { line in
            let count = line.points.filter { !Scale.isShown($0.y) }.count
            return count > 0 ? "\(line.name): not finite in \(Figures.count(count)) evaluated rounds." : nil
        }
        chart.readout = readout(lines, unit, abscissa, last)
        if abscissa != .round { chart.lines = lines.map { .init(name: "", pen: $0.pen, points: $0.points) } }
        return chart
    }

    private func summary(of line: Chart.Line, _ unit: Chart.Unit) -> String? {
        line.points.last.map { "\(line.name): \(unit.text($0.y)) at the end." }
    }

    private func axis(_ abscissa: Abscissa, upTo last: Double) -> Chart.Axis {
        switch abscissa {
        case .round:
            let first = runs.compactMap { $0.rounds.first?.round.rawValue }.min() ?? 1
            return .init(scale: .rounds(first, Int(last), tickCount: 11), unit: .count, label: "Round")
        case .time: return .init(scale: .time(upTo: last, tickCount: 5), unit: .seconds, label: "Virtual time")
        case .bytes: return .init(scale: .amount(upTo: last, tickCount: 5), unit: .bytes, label: "Bytes down and up")
        }
    }

    /// At rounds what was measured there; over time and bytes the last that was measured until then.
    private func readout(_ lines: [Chart.Line], _ unit: Chart.Unit, _ abscissa: Abscissa, _ last: Double) -> Readout {
        let places: [Double] =
            switch abscissa {
            case .round: Set(lines.flatMap { $0.points.map(\.x) }).sorted()
            case .time, .bytes: (1...200).map { Double($0) / 200 * last }
            }
        let headings = places.map { place in
            switch abscissa {
            case .round: "Round \(Figures.count(Int(place)))"
            case .time: Figures.seconds(place)
            case .bytes: Figures.bytes(place)
            }
        }
        let columns = lines.map { line in
            (line.name, "stroke " + line.pen.classes, texts(of: line, at: places, exactly: abscissa == .round, unit))
        }
        return Readout(places: places, headings: headings, columns: columns)
    }

    private func texts(of line: Chart.Line, at places: [Double], exactly: Bool, _ unit: Chart.Unit) -> [String] {
        var next = 0
        return places.map { place in
            while next < line.points.count, line.points[next].x <= place { next += 1 }
            guard next > 0, !exactly || line.points[next - 1].x == place else { return "" }
            return unit.text(line.points[next - 1].y)
        }
    }
}
