/// A run on a coordinator: a short name that is unique there, such as `mnist-3`.
public struct RunID: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// The name itself: 1 to 64 lower-case letters, digits and hyphens, beginning with a letter or digit.
    public let rawValue: String

    /// The run of the given name; nil if it is not one that a run can have.
    public init?(rawValue: String) {
        let isPlain = rawValue.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        guard (1...64).contains(rawValue.utf8.count), isPlain, rawValue.utf8.first != 45 else { return nil }
        self.rawValue = rawValue
    }

    /// What a message calls it.
    public var description: String { "run \(rawValue)" }

    /// Whether one name comes first alphabetically.
    public static func < (left: RunID, right: RunID) -> Bool { left.rawValue < right.rawValue }
}

/// What a task asks of a client.
public enum TaskKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// Train the model on local data and send the update.
    case train
    /// Score the model on local data.
    case evaluate
}

/// One round's work of one kind in one run. With a client it names that client's task.
///
/// As text it is `run/round/kind`, for example `mnist-3/12/train`.
public struct TaskID: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The run.
    public var run: RunID
    /// The round.
    public var round: RoundNumber
    /// What is to be done.
    public var kind: TaskKind

    /// A task's name with all its parts.
    public init(run: RunID, round: RoundNumber, kind: TaskKind) {
        self.run = run
        self.round = round
        self.kind = kind
    }

    /// Reads a task's name; nil if the text is none.
    public init?(_ text: String) {
        guard text.utf8.count <= 128 else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, let run = RunID(rawValue: String(parts[0])), let number = Int(parts[1]), number >= 1,
            let kind = TaskKind(rawValue: String(parts[2]))
        else { return nil }
        self.init(run: run, round: RoundNumber(number), kind: kind)
    }

    /// The name as text.
    public var description: String { "\(run.rawValue)/\(round.rawValue)/\(kind.rawValue)" }
}
