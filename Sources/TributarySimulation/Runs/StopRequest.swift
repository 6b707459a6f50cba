import Synchronization

/// A request to end a run after its open round; made from a signal handler or another thread, and never taken back.
public final class StopRequest: Sendable {
    private let flag = Atomic(false)

    /// No request yet.
    public init() {}

    /// Makes the request.
    public func make() {
        flag.store(true, ordering: .relaxed)
    }

    /// Whether it was made.
    public var isMade: Bool { flag.load(ordering: .relaxed) }
}
