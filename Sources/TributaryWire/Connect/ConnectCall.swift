public import SwiftProtobuf

/// A call together with the messages that go with it, so that a caller cannot mix them up.
///
/// ```swift
/// let answer = try await connection.call(.poll, request)   // a WirePollResponse, if request is a WirePollRequest
/// ```
public struct ConnectCall<Request: Message, Response: Message>: Hashable, Sendable {
    /// Where it is posted to.
    public let method: ConnectMethod

    init(_ method: ConnectMethod) {
        self.method = method
    }
}

extension ConnectCall where Request == WireRegisterRequest, Response == WireRegisterResponse {
    /// Makes a client known.
    public static var register: Self { Self(.register) }
}

extension ConnectCall where Request == WireRenewRequest, Response == WireRenewResponse {
    /// Exchanges a credential for a fresh one.
    public static var renew: Self { Self(.renew) }
}

extension ConnectCall where Request == WireLeaveRequest, Response == WireLeaveResponse {
    /// Forgets a client.
    public static var leave: Self { Self(.leave) }
}

extension ConnectCall where Request == WirePollRequest, Response == WirePollResponse {
    /// Asks for a task.
    public static var poll: Self { Self(.poll) }
}

extension ConnectCall where Request == WireHeartbeatRequest, Response == WireHeartbeatResponse {
    /// Renews a task's lease.
    public static var heartbeat: Self { Self(.heartbeat) }
}

extension ConnectCall where Request == WireSubmitRequest, Response == WireSubmitResponse {
    /// Hands in a task's result.
    public static var submit: Self { Self(.submit) }
}

extension ConnectCall where Request == WireReportFailureRequest, Response == WireReportFailureResponse {
    /// Gives a task back.
    public static var reportFailure: Self { Self(.reportFailure) }
}

extension ConnectCall where Request == WireCreateRunRequest, Response == WireCreateRunResponse {
    /// Creates a run.
    public static var createRun: Self { Self(.createRun) }
}

extension ConnectCall where Request == WireListRunsRequest, Response == WireListRunsResponse {
    /// Lists the runs.
    public static var listRuns: Self { Self(.listRuns) }
}

extension ConnectCall where Request == WireGetRunRequest, Response == WireGetRunResponse {
    /// Says how a run is.
    public static var getRun: Self { Self(.getRun) }
}

extension ConnectCall where Request == WireWatchRunRequest, Response == WireWatchRunResponse {
    /// Waits for a run to change.
    public static var watchRun: Self { Self(.watchRun) }
}

extension ConnectCall where Request == WirePauseRunRequest, Response == WirePauseRunResponse {
    /// Opens no new rounds for a while.
    public static var pauseRun: Self { Self(.pauseRun) }
}

extension ConnectCall where Request == WireResumeRunRequest, Response == WireResumeRunResponse {
    /// Goes on with a run.
    public static var resumeRun: Self { Self(.resumeRun) }
}

extension ConnectCall where Request == WireStopRunRequest, Response == WireStopRunResponse {
    /// Ends a run.
    public static var stopRun: Self { Self(.stopRun) }
}

extension ConnectCall where Request == WireHealthCheckRequest, Response == WireHealthCheckResponse {
    /// Says whether the server is there.
    public static var checkHealth: Self { Self(.checkHealth) }
}
