import TributaryCore

/// A plan as a plan file, with every field and its meaning.
enum PlanTemplate {
    /// The plan's fields with their values; comments say what each means and what it may be.
    static func text(of plan: Plan) -> String {
        var lines: [String] = []
        var section = "run"
        for field in PlanField.all {
            if field.section != section {
                section = field.section
                lines += ["", "\(section):"]
            }
            let indent = section == "run" ? "" : "  "
            let value = field.text(in: plan)
            let isUnset = value.isEmpty || value == "none"
            lines.append("\(indent)# \(field.summary) Form: \(field.form).")
            lines.append("\(indent)\(isUnset ? "# " : "")\(field.key): \(quoted(isUnset ? "none" : value))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// YAML reads most of our values as plain words; those it would not are quoted.
    private static func quoted(_ value: String) -> String {
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
