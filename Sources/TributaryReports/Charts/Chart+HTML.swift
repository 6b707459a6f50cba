extension Chart {
    /// Writes the chart as a `<figure>`.
    func write(to html: inout HTML, classes: String = "") {
        let labels = placedLabels()
        let style =
            "--h:\(height)px;--l:\(leftMargin)px;--r:\(rightMargin(labels))px;--rn:\(narrowRightMargin(labels))px"
        html.element("figure", #"class="chart \#(classes)" style="\#(style)""#) { html in
            html.element("figcaption") { html in
                html.element("h3", "", title)
                html.element("p", "", caption)
            }
            writeKey(to: &html)
            html.element("div", #"class="plot""#) { html in
                writeMarks(to: &html)
                writeAxes(to: &html)
                for label in labels { write(label, to: &html) }
                if let readout { writeReadout(readout, to: &html) }
            }
            html.element("p", #"class="axis""#, x.label)
            for note in notes { html.element("p", #"class="note""#, note) }
        }
    }

    private func writeKey(to html: inout HTML) {
        if key.isEmpty { return }
        html.element("ul", #"class="key""#) { html in
            for entry in key {
                html.element("li") { html in
                    html.raw(#"<i class="swatch \#(entry.classes)"></i>"#)
                    html.text(entry.name)
                }
            }
        }
    }

    private func writeAxes(to html: inout HTML) {
        for tick in y.scale.ticks {
            let top = Figures.fixed((1 - y.scale.place(tick)) * 100, 2)
            html.element("span", #"class="ty" aria-hidden="true" style="top:\#(top)%""#, y.unit.tick(tick, of: y.scale))
        }
        for (place, tick) in x.scale.ticks.enumerated() {
            let left = Figures.fixed(x.scale.place(tick) * 100, 2)
            let classes = place % 2 == 1 && x.scale.ticks.count > 6 ? "tx wide" : "tx"
            html.element(
                "span", #"class="\#(classes)" aria-hidden="true" style="left:\#(left)%""#,
                x.unit.tick(tick, of: x.scale))
        }
    }

    private var leftMargin: Int {
        14 + 7 * (y.scale.ticks.map { y.unit.tick($0, of: y.scale).count }.max() ?? 0)
    }
}

// MARK: - Labels at the ends of lines

extension Chart {
    /// The name of a line or level beside its right end.
    struct EndLabel {
        var name: String
        var value: String
        var classes: String
        /// Pixels from the top of the plot.
        var top: Double
    }

    /// The labels from top to bottom, moved apart where they would overlap.
    func placedLabels() -> [EndLabel] {
        var labels = lines.compactMap(endLabel)
        labels += levels.filter { !$0.name.isEmpty && Scale.isShown($0.y) }.map {
            EndLabel(name: $0.name, value: y.unit.text($0.y), classes: "soft", top: pixels($0.y))
        }
        labels.sort { $0.top < $1.top }
        let distance = 15.0
        for place in labels.indices.dropFirst() {
            labels[place].top = max(labels[place].top, labels[place - 1].top + distance)
        }
        // What was pushed out at the bottom pushes back up.
        var limit = Double(height)
        for place in labels.indices.reversed() {
            labels[place].top = min(labels[place].top, limit)
            limit = labels[place].top - distance
        }
        return labels
    }

    private func endLabel(_ line: Line) -> EndLabel? {
        guard !line.name.isEmpty, let end = line.points.last(where: { Scale.isShown($0.y) }) else { return nil }
        // A line that goes on to figures that cannot be shown does not end with the last one that can.
        let isWhole = line.points.last.map { Scale.isShown($0.y) } ?? false
        return EndLabel(
            name: line.name, value: isWhole ? y.unit.text(end.y) : "", classes: line.pen.classes, top: pixels(end.y))
    }

    private func pixels(_ value: Double) -> Double { (1 - y.scale.place(value)) * Double(height) }

    private func write(_ label: EndLabel, to html: inout HTML) {
        let top = Figures.fixed(label.top / Double(height) * 100, 2)
        html.element("span", #"class="end \#(label.classes)" aria-hidden="true" style="top:\#(top)%""#) { html in
            html.element("b", "", label.name.shortened(to: 24))
            if !label.value.isEmpty { html.element("span", "", " " + label.value) }
        }
    }

    private func rightMargin(_ labels: [EndLabel]) -> Int {
        margin(labels.map { min(24, $0.name.count) + $0.value.count + 1 }, limit: 240)
    }

    private func narrowRightMargin(_ labels: [EndLabel]) -> Int {
        margin(labels.map { min(24, $0.name.count) }, limit: 120)
    }

    private func margin(_ lengths: [Int], limit: Int) -> Int {
        min(limit, 14 + 7 * (lengths.max() ?? 0))
    }
}

extension String {
    /// The text with its middle left out if it is longer than that: ends tell similar names apart.
    fileprivate func shortened(to limit: Int) -> String {
        count <= limit ? self : prefix(limit / 2 - 1) + "…" + suffix(limit - limit / 2)
    }
}
