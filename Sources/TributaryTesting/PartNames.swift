import TributaryCore

/// What parts of strategies are called.
enum PartNames {
    /// Whether a text is lower-case letters, digits and hyphens.
    static func isName(_ text: String) -> Bool {
        let isSound = text.utf8.allSatisfy { byte in (97...122).contains(byte) || (48...57).contains(byte) || byte == 45
        }
        return !text.isEmpty && isSound
    }
}

extension StrategyPart {
    /// What keeps a plan from naming the part, or a record from saying what it was, in words.
    var namingViolations: [String] {
        var broken: [String] = []
        if (try? Self(text, of: "part")) != self {
            broken.append("'\(text)' does not read back as what it was written from")
        }
        for name in [text.name] + text.settings.map(\.name) where !PartNames.isName(name) {
            broken.append("'\(name)' is no name of lower-case letters, digits and hyphens")
        }
        let names = Self.parameters.map(\.name)
        if Set(names).count != names.count { broken.append("two parameters have one name") }
        let about = Self.about
        if about.summary.isEmpty || about.paper.isEmpty || about.combinations.isEmpty {
            broken.append("it does not say what it does, where it is from or what it goes with")
        }
        return broken
    }
}
