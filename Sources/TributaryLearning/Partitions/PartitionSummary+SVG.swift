import Foundation

extension PartitionSummary {
    /// The summary as a picture that needs nothing else: sizes as bars, label shares as a heat map below them, both
    /// over the same clients. Of many clients 200 evenly spaced ones are shown, of many classes the 40 most frequent,
    /// and the picture says so.
    public var svg: String { PartitionPicture(self).svg }
}

/// The layout of the picture. Lengths are in SVG units, with y growing downwards.
private struct PartitionPicture {
    private let summary: PartitionSummary
    /// Places in `summary.clients` of the clients shown.
    private let shown: [Int]
    /// The classes shown, the most frequent ones in their own order.
    private let classes: [Int]
    private let left = 120.0
    private let plotWidth = 792.0
    private let barTop = 84.0
    private let barHeight = 150.0
    private let cellHeight: Double

    init(_ summary: PartitionSummary) {
        self.summary = summary
        let clientCount = min(200, summary.clients.count)
        shown = (0..<clientCount).map { $0 * summary.clients.count / clientCount }
        var totals = [Int](repeating: 0, count: summary.classNames.count)
        for counts in summary.labelCounts {
            for (label, count) in counts.enumerated() { totals[label] += count }
        }
        let frequent = totals.indices.sorted { totals[$0] == totals[$1] ? $0 < $1 : totals[$0] > totals[$1] }
        classes = summary.labelCounts.isEmpty ? [] : frequent.prefix(40).sorted()
        cellHeight = classes.count > 20 ? 12 : 20
    }

    private var columnWidth: Double { plotWidth / Double(max(1, shown.count)) }
    private var heatTop: Double { barTop + barHeight + 22 }
    private var heatHeight: Double { cellHeight * Double(classes.count) }
    private var height: Double { heatTop + heatHeight + (classes.isEmpty ? 30 : 74) }

    var svg: String {
        let size = "viewBox=\"0 0 960 \(Self.n(height))\" width=\"960\" height=\"\(Self.n(height))\""
        return """
            <svg xmlns="http://www.w3.org/2000/svg" \(size) role="img" class="tributary-partition">
            <title>\(Self.escaped(summary.title))</title>
            \(Self.style)
            <rect class="ground" width="960" height="\(Self.n(height))" rx="8"/>
            \(headings)
            \(bars)
            \(classes.isEmpty ? "" : heatMap)
            \(footer)
            </svg>

            """
    }

    private static let style = """
        <style>
        .tributary-partition{font-family:system-ui,-apple-system,"Segoe UI",sans-serif;font-size:12px}
        .tributary-partition .ground{fill:#fcfcfb}.tributary-partition .plot{fill:#f1f1ef}
        .tributary-partition text{fill:#55554f}.tributary-partition .title{fill:#1b1b19;font-size:17px;font-weight:600}
        .tributary-partition .bar{fill:#2a78d6}.tributary-partition .cell{fill:#2a78d6}
        .tributary-partition .grid{stroke:#dcdcd8;stroke-width:1}
        .tributary-partition .mean{stroke:#c2571a;stroke-width:1.5;stroke-dasharray:5 4}
        .tributary-partition .meanlabel{fill:#a8480f}
        @media (prefers-color-scheme:dark){
        .tributary-partition .ground{fill:#1a1a19}.tributary-partition .plot{fill:#242423}
        .tributary-partition text{fill:#b4b4ad}.tributary-partition .title{fill:#f4f4f0}
        .tributary-partition .bar,.tributary-partition .cell{fill:#5ea0ee}
        .tributary-partition .grid{stroke:#3a3a37}.tributary-partition .mean{stroke:#f0975a}
        .tributary-partition .meanlabel{fill:#f0a670}}
        </style>
        """

    private var headings: String {
        let range = summary.sizeRange
        var second =
            "examples a client: min \(range.minimum), median \(PartitionSummary.short(range.median)), "
            + "mean \(PartitionSummary.short(range.mean)), max \(range.maximum)"
        if let entropy = summary.meanLabelEntropy, let whole = summary.wholeLabelEntropy,
            let distance = summary.meanLabelDistance
        {
            second +=
                " · label entropy \(PartitionSummary.decimals(entropy)) of \(PartitionSummary.decimals(whole)) bits"
                + " · distance from the whole \(PartitionSummary.decimals(distance))"
        }
        return """
            <text class="title" x="24" y="34">\(Self.escaped(summary.title))</text>
            <text x="24" y="56">\(Self.escaped(second))</text>
            """
    }

