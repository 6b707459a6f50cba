import TributaryCore

/// Which facts each machine was told in which of its states: what the seeds have exercised.
public struct Coverage: Sendable {
    /// A machine whose states and facts are counted.
    public enum Machine: String, CaseIterable, Hashable, Sendable {
        /// `RunMachine`: its stages.
        case run
        /// `RunMachine` where the model moves as updates come: its stages.
        case buffer
        /// `RoundMachine`: its phases.
        case round
        /// `ClientSession`: its stages.
        case session
    }

    /// A state and a fact that it was told in it.
    public struct Pair: Hashable, Comparable, Sendable {
        /// Whose state.
        public var machine: Machine
        /// The state.
        public var state: String
        /// The fact.
        public var fact: String

        /// A pair with all its parts.
        public init(_ machine: Machine, _ state: String, _ fact: String) {
            (self.machine, self.state, self.fact) = (machine, state, fact)
        }

        /// The order of a report.
        public static func < (left: Pair, right: Pair) -> Bool {
            (left.machine.rawValue, left.state, left.fact) < (right.machine.rawValue, right.state, right.fact)
        }
    }

    /// How often each pair was reached.
    public private(set) var counts: [Pair: Int] = [:]

    mutating func note(_ machine: Machine, _ state: String, _ fact: String) {
        counts[Pair(machine, state, fact), default: 0] += 1
    }

    /// Adds another world's.
    public mutating func add(_ other: Coverage) {
        for (pair, count) in other.counts { counts[pair, default: 0] += count }
    }
}

extension ClientSession.Stage {
    /// The stage's name.
    var name: String {
        switch self {
        case .idle: "idle"
        case .downloading: "downloading"
        case .working: "working"
        case .uploading: "uploading"
        case .submitting: "submitting"
        case .returning: "returning"
        }
    }
}
