import SwiftProtobuf
import TributaryCore
import TributaryWire

/// The calls of the protocol in the client's words: every failure comes out as a `ClientError`.
struct Coordinator: Sendable {
    let transport: any ClientTransport
    let description: ClientDescription
    let timeouts: ClientSettings.Timeouts
    var energy = EnergyStatement()

    func register(key: [UInt8], joinToken: String) async throws -> WireRegisterResponse {
        let request = WireRegisterRequest(description, registrationKey: key, joinToken: joinToken)
        return try await send(.register, request, nil, as: .register)
    }

    func renew(_ credential: String) async throws -> WireRenewResponse {
        try await send(.renew, WireRenewRequest(), credential, as: .renew)
    }

    func poll(_ credential: String) async throws -> WirePollResponse {
        var request = WirePollRequest()
        request.protocolVersion = 1
        request.addsNoise = true
        request.state(energy)
        request.measuresLoss = true
        request.personalises = true
        request.waitMs = UInt64(max(0, timeouts.pollWait.inSeconds * 1000))
        return try await send(.poll, request, credential, as: .poll, timeouts.pollWait + timeouts.call)
    }

    func heartbeat(_ id: TaskID, progress: Double, _ credential: String) async throws -> WireHeartbeatResponse {
        var request = WireHeartbeatRequest()
        request.taskID = id.description
        request.progress = Float(progress)
        return try await send(.heartbeat, request, credential, as: .heartbeat)
    }

    func submit(_ finished: FinishedTask, _ credential: String) async throws -> WireSubmitResponse {
        let request = WireSubmitRequest(task: finished.id, result: finished.result)
        return try await send(.submit, request, credential, as: .submit)
    }

    func giveBack(
        _ id: TaskID, _ failure: TaskFailure, _ credential: String
    ) async throws -> WireReportFailureResponse {
        let cause: WireReportFailureRequest.Cause =
            switch failure.cause {
            case .failed: .failed
            case .declined: .declined
            case .noData: .noData
            }
        let request = WireReportFailureRequest(task: id, cause: cause, message: failure.message)
        return try await send(.reportFailure, request, credential, as: .giveBack)
    }

    private func send<Request: Message, Response: Message>(
        _ call: ConnectCall<Request, Response>, _ request: Request, _ credential: String?, as kind: ClientCall,
        _ timeout: Duration? = nil
    ) async throws -> Response {
        let body: [UInt8]
        do {
            body = try ConnectCoding.encode(request, as: .proto)
        } catch {
            throw ClientError(.malformed, "\(call.method): the request cannot be written", failure: .refused)
        }
        let answer = try await transport.call(
            TransportCall(
                path: call.method.path, body: body, credential: credential, timeout: timeout ?? timeouts.call))
        guard answer.isMessage else { throw refusal(answer, of: kind) }
        do {
            return try ConnectCoding.decode(Response.self, from: answer.body, as: .proto)
        } catch {
            throw ClientError(
                .malformed, "\(transport.server): its answer to \(call.method) cannot be read (\(error.message))",
                failure: .transient(nil))
        }
    }
}
