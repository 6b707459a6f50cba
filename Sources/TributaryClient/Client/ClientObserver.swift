public import TributaryCore

/// Is told what a client does; does not steer it. Called from the client's own tasks: be quick.
public protocol ClientObserver: Sendable {
    /// Something happened.
    func observed(_ event: ClientEvent)
}

/// An observer that looks away.
public struct SilentObserver: ClientObserver {
    /// An observer of nothing.
    public init() {}

    /// Nothing.
    public func observed(_ event: ClientEvent) {}
}

/// What a client does, in the order of its course.
public enum ClientEvent: Sendable {
    /// The server knows the client by a number.
    case registered(ClientID, serverVersion: String)
    /// A result from before a restart goes on being handed in.
    case resumed(TaskID)
    /// The server gave a task.
    case taskReceived(TaskDescription)
    /// The conditions are not met: for asking (no task), or for the task.
    case declined(TaskID?, reason: String)
    /// The model is there: bytes that came over the network (0 from memory), and the time it took.
    case downloaded(TaskID, byteCount: Int, Duration)
    /// The trainer is done.
    case worked(TaskID, TaskResult, Duration)
    /// The update's bytes are on the server's disk: how many were sent now, and the time it took.
    case uploaded(TaskID, byteCount: Int, Duration)
    /// The server answered the result.
    case receipt(TaskID, TaskReceipt, Duration)
    /// The task was given back.
    case gaveBack(TaskID, TaskFailure)
    /// The task was over before its result was handed in.
    case taskOver(TaskID)
    /// Something failed; what follows is the session's decision. A failure that ends the client is not told: `run` throws
    /// it.
    case failed(ClientCall, ClientError)
    /// The server is there again, or a transfer goes on, after one failure or more.
    case recovered
    /// The store failed, as on a full disk. The client goes on; until it can keep things again, less outlives the process.
    case stateNotKept(ClientError)
    /// Something of the client's state is damaged and was set aside, or is gone.
    case stateSetAside(String)
}

/// What a server says to a result.
public struct TaskReceipt: Hashable, Sendable {
    /// What becomes of the result.
    public var verdict: RoundMachine.Answer
    /// Whether the result had been handed in before: the verdict is the one that it got.
    public var isDuplicate: Bool

    /// A receipt with both its parts.
    public init(_ verdict: RoundMachine.Answer, isDuplicate: Bool = false) {
        self.verdict = verdict
        self.isDuplicate = isDuplicate
    }
}
