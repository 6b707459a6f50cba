import Synchronization
import TributaryCore
import TributaryServer
import TributaryWire

/// A coordinator's stand-in: says what tests want to hear.
final class StubCalls: ServerCalls {
    func name(of caller: Caller) -> String? { caller.credential == Self.credential ? "client 1" : nil }

    static let credential = "good-credential"
    static let operatorToken = "operator-token"
    static let client = ClientID(7)

    struct Fault: Error {
        var secret: String
    }

    /// What a poll answers; the default waits until it is cancelled if the request has a wait, as a long poll does.
    let onPoll: @Sendable (WirePollRequest) async throws -> WirePollResponse
    /// Hears of long polls that have begun, and of those that were cancelled.
    let begun = AsyncStream<Void>.makeStream()
    let cancelled = AsyncStream<Void>.makeStream()
    let isReady = Mutex(true)
    let lastCaller = Mutex<Caller?>(nil)
    /// The models that there may be differences to.
    let bases = Mutex<Set<BlobDigest>>([])

    init(onPoll: (@Sendable (WirePollRequest) async throws -> WirePollResponse)? = nil) {
        self.onPoll = onPoll ?? { _ in WirePollResponse() }
    }

    func register(_ request: WireRegisterRequest, from caller: Caller) async throws -> WireRegisterResponse {
        lastCaller.withLock { $0 = caller }
        var answer = WireRegisterResponse()
        answer.clientID = 42
        answer.credential = "for \(request.name)"
        return answer
    }

    func poll(_ request: WirePollRequest, from caller: Caller) async throws -> WirePollResponse {
        try check(caller)
        guard request.waitMs > 0 else { return try await onPoll(request) }
        begun.continuation.yield()
        for await _ in AsyncStream<Void>.makeStream().stream {}
        cancelled.continuation.yield()
        throw CancellationError()
    }

    func renew(_ request: WireRenewRequest, from caller: Caller) async throws -> WireRenewResponse {
        throw Fault(secret: "the database's password")
    }

    func leave(_ request: WireLeaveRequest, from caller: Caller) async throws -> WireLeaveResponse {
        let window = RetryWindow(earliest: .milliseconds(1500), latest: .seconds(4))
        throw ConnectError(.unavailable, "come back", retry: window)
    }

    func heartbeat(_ request: WireHeartbeatRequest, from caller: Caller) async throws -> WireHeartbeatResponse {
        .init()
    }
    func submit(_ request: WireSubmitRequest, from caller: Caller) async throws -> WireSubmitResponse { .init() }
    func reportFailure(
        _ request: WireReportFailureRequest, from caller: Caller
    ) async throws -> WireReportFailureResponse { .init() }
    func createRun(_ request: WireCreateRunRequest, from caller: Caller) async throws -> WireCreateRunResponse {
        .init()
    }
    func listRuns(_ request: WireListRunsRequest, from caller: Caller) async throws -> WireListRunsResponse { .init() }
    func getRun(_ request: WireGetRunRequest, from caller: Caller) async throws -> WireGetRunResponse { .init() }
    func watchRun(_ request: WireWatchRunRequest, from caller: Caller) async throws -> WireWatchRunResponse { .init() }
    func pauseRun(_ request: WirePauseRunRequest, from caller: Caller) async throws -> WirePauseRunResponse { .init() }
    func resumeRun(_ request: WireResumeRunRequest, from caller: Caller) async throws -> WireResumeRunResponse {
        .init()
    }
    func stopRun(_ request: WireStopRunRequest, from caller: Caller) async throws -> WireStopRunResponse { .init() }

    func checkHealth(_ request: WireHealthCheckRequest, from caller: Caller) async throws -> WireHealthCheckResponse {
        var answer = WireHealthCheckResponse()
        answer.isReady = isReady.withLock { $0 }
        answer.serverVersion = "1.2.3"
        return answer
    }

    func authorizeDownload(of digest: BlobDigest, by caller: Caller) async throws {
        try check(caller)
    }

    func differenceEncoding(
        of digest: BlobDigest, to base: BlobDigest, for caller: Caller
    ) async -> TensorEncoding? {
        bases.withLock { $0.contains(base) } ? .float32 : nil
    }

    func authorizeUpload(of digest: BlobDigest, byteCount: Int?, by caller: Caller) async throws -> ClientID {
        try check(caller)
        return Self.client
    }

    func authorizeOperator(_ caller: Caller) async throws {
        guard caller.credential == Self.operatorToken else {
            throw ConnectError(.unauthenticated, "the operator's token is wrong")
        }
    }

    private func check(_ caller: Caller) throws {
        guard caller.credential == Self.credential else {
            throw ConnectError(.unauthenticated, "register again")
        }
    }
}
