/// Builds HTML. What comes from outside goes through `text`, which escapes it; `raw` is for our own markup.
struct HTML {
    private(set) var content = ""

    mutating func raw(_ markup: String) {
        content += markup
    }

    mutating func text(_ text: String) {
        content += Self.escape(text)
    }

    /// `<tag attributes>text</tag>`, the text escaped.
    mutating func element(_ tag: String, _ attributes: String = "", _ text: String) {
        raw("<\(tag)\(attributes.isEmpty ? "" : " ")\(attributes)>\(Self.escape(text))</\(tag)>")
    }

    /// `<tag attributes>…</tag>` around what `body` adds.
    mutating func element(_ tag: String, _ attributes: String = "", body: (inout HTML) -> Void) {
        raw("<\(tag)\(attributes.isEmpty ? "" : " ")\(attributes)>")
        body(&self)
        raw("</\(tag)>\n")
    }

    /// The text with everything replaced that means something in an element or in a quoted attribute, and with
    /// control characters, which HTML does not allow, shown as U+FFFD.
    static func escape(_ text: String) -> String {
        guard text.utf8.contains(where: { isSpecial($0) }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "&") || byte == UInt8(ascii: "<")
            || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
    }
}

/// A table as data: a header, rows of cells, and which columns hold numbers.
struct Table {
    var caption: String
    var header: [String]
    var rows: [[String]]
    /// Columns whose cells are numbers and stand to the right.
    var numeric: Range<Int> = 0..<0

    /// The table without the columns in which no row says anything, such as accuracies of a regression.
    func withoutEmptyColumns() -> Table {
        let kept = header.indices.filter { column in column == 0 || rows.contains { $0[column] != "–" } }
        let first = kept.firstIndex { numeric.contains($0) } ?? 0
        return Table(
            caption: caption, header: kept.map { header[$0] }, rows: rows.map { row in kept.map { row[$0] } },
            numeric: first..<(first + kept.count { numeric.contains($0) }))
    }

    /// The caption stands above the part that scrolls, so that it is never wider than the page.
    func write(to html: inout HTML) {
        if !caption.isEmpty { html.element("p", #"class="caption""#, caption) }
        html.element("div", #"class="scroll""#) { html in
            html.element("table", caption.isEmpty ? "" : "aria-label=\"\(HTML.escape(caption))\"") { html in
                if !header.isEmpty {
                    html.element("thead") { html in
                        html.element("tr") { html in
                            for (place, name) in header.enumerated() {
                                html.element("th", #"scope="col""# + kind(place), name)
                            }
                        }
                    }
                }
                html.element("tbody") { html in
                    for row in rows { write(row, to: &html) }
                }
            }
        }
    }

    private func write(_ row: [String], to html: inout HTML) {
        html.element("tr") { html in
            for (place, cell) in row.enumerated() {
                place == 0
                    ? html.element("th", #"scope="row""# + kind(place), cell)
                    : html.element("td", kind(place).trimmingPrefix(" ").description, cell)
            }
        }
    }

    private func kind(_ column: Int) -> String {
        numeric.contains(column) ? #" class="n""# : ""
    }
}