    private var bars: String {
        let top = Self.niceCeiling(Double(shown.map { summary.sizes[$0] }.max() ?? 1))
        var lines: [String] = []
        for step in 0...4 {
            let value = top * Double(step) / 4
            let y = barTop + barHeight * (1 - Double(step) / 4)
            lines.append(
                "<line class=\"grid\" x1=\"\(Self.n(left))\" x2=\"\(Self.n(left + plotWidth))\" y1=\"\(Self.n(y))\" y2=\"\(Self.n(y))\"/>"
                    + Self.label(PartitionSummary.short(value), x: left - 8, y: y + 4))
        }
        let gap = columnWidth > 4 ? columnWidth * 0.15 : 0
        for (column, place) in shown.enumerated() {
            let tall = barHeight * Double(summary.sizes[place]) / top
            let x = left + columnWidth * Double(column) + gap / 2
            lines.append(
                "<rect class=\"bar\" x=\"\(Self.n(x))\" y=\"\(Self.n(barTop + barHeight - tall))\" "
                    + "width=\"\(Self.n(columnWidth - gap))\" height=\"\(Self.n(tall))\">"
                    + "<title>client \(summary.clients[place]): \(summary.sizes[place]) examples</title></rect>")
        }
        let mean = barTop + barHeight * (1 - min(1, summary.sizeRange.mean / top))
        lines.append(
            "<line class=\"mean\" x1=\"\(Self.n(left))\" x2=\"\(Self.n(left + plotWidth))\" y1=\"\(Self.n(mean))\" y2=\"\(Self.n(mean))\"/>"
                + "<text class=\"meanlabel\" x=\"\(Self.n(left + plotWidth + 4))\" y=\"\(Self.n(mean + 4))\">mean</text>"
        )
        return lines.joined(separator: "\n")
    }

    /// Cells of equal strength are one path: a few kilobytes instead of thousands of elements.
    private var heatMap: String {
        let levels = 20
        var paths = [String](repeating: "", count: levels + 1)
        for (column, place) in shown.enumerated() {
            let shares = PartitionSummary.shares(summary.labelCounts[place])
            for (row, label) in classes.enumerated() where shares[label] > 0 {
                let level = max(1, Int((shares[label] * Double(levels)).rounded()))
                let (x, y) = (left + columnWidth * Double(column), heatTop + cellHeight * Double(row))
                paths[level] +=
                    "M\(Self.n(x)) \(Self.n(y))h\(Self.n(columnWidth))v\(Self.n(cellHeight - 1))h-\(Self.n(columnWidth))z"
            }
        }
        var lines = [
            "<rect class=\"plot\" x=\"\(Self.n(left))\" y=\"\(Self.n(heatTop))\" width=\"\(Self.n(plotWidth))\" height=\"\(Self.n(heatHeight))\"/>"
        ]
        for (level, path) in paths.enumerated() where !path.isEmpty {
            lines.append("<path class=\"cell\" fill-opacity=\"\(Self.opacity(level, of: levels))\" d=\"\(path)\"/>")
        }
        for (row, label) in classes.enumerated() {
            let y = heatTop + cellHeight * (Double(row) + 0.5) + 4
            let name = summary.classNames[label]
            let shownName = name == " " ? "␣" : name.count > 14 ? name.prefix(13) + "…" : name
            lines.append(Self.label(shownName, x: left - 8, y: y))
        }
        return (lines + [legend(levels)]).joined(separator: "\n")
    }

    private func legend(_ levels: Int) -> String {
        let y = heatTop + heatHeight + 30
        var lines = ["<text x=\"\(Self.n(left))\" y=\"\(Self.n(y + 11))\">share of a client's labels: 0</text>"]
        for level in 1...levels {
            let x = left + 165 + Double(level) * 8
            lines.append(
                "<rect class=\"cell\" fill-opacity=\"\(Self.opacity(level, of: levels))\" x=\"\(Self.n(x))\" y=\"\(Self.n(y))\" width=\"8\" height=\"14\"/>"
            )
        }
        lines.append("<text x=\"\(Self.n(left + 165 + 8 * Double(levels + 1) + 6))\" y=\"\(Self.n(y + 11))\">1</text>")
        return lines.joined(separator: "\n")
    }

    /// What is on the horizontal axis, and what is not shown.
    private var footer: String {
        var note = "clients 0 to \(max(0, summary.clientCount - 1))"
        if shown.count < summary.clientCount {
            note = "\(shown.count) of \(summary.clientCount) clients, evenly spaced"
        }
        if classes.count < summary.classNames.count, !classes.isEmpty {
            note += "; the \(classes.count) most frequent of \(summary.classNames.count) classes"
        }
        let y = classes.isEmpty ? barTop + barHeight + 18 : heatTop + heatHeight + 16
        return "<text x=\"\(Self.n(left))\" y=\"\(Self.n(y))\">\(note)</text>"
    }

    private static func opacity(_ level: Int, of levels: Int) -> String {
        n(0.08 + 0.92 * pow(Double(level) / Double(levels), 0.8))
    }

    private static func label(_ text: String, x: Double, y: Double) -> String {
        "<text text-anchor=\"end\" x=\"\(n(x))\" y=\"\(n(y))\">\(escaped(text))</text>"
    }

    /// The next of 1, 2, 4, 8 times a power of ten: quarters of it are short numbers.
    private static func niceCeiling(_ value: Double) -> Double {
        let power = pow(10, log10(max(1, value)).rounded(.down))
        return [1, 2, 4, 8, 10].map { $0 * power }.first { $0 >= value } ?? value
    }

    /// A number with at most two decimals.
    private static func n(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return hundredths % 100 == 0 ? String(hundredths / 100) : String(format: "%.2f", value)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .filter { $0 == " " || !$0.isWhitespace && !($0.asciiValue.map { $0 < 32 } ?? false) }
    }
}
