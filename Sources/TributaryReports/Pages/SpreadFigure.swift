import TributaryCore

/// How one evaluation spreads over clients: a strip for each figure, and the same as a table.
struct SpreadFigure {
    let score: FederatedScore
    let round: Int

    func write(to html: inout HTML) {
        html.element("figure", #"class="full""#) { html in
            html.element("figcaption") { html in
                html.element("h3", "", "Spread over clients in round \(Figures.count(round))")
                html.element(
                    "p", "",
                    "The model on the own held-out data of \(Figures.count(score.clientCount)) "
                        + (score.clientCount == 1 ? "client. " : "clients, every client counting once. ")
                        + "Line: lowest to highest · light: middle 80\u{202F}% · dark: middle half · gap: median")
            }
            if let accuracy = score.accuracy { strip("Accuracy", accuracy, .share, .share, color: 1, to: &html) }
            strip("Loss", score.loss, .number, .magnitude, color: 2, to: &html)
            table.write(to: &html)
        }
    }

    private func strip(
        _ name: String, _ spread: FederatedScore.Spread, _ unit: Chart.Unit, _ kind: Scale.Kind, color: Int,
        to html: inout HTML
    ) {
        let values = spread.quantiles
        guard values.count == 7, values.allSatisfy(Scale.isShown) else {
            html.element("p", #"class="note""#, "\(name): the spread is not finite.")
            return
        }
        let scale = Scale.covering(values, kind, tickCount: 8)
        let place = values.map { Int((scale.place($0) * 4_000).rounded()) }
        let text = FederatedScore.Spread.quantileShares.indices.map { unit.text(values[$0]) }
        let summary = "\(name) over clients: lowest \(text[0]), median \(text[3]), highest \(text[6])"
        html.element("div", #"class="plot strip c\#(color)" style="--h:34px;--l:64px;--r:24px;--rn:24px""#) { html in
            html.raw(
                #"<svg viewBox="0 0 4000 100" preserveAspectRatio="none" role="img" aria-label="\#(HTML.escape(summary))">"#
                    + #"<path class="rules" d="\#(scale.ticks.map { "M\(Int(scale.place($0) * 4_000)) 0v100" }.joined())"/>"#
                    + #"<path class="range" d="M\#(place[0]) 50H\#(place[6])"/>"#
                    + #"<path class="tenths" d="M\#(place[1]) 50H\#(place[5])"/>"#
                    + #"<path class="half" d="M\#(place[2]) 50H\#(place[4])"/>"#
                    + #"<path class="middle" d="M\#(place[3]) 30V70"/></svg>"#)
            html.element("span", #"class="ty" style="top:50%""#, name)
            for (index, tick) in scale.ticks.enumerated() {
                let left = Figures.fixed(scale.place(tick) * 100, 2)
                let classes = index % 2 == 1 && scale.ticks.count > 6 ? "tx wide" : "tx"
                html.element("span", #"class="\#(classes)" style="left:\#(left)%""#, unit.tick(tick, of: scale))
            }
        }
    }

    private var table: Table {
        var rows: [[String]] = []
        if let accuracy = score.accuracy { rows.append(row("Accuracy", accuracy, .share)) }
        rows.append(row("Loss", score.loss, .number))
        return Table(
            caption: "Worst and best tenth are means over those clients",
            header: [
                "", "Worst tenth", "10\u{202F}%", "25\u{202F}%", "Median", "75\u{202F}%", "90\u{202F}%", "Best tenth",
                "Mean", "Std. deviation",
            ], rows: rows, numeric: 1..<10)
    }

    private func row(_ name: String, _ spread: FederatedScore.Spread, _ unit: Chart.Unit) -> [String] {
        [name, unit.text(spread.worstTenth)] + (1...5).map { spread.quantile($0).map(unit.text) ?? "–" }
            + [unit.text(spread.bestTenth), unit.text(spread.mean), unit.text(spread.variance.squareRoot())]
    }
}
