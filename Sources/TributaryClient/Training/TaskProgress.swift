import Synchronization

/// How far the work on a task is: the trainer says so, the heartbeats pass it on.
public final class TaskProgress: Sendable {
    private let bits = Atomic<UInt64>(0)

    /// Nothing done yet.
    public init() {}

    /// The share of the work that is done, 0 to 1.
    public var fraction: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    /// Says what share of the work is done. Anything below 0, above 1 or not a number is taken for the nearest end.
    public func report(_ fraction: Double) {
        let clamped = fraction > 0 ? min(fraction, 1) : 0
        bits.store(clamped.bitPattern, ordering: .relaxed)
    }
}
