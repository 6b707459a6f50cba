public import TributaryCore

/// Who is at work between two steps where nobody waits for a round.
public struct BufferState: Hashable, Sendable {
    /// Who is at work, and since when.
    public var tasks: [BufferMachine.Task] = []
    /// The number of the last task.
    public var lastTask: UInt64 = 0
    /// The models that somebody at work was given, by their versions, but for the newest.
    public var models: [ModelVersion: [Float]] = [:]

    /// Nobody at work.
    public init() {}

    /// The versions of the models, the oldest first.
    var versions: [ModelVersion] { models.keys.sorted() }
}
