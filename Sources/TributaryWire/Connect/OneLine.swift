/// Texts that came from outside, made fit for one line of a log or a terminal.
package enum OneLine {
    /// The text up to `byteLimit` bytes of UTF-8, whole characters only, with control characters replaced by `?`.
    package static func of(_ text: String, byteLimit: Int) -> String {
        var result = ""
        var bytes = 0
        // Of a text of any length only the beginning is read. A shown byte stands for two code points at most: a carriage
        // return with its line feed, both of which are one `?`.
        for character in String(text.unicodeScalars.prefix(2 * byteLimit + 2)) {
            let shown = character.unicodeScalars.contains(where: isControl) ? "?" : character
            bytes += shown.utf8.count
            guard bytes <= byteLimit else { return result + "…" }
            result.append(shown)
        }
        return result
    }

    /// Whether a text has no control character in it.
    package static func holds(_ text: String) -> Bool {
        !text.unicodeScalars.contains(where: isControl)
    }

    /// Control characters, and those that break lines or turn the direction of writing.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
