internal import TributaryMath

/// A field of the plan that a sweep varies, and the values it takes.
///
/// As text: values between commas, `0.01,0.03,0.1`; between bars where values hold commas themselves, `mlp:100|mlp:200,200`;
/// or a range to draw from, ``SweepRange``.
public struct SweepAxis: Hashable, Sendable {
    /// What a field takes.
    public enum Values: Hashable, Sendable {
        /// These, as a plan says them; at least one, no two alike.
        case list([String])
        /// Whatever is drawn.
        case range(SweepRange)
    }

    /// The field's path in a plan.
    public let field: String
    /// What it takes.
    public let values: Values

    /// An axis from its text.
    ///
    /// - Parameter base: the plan that is varied.
    /// - Throws: `PlanError` if there is no such field, or it refuses one of the values.
    public init(field path: String, values text: String, on base: Plan) throws(PlanError) {
        field = path
        guard let field = PlanField.named(path) else {
            // What says that there is no such field, and which one may be meant.
            var plan = base
            try plan.set(path, to: text)
            preconditionFailure("a plan took a field that is not in its table")
        }
        if let range = try SweepRange(text, for: field, on: base) {
            values = .range(range)
            return
        }
        var list: [String] = []
        for word in Self.words(of: text) {
            var plan = base
            try plan.set(path, to: word)
            let value = field.text(in: plan)
            guard !list.contains(value) else {
                throw PlanError("\(path) lists \(value) twice; leave one of them out")
            }
            list.append(value)
        }
        values = .list(list)
    }

    private static func words(of text: String) -> [String] {
        let words = text.split(separator: text.contains("|") ? "|" : ",", omittingEmptySubsequences: false)
        return words.map { word in
            let start = word.drop { $0 == " " }
            return String(start.reversed().drop { $0 == " " }.reversed())
        }
    }

    /// The values as text, from which the same axis is read.
    public var text: String {
        switch values {
        case .range(let range): range.text
        case .list(let list): list.joined(separator: list.contains { $0.contains(",") } ? "|" : ",")
        }
    }

    /// The number of values; nil if they cannot be counted.
    var count: Int? {
        switch values {
        case .list(let list): list.count
        case .range(let range): range.count
        }
    }

    /// The next value of a random search; those of a list are equally likely.
    func draw(from stream: inout RandomStream) -> String {
        switch values {
        case .list(let list): list[stream.uniform(below: list.count)]
        case .range(let range): range.draw(from: &stream)
        }
    }
}
