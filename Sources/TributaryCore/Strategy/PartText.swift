/// A part of a strategy as a plan names it: `adam`, or `adam:tau=0.01,beta1=0.8`.
///
/// Only the form is checked here; which parts there are, and what parameters they take, a `Catalogue` knows.
public struct PartText: Hashable, Sendable, CustomStringConvertible {
    /// One parameter that is said.
    public struct Setting: Hashable, Sendable {
        /// The parameter's name.
        public var name: String
        /// Its value as text.
        public var value: String

        /// A setting with both its parts.
        public init(name: String, value: String) {
            (self.name, self.value) = (name, value)
        }
    }

    /// The part's name.
    public var name: String
    /// The parameters that are said, in their order.
    public var settings: [Setting]

    /// A part by name with some of its parameters.
    public init(name: String, settings: [Setting] = []) {
        (self.name, self.settings) = (name, settings)
    }

    /// The text, as a plan file says it.
    public var description: String {
        guard !settings.isEmpty else { return name }
        return name + ":" + settings.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
    }
}

extension PartText: PlanValue {
    package static var form: String { "a name, or a name with parameters as in NAME:PARAMETER=VALUE,PARAMETER=VALUE" }

    package init?(planText text: String) {
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = Self.word(halves[0]) else { return nil }
        self.init(name: name)
        guard halves.count == 2 else { return }
        for piece in halves[1].split(separator: ",", omittingEmptySubsequences: false) {
            let sides = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let name = Self.word(sides[0]), let value = Self.word(sides[1]) else { return nil }
            settings.append(Setting(name: name, value: value))
        }
    }

    package var planText: String { description }

    /// A text without the blanks around it, in lower case; nil if nothing is left or it could not be read back.
    private static func word(_ text: Substring) -> String? {
        let trimmed = text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
        let isSound = trimmed.allSatisfy { $0.isASCII && !$0.isWhitespace && !",:=".contains($0) }
        return trimmed.isEmpty || !isSound ? nil : String(trimmed).lowercased()
    }
}
