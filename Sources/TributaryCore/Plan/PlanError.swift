/// What is wrong with a plan, in one line that names the field and the way out.
public struct PlanError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The line.
    public var description: String

    /// An error that says `description`.
    public init(_ description: String) {
        self.description = description
    }

    /// A field whose value is not allowed.
    static func value(_ path: String, _ text: String, must requirement: String) -> PlanError {
        PlanError("\(path) is '\(text)'; it must be \(requirement)")
    }
}

extension Plan {
    /// Sets the field at `path` from text, as a plan file or a flag says it.
    public mutating func set(_ path: String, to text: String) throws(PlanError) {
        guard let field = PlanField.named(path) else {
            throw PlanError(
                "unknown plan field '\(path)'" + Suggestion.sentence(for: path, in: PlanField.all.map(\.path)))
        }
        do throws(PlanValueError) {
            try field.set(text, in: &self)
        } catch {
            throw .value(path, text, must: error.requirement)
        }
    }

    /// A plan from the text of its fields, as records and checkpoints hold it. Unknown fields are an error.
    public init(text: [String: [String: String]]) throws(PlanError) {
        self.init()
        // In a fixed order, so that of several errors the same one is reported every time.
        for (section, fields) in text.sorted(by: { $0.key < $1.key }) {
            for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
                try set(section == "run" ? key : "\(section).\(key)", to: value)
            }
        }
    }
}
