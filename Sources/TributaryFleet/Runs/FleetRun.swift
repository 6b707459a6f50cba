import TributaryClient
import TributaryCore
public import TributaryWire

/// A run that a fleet creates, or finds, and waits for the end of.
public struct FleetRun: Sendable {
    /// The run; the same request again finds the same run.
    public var request: RunRequest
    /// The operators' token.
    public var token: String

    /// A run of an operator's.
    public init(_ request: RunRequest, token: String) {
        (self.request, self.token) = (request, token)
    }

    /// Creates the run and watches it to its end. Outlives a server that is away for a while.
    func watch(over connections: any FleetConnections, _ tell: (FleetReport.Run) -> Void) async throws {
        var course = RunCourse()
        var known: WireRun?
        while true {
            do {
                let run =
                    if let known { try await next(after: known, connections) } else { try await make(connections) }
                known = run
                course.add(run, at: .now)
                tell(course.summary)
                if [.completed, .stopped, .failed].contains(run.state) { return }
            } catch let error as ClientError {
                guard case .transient = error.failure else { throw error }
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    private func make(_ connections: any FleetConnections) async throws -> WireRun {
        try await send(.createRun, WireCreateRunRequest(request), connections).run
    }

    private func next(after known: WireRun, _ connections: any FleetConnections) async throws -> WireRun {
        var request = WireWatchRunRequest()
        request.run = known.run
        request.knownRevision = known.revision
        request.waitMs = 10_000
        return try await send(.watchRun, request, connections).run
    }

    private func send<Request, Response>(
        _ call: ConnectCall<Request, Response>, _ request: Request, _ connections: any FleetConnections
    ) async throws -> Response {
        let line = connections.transport(for: 0)
        let answer = try await line.call(
            TransportCall(
                path: call.method.path, body: try ConnectCoding.encode(request, as: .proto), credential: token,
                timeout: .seconds(40)))
        guard answer.isMessage else {
            let error = answer.connectError
            let isPassing = [.unavailable, .resourceExhausted, .deadlineExceeded, .aborted].contains(error.code)
            throw ClientError(
                .refused, "\(line.server): \(call.method): \(error)", failure: isPassing ? .transient(nil) : .refused)
        }
        return try ConnectCoding.decode(Response.self, from: answer.body, as: .proto)
    }
}

/// What a run's states say about its pace.
struct RunCourse {
    private(set) var summary = FleetReport.Run()
    private var start: (instant: ContinuousClock.Instant, round: Int)?

    /// The run was seen in a state.
    mutating func add(_ run: WireRun, at now: ContinuousClock.Instant) {
        let rounds = Int(clamping: run.lastRound)
        // The first round begins when the run stops waiting for clients.
        if start == nil, run.state != .waiting || rounds > 0 { start = (now, rounds) }
        if let start, rounds > summary.rounds {
            summary.seconds = (now - start.instant).inSeconds
            summary.roundsPerSecond = Double(rounds - start.round) / max(summary.seconds, 1e-9)
        }
        summary.name = run.run
        summary.state = run.state.word
        summary.reason = run.reason
        (summary.rounds, summary.plannedRounds) = (rounds, Int(clamping: run.plannedRounds))
        guard run.hasLastReport else { return }
        let report = run.lastReport
        if report.hasTrainLoss { summary.trainLoss = report.trainLoss }
        if report.hasTestAccuracy { summary.testAccuracy = report.testAccuracy }
        if report.hasFederatedAccuracy { summary.federatedAccuracy = report.federatedAccuracy }
    }
}

extension WireRun.State {
    fileprivate var word: String {
        switch self {
        case .unspecified, .UNRECOGNIZED: "unknown"
        case .waiting: "waiting"
        case .training: "training"
        case .evaluating: "evaluating"
        case .paused: "paused"
        case .completed: "completed"
        case .stopped: "stopped"
        case .failed: "failed"
        }
    }
}
