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
    /// Say the loss of the model on all training examples, by which clients are chosen for a round. Nothing of it is kept.
    case measure
}

/// One round's work of one kind in one run. With a client it names that client's task.
///
/// As text it is `run/round/kind`, for example `mnist-3/12/train`; where the model moves as updates come, and clients are
/// invited wave after wave, `run/round/kind/wave`.
public struct TaskID: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The run.
    public var run: RunID
    /// The round.
    public var round: RoundNumber
    /// What is to be done.
    public var kind: TaskKind
    /// In a run whose model moves as updates come: which clients of those that were invited while the round was open,
    /// numbered from 1. A client that is done may so be given the round's model again. Nil in other runs.
    public var wave: Int?

    /// A task's name with all its parts.
    public init(run: RunID, round: RoundNumber, kind: TaskKind, wave: Int? = nil) {
        self.run = run
        self.round = round
        self.kind = kind
        self.wave = wave
    }

    /// Reads a task's name; nil if the text is none.
    public init?(_ text: String) {
        guard text.utf8.count <= 128 else { return nil }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3 || parts.count == 4, let run = RunID(rawValue: String(parts[0])),
            let number = Int(parts[1]), number >= 1, let kind = TaskKind(rawValue: String(parts[2]))
        else { return nil }
        self.init(run: run, round: RoundNumber(number), kind: kind)
        guard parts.count == 4 else { return }
        guard let wave = Int(parts[3]), wave >= 1 else { return nil }
        self.wave = wave
    }

    /// The name as text.
    public var description: String {
        "\(run.rawValue)/\(round.rawValue)/\(kind.rawValue)\(wave.map { "/\($0)" } ?? "")"
    }

    /// Whether one was given out before the other, of two of the same kind in the same run.
    static func isEarlier(_ left: TaskID, _ right: TaskID) -> Bool {
        (left.round, left.wave ?? 0) < (right.round, right.wave ?? 0)
    }
}
