/// The fewest contributions that let a round commit: a number of clients, or a share of those a round wants.
public enum Quorum: Hashable, Sendable {
    /// So many clients.
    case count(Int)
    /// This share of the wanted clients, rounded up.
    case share(Double)

    /// The number for a round that wants `goal` clients; at least 1.
    public func count(of goal: Int) -> Int {
        switch self {
        case .count(let count): count
        case .share(let share): max(1, Int(roundingUp: share, of: goal))
        }
    }
}

extension Int {
    /// `factor` · `count` rounded up. Where the nearest binary fraction puts the product a hair above a whole number,
    /// as 0.07 · 100 = 7.000000000000001, it is that number.
    init(roundingUp factor: Double, of count: Int) {
        self = Int((factor * Double(count) * (1 - 0x1p-50)).rounded(.up))
    }
}

/// Examples a step.
public enum BatchSize: Hashable, Sendable {
    /// So many.
    case examples(Int)
    /// All of the client's.
    case full
}

/// What is wrong with the text of a value.
public struct PlanValueError: Error, Hashable, Sendable {
    /// What the value must be, as in "must be a number above 0".
    public var requirement: String

    /// An error that says what the value must be.
    package init(requirement: String) {
        self.requirement = requirement
    }
}

/// A value that can be written as one word of text, in plans and in a server's settings.
package protocol PlanValue: Sendable {
    /// What such a value looks like, as in "a whole number".
    static var form: String { get }
    init?(planText text: String)
    var planText: String { get }
}

extension Int: PlanValue {
    package static var form: String { "a whole number" }
    package init?(planText text: String) { self.init(text.filter { $0 != "_" }) }
    package var planText: String { String(self) }
}

extension UInt64: PlanValue {
    package static var form: String { "a whole number from 0 to 18446744073709551615" }
    package init?(planText text: String) { self.init(text) }
    package var planText: String { String(self) }
}

extension Double: PlanValue {
    package static var form: String { "a number" }
    package init?(planText text: String) {
        if text.hasSuffix("%"), let percent = Double(text.dropLast()) {
            self = percent / 100
        } else {
            self.init(text)
        }
    }
    /// Whole numbers without the point, so that what a person wrote is what the record says.
    package var planText: String {
        self == rounded() && magnitude < 1e15 ? String(Int(self)) : String(self)
    }
}

extension Bool: PlanValue {
    package static var form: String { "true or false" }
    package init?(planText text: String) {
        switch text.lowercased() {
        case "true", "yes", "on", "1": self = true
        case "false", "no", "off", "0": self = false
        default: return nil
        }
    }
    package var planText: String { self ? "true" : "false" }
}

extension String: PlanValue {
    package static var form: String { "text" }
    package init?(planText text: String) { self = text }
    package var planText: String { self }
}

extension Optional: PlanValue where Wrapped: PlanValue {
    package static var form: String { "\(Wrapped.form), or none" }
    package init?(planText text: String) {
        if text == "none" {
            self = .none
        } else if !text.isEmpty, let value = Wrapped(planText: text) {
            self = value
        } else {
            return nil
        }
    }
    package var planText: String { map(\.planText) ?? "none" }
}

extension PlanValue where Self: RawRepresentable & CaseIterable, RawValue == String {
    package static var form: String { "one of " + allCases.map(\.rawValue).joined(separator: ", ") }
    package init?(planText text: String) { self.init(rawValue: text.lowercased()) }
    package var planText: String { rawValue }
}

extension Plan.Algorithm: PlanValue {}
extension Plan.Data.Task: PlanValue {}
extension Plan.Data.Missing: PlanValue {}
extension Plan.Evaluation.Baselines: PlanValue {}
extension Plan.Local.PartialWork: PlanValue {}
extension UpdateWeighting: PlanValue {}
extension TensorEncoding: PlanValue {}

extension Duration: PlanValue {
    package static var form: String { "a time such as 500ms, 60s, 10m or 2h" }
    private static let units: [(suffix: String, seconds: Double)] = [
        ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400),
    ]
    package init?(planText text: String) {
        for unit in Self.units where text.hasSuffix(unit.suffix) {
            guard let number = Double(text.dropLast(unit.suffix.count)), number >= 0, number * unit.seconds < 1e9 else {
                continue
            }
            self.init(planSeconds: number * unit.seconds)
            return
        }
        guard let seconds = Double(text), seconds >= 0, seconds < 1e9 else { return nil }
        self.init(planSeconds: seconds)
    }
    /// Whole nanoseconds, so that a plan read back from its text is the same plan.
    private init(planSeconds seconds: Double) {
        self = .nanoseconds(Int64((seconds * 1e9).rounded()))
    }
    package var planText: String { ((inSeconds * 1e9).rounded() / 1e9).planText + "s" }
}

extension Quorum: PlanValue {
    package static var form: String { "a number of clients, or a share such as 80%" }
    package init?(planText text: String) {
        if let count = Int(text) {
            self = .count(count)
        } else if let share = Double(planText: text) {
            self = .share(share)
        } else {
            return nil
        }
    }
    package var planText: String {
        switch self {
        case .count(let count): String(count)
        case .share(let share):
            // 0.07 · 100 is not 7 in binary, and a record must say what the person said.
            ((share * 1e12).rounded() / 1e10 / 100 == share ? (share * 1e12).rounded() / 1e10 : share * 100).planText
                + "%"
        }
    }
}

extension BatchSize: PlanValue {
    package static var form: String { "a number of examples, or full" }
    package init?(planText text: String) {
        if text == "full" {
            self = .full
        } else if let count = Int(planText: text) {
            self = .examples(count)
        } else {
            return nil
        }
    }
    package var planText: String {
        switch self {
        case .examples(let count): String(count)
        case .full: "full"
        }
    }
}
