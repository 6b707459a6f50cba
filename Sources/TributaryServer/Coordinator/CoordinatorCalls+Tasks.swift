import Logging
import TributaryCore
package import TributaryWire

extension CoordinatorCalls {
    package func poll(_ request: WirePollRequest, from caller: Caller) async throws -> WirePollResponse {
        try check(protocolVersion: request.protocolVersion)
        let client = try client(caller)
        let (wait, energy) = (request.wait, try EnergyStatement(request))
        let abilities = TaskNeeds(request)
        var response = WirePollResponse()
        let answer = try await ask(client) {
            $0.polled(by: client, waiting: wait, abilities: abilities, energy: energy, call: $1, at: $2)
        }
        switch answer {
        case .task(let task): response.task = WireTask(task)
        case .noTask(let window): response.retry = WireRetryWindow(window)
        default: throw ConnectError.unexpectedAnswer
        }
        return response
    }

    package func heartbeat(
        _ request: WireHeartbeatRequest, from caller: Caller
    ) async throws -> WireHeartbeatResponse {
        let client = try client(caller)
        let task = try TaskID(wire: request.taskID)
        let answer = coordinator.consult { $0.heartbeat(from: client, task: task, at: $1) }
        var response = WireHeartbeatResponse()
        response.goesOn = answer.goesOn
        response.leaseMs = UInt64(max(0, answer.lease.inSeconds * 1000))
        response.timeLeftMs = UInt64(max(0, answer.timeLeft.inSeconds * 1000))
        return response
    }

    package func submit(_ request: WireSubmitRequest, from caller: Caller) async throws -> WireSubmitResponse {
        let client = try client(caller)
        let task = try TaskID(wire: request.taskID)
        let result = try TaskResult(request)
        let answer = try await ask(client) { $0.submitted(result, for: task, by: client, call: $1, at: $2) }
        guard case .receipt(let receipt, let isDuplicate, let retry) = answer else {
            throw ConnectError.unexpectedAnswer
        }
        return WireSubmitResponse(receipt, isDuplicate: isDuplicate, retry: retry)
    }

    package func reportFailure(
        _ request: WireReportFailureRequest, from caller: Caller
    ) async throws -> WireReportFailureResponse {
        let client = try client(caller)
        let task = try TaskID(wire: request.taskID)
        let cause = DropCause(request.cause)
        let message = try request.checkedMessage()
        coordinator.setting.logger.info(
            "\(client) gives task \(task) back (\(cause.rawValue))\(message.isEmpty ? "" : ": \(message)")")
        let answer = try await ask(client) { $0.gaveBack(task, by: client, cause: cause, call: $1, at: $2) }
        guard case .noTask(let window) = answer else { throw ConnectError.unexpectedAnswer }
        var response = WireReportFailureResponse()
        response.retry = WireRetryWindow(window)
        return response
    }
}
