/// Values as YAML texts.
enum YAMLText {
    /// YAML reads most of our values as plain words; those it would not are quoted.
    static func quoted(_ value: String) -> String {
        let isPlain = value.allSatisfy { $0.isLetter || $0.isNumber || "-_.:,/%".contains($0) }
        let isWord = value.first.map { $0.isLetter || $0.isNumber || $0 == "/" } ?? false
        return isPlain && isWord && !value.hasSuffix(":") ? value : "\"\(value.unicodeScalars.map(escaped).joined())\""
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\\": "\\\\"
        case "\"": "\\\""
        case "\n": "\\n"
        case "\t": "\\t"
        case _ where scalar.value < 0x20 || scalar.value == 0x7f:
            "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        default: String(scalar)
        }
    }
}
