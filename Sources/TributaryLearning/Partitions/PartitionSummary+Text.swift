import Foundation

extension PartitionSummary {
    /// The summary for a terminal: three lines of figures and a table of at most `rows` clients.
    public func text(rows: Int = 20) -> String {
        var lines = [title]
        if clients.count < clientCount { lines.append("  figures of \(clients.count) evenly spaced clients") }
        lines.append(
            "  sizes: min \(sizeRange.minimum), median \(Self.short(sizeRange.median)), "
                + "mean \(Self.short(sizeRange.mean)), max \(sizeRange.maximum)")
        if let entropy = meanLabelEntropy, let whole = wholeLabelEntropy, let distance = meanLabelDistance {
            lines.append(
                "  labels: mean entropy \(Self.decimals(entropy)) of \(Self.decimals(whole)) bits, mean distance from "
                    + "the whole set's mix \(Self.decimals(distance)) (0 alike, 1 nothing in common)")
        }
        lines.append("")
        lines += table(rows: rows)
        return lines.joined(separator: "\n") + "\n"
    }

    private func table(rows: Int) -> [String] {
        let shownClasses = min(classNames.count, 12)
        let headings = ["client", "size"] + classNames.prefix(shownClasses).map { String($0.prefix(8)) }
        let shown = (0..<min(rows, clients.count)).map { $0 * clients.count / max(1, min(rows, clients.count)) }
        var cells = [headings]
        for place in shown {
            let counts =
                labelCounts.isEmpty ? [] : labelCounts[place].prefix(shownClasses).map { $0 == 0 ? "·" : "\($0)" }
            cells.append(["\(clients[place])", "\(sizes[place])"] + counts)
        }
        let widths = headings.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        var lines = cells.map { row in
            "  "
                + zip(row, widths).map { cell, width in
                    String(repeating: " ", count: width - cell.count) + cell
                }.joined(separator: "  ")
        }
        if shown.count < clientCount { lines.append("  (\(shown.count) of \(clientCount) clients, evenly spaced)") }
        if shownClasses < classNames.count { lines.append("  (\(shownClasses) of \(classNames.count) classes)") }
        return lines
    }

    static func short(_ value: Double) -> String {
        value == value.rounded() ? String(Int(value)) : String(format: "%.1f", value)
    }

    static func decimals(_ value: Double) -> String { String(format: "%.2f", value) }
}
