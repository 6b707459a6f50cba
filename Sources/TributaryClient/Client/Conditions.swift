public import TributaryCore

/// Whether now is a good time: a client asks before it asks for a task, and again when one is there.
///
/// ```swift
/// struct OnlyOnPower: Conditions {
///     func check(_ task: TaskDescription?) async -> Readiness {
///         Battery.isCharging ? .proceed : .decline("on battery", retry: .minutes(10, 30))
///     }
/// }
/// ```
public protocol Conditions: Sendable {
    /// Whether to ask for a task (`task` is nil) or to do the one given.
    func check(_ task: TaskDescription?) async -> Readiness
}

/// The answer to whether now is a good time.
public enum Readiness: Hashable, Sendable {
    /// Go ahead.
    case proceed
    /// Not now. The reason goes to the operator's log, so nothing private; ask again within the window.
    case decline(String, retry: RetryWindow)
}

/// Any time is good.
public struct AlwaysReady: Conditions {
    /// Conditions that are always met.
    public init() {}

    /// Goes ahead.
    public func check(_ task: TaskDescription?) async -> Readiness { .proceed }
}

extension RetryWindow {
    /// From some minutes from now to some more.
    public static func minutes(_ earliest: Int, _ latest: Int) -> RetryWindow {
        RetryWindow(earliest: .seconds(60 * earliest), latest: .seconds(60 * latest))
    }
}
