extension Chart {
    /// The read-outs as JSON for the page's script; `<` is escaped so that no text can end the element.
    func writeReadout(_ readout: Readout, to html: inout HTML) {
        guard !readout.places.isEmpty else { return }
        // A pointer cannot tell apart more places than this.
        let every = (readout.places.count + 1_199) / 1_200
        let kept = stride(from: 0, to: readout.places.count, by: every)
        let places = kept.map { "\(Int((x.scale.place(readout.places[$0]) * 10_000).rounded()))" }
        let headings = kept.map { quoted(readout.headings[$0]) }
        let columns = readout.columns.map { column in
            let texts = kept.map { quoted(column.texts[$0]) }.joined(separator: ",")
            return "[\(quoted(column.name)),\(quoted(column.classes)),[\(texts)]]"
        }
        html.raw(
            #"<script type="application/json">{"x":[\#(places.joined(separator: ","))],"#
                + #""h":[\#(headings.joined(separator: ","))],"c":[\#(columns.joined(separator: ","))]}</script>"#)
    }

    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "<": result += "\\u003c"
            case _ where scalar.value < 0x20: result += " "
            case "\u{2028}", "\u{2029}": result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
