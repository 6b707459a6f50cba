/// The marks of a chart as SVG paths, in a box of `Chart.boxWidth` × `Chart.boxHeight` units that is stretched.
extension Chart {
    static let boxWidth = 4_000
    static let boxHeight = 2_000

    func writeMarks(to html: inout HTML) {
        html.raw(
            #"<svg viewBox="0 0 \#(Self.boxWidth) \#(Self.boxHeight)" preserveAspectRatio="none" role="img" "#
                + #"aria-label="\#(HTML.escape(summary))">"#)
        path("rules", y.scale.ticks.map { "M0 \(row($0))h\(Self.boxWidth)" }.joined(), to: &html)
        for band in bands { path("band \(band.pen.classes)", outline(band), to: &html) }
        if let stack { writeStack(stack, to: &html) }
        for level in levels where Scale.isShown(level.y) {
            path("level", "M0 \(row(level.y))h\(Self.boxWidth)", to: &html)
        }
        for line in lines { path("line \(line.pen.classes)", trace(line), to: &html) }
        for line in lines where line.points.count <= 40 { path("dot \(line.pen.classes)", dots(line), to: &html) }
        path("mark", marks.map { "M\(column($0)) 0v60" }.joined(), to: &html)
        html.raw("</svg>\n")
    }

    private func path(_ classes: String, _ data: String, to html: inout HTML) {
        if !data.isEmpty { html.raw(#"<path class="\#(classes)" d="\#(data)"/>"#) }
    }

    private func column(_ value: Double) -> Int {
        Int((x.scale.place(value) * Double(Self.boxWidth)).rounded())
    }

    private func row(_ value: Double) -> Int {
        Int(((1 - y.scale.place(value)) * Double(Self.boxHeight)).rounded())
    }

    /// The line in pieces, broken where a figure cannot be shown; a piece of one point is a dot.
    private func trace(_ line: Line) -> String {
        var data = ""
        for piece in line.points.split(whereSeparator: { !Scale.isShown($0.y) }) {
            let points = thin(piece.map { (column($0.x), row($0.y)) })
            for (place, point) in points.enumerated() {
                data += place == 0 ? "M\(point.0) \(point.1)" : place == 1 ? "L" : " "
                if place > 0 { data += "\(point.0) \(point.1)" }
            }
            if points.count == 1 { data += "h0" }
        }
        return data
    }

    private func dots(_ line: Line) -> String {
        line.points.filter { Scale.isShown($0.y) }.map { "M\(column($0.x)) \(row($0.y))h0" }.joined()
    }

    private func outline(_ band: Band) -> String {
        var data = ""
        for piece in band.points.split(whereSeparator: { !(Scale.isShown($0.low) && Scale.isShown($0.high)) }) {
            let upper = thin(piece.map { (column($0.x), row($0.high)) })
            let lower = thin(piece.map { (column($0.x), row($0.low)) }).reversed()
            data += "M" + (upper + lower).map { "\($0.0) \($0.1)" }.joined(separator: " ") + "z"
        }
        return data
    }

    /// Far more points than pixels are thinned to the first, lowest, highest and last in every sliver of the width,
    /// which draws the same picture.
    private func thin(_ points: [(Int, Int)]) -> [(Int, Int)] {
        guard points.count > 2_400 else { return points }
        var result: [(Int, Int)] = []
        for sliver in points.split(by: { $0.0 / 8 }) {
            let low = sliver.indices.min { sliver[$0].1 < sliver[$1].1 } ?? sliver.startIndex
            let high = sliver.indices.max { sliver[$0].1 < sliver[$1].1 } ?? sliver.startIndex
            let kept = Set([sliver.startIndex, low, high, sliver.endIndex - 1])
            result += kept.sorted().map { sliver[$0] }
        }
        return result
    }

    private func writeStack(_ stack: Stack, to html: inout HTML) {
        // Narrow bars touch; wide ones get a gap.
        let gap = stack.bars.count > 60 ? 0 : max(4, Self.boxWidth / max(1, stack.bars.count) / 6)
        for (part, classes) in stack.parts.enumerated() {
            var data = ""
            for bar in stack.bars where bar.amounts[part] > 0 {
                let below = bar.amounts[..<part].reduce(0, +)
                let (bottom, top) = (row(below), row(below + bar.amounts[part]))
                let (left, right) = (column(bar.from) + gap / 2, column(bar.to) - gap / 2)
                if bottom > top { data += "M\(left) \(bottom)V\(top)H\(max(right, left + 1))V\(bottom)z" }
            }
            path("bar \(classes)", data, to: &html)
        }
    }
}

extension Array {
    /// The runs of neighbours that have the same key.
    fileprivate func split<Key: Equatable>(by key: (Element) -> Key) -> [ArraySlice<Element>] {
        var runs: [ArraySlice<Element>] = []
        var start = startIndex
        for place in indices where place > start && key(self[place]) != key(self[start]) {
            runs.append(self[start..<place])
            start = place
        }
        if start < endIndex { runs.append(self[start...]) }
        return runs
    }
}
