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
            lines.append("\(indent)\(isUnset ? "# " : "")\(field.key): \(YAMLText.quoted(isUnset ? "none" : value))")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
