/// How progress is written: for a person at a terminal, for a log, or for a program.
public struct ProgressStyle: Hashable, Sendable {
    /// The form of the text.
    public enum Form: Hashable, Sendable {
        /// One line with a bar that is written over again and again, at most `width` characters wide.
        case bar(width: Int)
        /// A line a round.
        case lines
        /// A JSON object a line: `{"event":"round","summary":…}`, at the end `{"event":"run","record":…}`.
        case json
    }

    /// The form of the text.
    public var form: Form
    /// Whether to colour text with ANSI escapes. Never in JSON.
    public var usesColor: Bool
    /// Whether bars and dashes may be other than ASCII.
    public var usesUnicode: Bool

    /// A style; colours are off unless asked for.
    public init(_ form: Form, usesColor: Bool = false, usesUnicode: Bool = true) {
        (self.form, self.usesColor, self.usesUnicode) = (form, usesColor, usesUnicode)
    }

    enum Color: Int {
        case bold = 1
        case dim = 2
        case green = 32
        case yellow = 33
    }

    func paint(_ text: String, _ color: Color) -> String {
        usesColor && form != .json ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Text from outside without anything a terminal would take as a command, and with plain spaces.
    static func plain(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            result.append(isControl ? "?" : scalar == "\u{202F}" ? " " : scalar)
        }
        return String(result)
    }
}
