package import TributaryCore
package import TributaryWire

/// Who calls, and how.
package struct Caller: Hashable, Sendable {
    /// What stands after `Authorization: Bearer`; nil without that header. Never logged.
    package var credential: String?
    /// The address the connection comes from.
    package var peer: String

    package init(credential: String?, peer: String) {
        self.credential = credential
        self.peer = peer
    }
}

extension ClientID {
    /// Who operators are where there has to be a client.
    package static let operators = ClientID(0)
}

/// What a server does for those who call: the seam between HTTP and the coordinator. Every method finds out itself
/// whether the caller may; all failures are `ConnectError`s. A call whose connection goes away is cancelled.
package protocol ServerCalls: Sendable {
    // Enrolment
    func register(_ request: WireRegisterRequest, from caller: Caller) async throws -> WireRegisterResponse
    func renew(_ request: WireRenewRequest, from caller: Caller) async throws -> WireRenewResponse
    func leave(_ request: WireLeaveRequest, from caller: Caller) async throws -> WireLeaveResponse

    // Tasks
    func poll(_ request: WirePollRequest, from caller: Caller) async throws -> WirePollResponse
    func heartbeat(_ request: WireHeartbeatRequest, from caller: Caller) async throws -> WireHeartbeatResponse
    func submit(_ request: WireSubmitRequest, from caller: Caller) async throws -> WireSubmitResponse
    func reportFailure(_ request: WireReportFailureRequest, from caller: Caller) async throws
        -> WireReportFailureResponse

    // Runs
    func createRun(_ request: WireCreateRunRequest, from caller: Caller) async throws -> WireCreateRunResponse
    func listRuns(_ request: WireListRunsRequest, from caller: Caller) async throws -> WireListRunsResponse
    func getRun(_ request: WireGetRunRequest, from caller: Caller) async throws -> WireGetRunResponse
    func watchRun(_ request: WireWatchRunRequest, from caller: Caller) async throws -> WireWatchRunResponse
    func pauseRun(_ request: WirePauseRunRequest, from caller: Caller) async throws -> WirePauseRunResponse
    func resumeRun(_ request: WireResumeRunRequest, from caller: Caller) async throws -> WireResumeRunResponse
    func stopRun(_ request: WireStopRunRequest, from caller: Caller) async throws -> WireStopRunResponse

    // Health
    func checkHealth(_ request: WireHealthCheckRequest, from caller: Caller) async throws -> WireHealthCheckResponse

    // Bytes
    /// Whether the caller may read a blob; throws if not.
    func authorizeDownload(of digest: BlobDigest, by caller: Caller) async throws
    /// How the numbers of a blob that the caller may read are written, if it may have it by its difference to another; nil if
    /// it is to have the whole.
    func differenceEncoding(of digest: BlobDigest, to base: BlobDigest, for caller: Caller) async -> TensorEncoding?
    /// Whose upload it is, and whether it may be begun or gone on with and be `byteCount` bytes long, or, with nil, be
    /// asked about; throws if not. Operators upload as `ClientID.operators`.
    func authorizeUpload(of digest: BlobDigest, byteCount: Int?, by caller: Caller) async throws -> ClientID
    /// Whether the caller shows the operator's token, for pages that only operators see; throws if not.
    func authorizeOperator(_ caller: Caller) async throws
    /// Who calls, for logs; nil for nobody that is known.
    func name(of caller: Caller) -> String?
}
