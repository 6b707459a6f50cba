/// One parameter of a part of a strategy: its name, its meaning, and how it is read and written as text.
///
/// ```swift
/// PartParameter("tau", \.tau, "τ: added to the root of the second moment.", must: "a number above 0") { $0 > 0 }
/// ```
public struct PartParameter<Part>: Sendable {
    /// The parameter's name in plans.
    public let name: String
    /// What it means.
    public let summary: String
    /// What its values look like.
    public let form: String
    private let read: @Sendable (Part) -> String
    private let write: @Sendable (inout Part, String) -> Bool

    /// The parameter's value in a part.
    public func text(in part: Part) -> String { read(part) }

    /// Sets the parameter; false, with nothing changed, if `text` is no value of it.
    public func set(_ text: String, in part: inout Part) -> Bool { write(&part, text) }

    /// A number.
    public init(
        _ name: String, _ keyPath: any WritableKeyPath<Part, Double> & Sendable, _ summary: String,
        must form: String, where isAllowed: @escaping @Sendable (Double) -> Bool
    ) {
        self.init(name, value: keyPath, summary, must: form, where: isAllowed)
    }

    /// A whole number.
    public init(
        _ name: String, _ keyPath: any WritableKeyPath<Part, Int> & Sendable, _ summary: String,
        must form: String, where isAllowed: @escaping @Sendable (Int) -> Bool
    ) {
        self.init(name, value: keyPath, summary, must: form, where: isAllowed)
    }

    /// Something that is or is not.
    public init(_ name: String, _ keyPath: any WritableKeyPath<Part, Bool> & Sendable, _ summary: String) {
        self.init(name, value: keyPath, summary, must: Bool.form) { _ in true }
    }

    /// One of several choices, written as their raw values.
    public init<Choice: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ keyPath: any WritableKeyPath<Part, Choice> & Sendable, _ summary: String
    ) where Choice.RawValue == String {
        self.name = name
        self.summary = summary
        form = "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
        read = { $0[keyPath: keyPath].rawValue }
        write = { part, text in
            guard let choice = Choice(rawValue: text) else { return false }
            part[keyPath: keyPath] = choice
            return true
        }
    }

    /// Any value of plans.
    init<Value: PlanValue>(
        _ name: String, value keyPath: any WritableKeyPath<Part, Value> & Sendable, _ summary: String,
        must form: String, where isAllowed: @escaping @Sendable (Value) -> Bool
    ) {
        self.name = name
        self.summary = summary
        self.form = form
        read = { $0[keyPath: keyPath].planText }
        write = { part, text in
            guard let value = Value(planText: text), isAllowed(value) else { return false }
            part[keyPath: keyPath] = value
            return true
        }
    }
}
