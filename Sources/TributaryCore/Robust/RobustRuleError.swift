/// Why a robust rule has no aggregate for a round, in one line that names the rule and the way out.
public struct RobustRuleError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of reasons.
    public enum Code: Hashable, Sendable {
        /// There are fewer contributions than the rule needs against so many adversaries.
        case tooFewContributions
        /// A contribution has a coordinate that is not finite.
        case notFinite(place: Int)
    }

    /// What it is.
    public let code: Code
    /// The line.
    public let description: String

    /// A rule that needs `least` contributions because of `condition` and has `count`; nil if that is enough.
    ///
    /// `rule` is the rule with its numbers, such as "Krum with f = 2"; `condition` such as "n ≥ 2f + 3".
    static func shortage(of count: Int, for rule: String, needing condition: String, least: Int) -> RobustRuleError? {
        guard count < least else { return nil }
        return RobustRuleError(
            code: .tooFewContributions,
            description: "\(rule) needs \(condition) = \(least) contributions, and there are \(count); "
                + "raise the quorum or lower what the rule assumes")
    }

    /// Any rule without contributions.
    static func nothing(for rule: String) -> RobustRuleError {
        RobustRuleError(
            code: .tooFewContributions, description: "\(rule) has no contributions to aggregate; raise the quorum")
    }

    /// A contribution, by its place in the order of client numbers, that should have been refused.
    static func notFinite(_ place: Int) -> RobustRuleError {
        RobustRuleError(
            code: .notFinite(place: place),
            description: "contribution \(place) (the first is 0) has a coordinate that is not finite; "
                + "refuse it and aggregate the others")
    }
}

/// Why nothing was aggregated: the rule cannot, or the updates cannot be read.
public enum RobustFailure<Reading: Error>: Error {
    /// The rule says no.
    case rule(RobustRuleError)
    /// The source or the sink failed.
    case source(Reading)
}

extension RobustFailure where Reading == Never {
    /// What the rule says: there is no other failure.
    var ruleError: RobustRuleError {
        switch self {
        case .rule(let error): error
        }
    }
}
