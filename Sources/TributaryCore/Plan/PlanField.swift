/// One field of a plan as text: its path in a plan file, its meaning, and how it is read and written.
///
/// This table is the plan's schema. Plan files, command-line flags, `run.json`, checkpoints, help texts and the
/// documentation are all made from it, so that they cannot disagree.
public struct PlanField: Sendable {
    /// Where the field stands in a plan file: `section.key`, or `key` at the top level.
    public let path: String
    /// What a value looks like.
    public let form: String
    /// What the field means.
    public let summary: String
    private let read: @Sendable (Plan) -> String
    private let write: @Sendable (inout Plan, String) throws(PlanValueError) -> Void

    /// The field's value in a plan.
    public func text(in plan: Plan) -> String { read(plan) }

    /// Sets the field; throws what the value must be if `text` is not one.
    public func set(_ text: String, in plan: inout Plan) throws(PlanValueError) {
        try write(&plan, text)
    }

    /// The field's value in a plan that says nothing about it.
    public var defaultText: String { read(Plan()) }

    /// The section that the field stands in; `run` for the top level.
    public var section: String { path.contains(".") ? String(path.prefix { $0 != "." }) : "run" }
    /// The field's name in its section.
    public var key: String { path.contains(".") ? String(path.drop { $0 != "." }.dropFirst()) : path }

    init<Value: PlanValue>(
        _ path: String, _ keyPath: any WritableKeyPath<Plan, Value> & Sendable, _ summary: String,
        must requirement: String? = nil, where isAllowed: @escaping @Sendable (Value) -> Bool = { _ in true }
    ) {
        self.path = path
        self.summary = summary
        let form = requirement ?? Value.form
        self.form = form
        read = { $0[keyPath: keyPath].planText }
        write = { plan, text throws(PlanValueError) in
            guard let value = Value(planText: text), isAllowed(value) else {
                throw PlanValueError(requirement: form)
            }
            plan[keyPath: keyPath] = value
        }
    }

    /// The field at `path`, if there is one.
    public static func named(_ path: String) -> PlanField? { byPath[path] }

    private static let byPath = Dictionary(uniqueKeysWithValues: all.map { ($0.path, $0) })
}

extension Plan {
    /// Every field as text: section → key → value.
    public var text: [String: [String: String]] {
        var result: [String: [String: String]] = [:]
        for field in PlanField.all { result[field.section, default: [:]][field.key] = field.text(in: self) }
        return result
    }
}
