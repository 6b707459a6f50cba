import TributaryCore
package import TributaryWire

extension CoordinatorCalls {
    package func createRun(
        _ request: WireCreateRunRequest, from caller: Caller
    ) async throws -> WireCreateRunResponse {
        try await authorizeOperator(caller)
        let request = try RunRequest(request)
        let row = try await NewRun(request, coordinator.setting).row()
        var response = WireCreateRunResponse()
        let key = coordinator.setting.makeNoiseKey()
        response.run = try await run { $0.creating(row, noiseKey: key, call: $1, at: $2) }
        return response
    }

    package func listRuns(_ request: WireListRunsRequest, from caller: Caller) async throws -> WireListRunsResponse {
        try await authorizeOperator(caller)
        var response = WireListRunsResponse()
        response.runs = coordinator.consult { $0.allStatuses(at: $1) }.map(WireRun.init)
        return response
    }

    package func getRun(_ request: WireGetRunRequest, from caller: Caller) async throws -> WireGetRunResponse {
        try await authorizeOperator(caller)
        let run = try RunID(wire: request.run)
        guard let status = coordinator.consult({ $0.status(of: run, at: $1) }) else {
            throw ConnectError(.unknownRun(run))
        }
        var response = WireGetRunResponse()
        response.run = WireRun(status)
        if request.withRounds {
            do {
                response.rounds = try await coordinator.allRounds(of: run).map { WireRoundReport($0.summary) }
            } catch {
                throw ConnectError(.unavailable, "the rounds cannot be read: \(error)")
            }
        }
        return response
    }

    package func watchRun(_ request: WireWatchRunRequest, from caller: Caller) async throws -> WireWatchRunResponse {
        try await authorizeOperator(caller)
        let run = try RunID(wire: request.run)
        let (known, wait) = (request.knownRevision, request.wait)
        var response = WireWatchRunResponse()
        response.run = try await self.run { $0.watching(run, known: known, waiting: wait, call: $1, at: $2) }
        return response
    }

    package func pauseRun(_ request: WirePauseRunRequest, from caller: Caller) async throws -> WirePauseRunResponse {
        try await authorizeOperator(caller)
        let run = try RunID(wire: request.run)
        var response = WirePauseRunResponse()
        response.run = try await self.run { $0.pausing(run, call: $1, at: $2) }
        return response
    }

    package func resumeRun(
        _ request: WireResumeRunRequest, from caller: Caller
    ) async throws -> WireResumeRunResponse {
        try await authorizeOperator(caller)
        let run = try RunID(wire: request.run)
        var response = WireResumeRunResponse()
        response.run = try await self.run { $0.resuming(run, call: $1, at: $2) }
        return response
    }

    package func stopRun(_ request: WireStopRunRequest, from caller: Caller) async throws -> WireStopRunResponse {
        try await authorizeOperator(caller)
        let run = try RunID(wire: request.run)
        var response = WireStopRunResponse()
        response.run = try await self.run { $0.stopping(run, call: $1, at: $2) }
        return response
    }

    private func run(
        _ fact: @Sendable (inout CoordinatorMachine, CallID, Instant) -> [CoordinatorAction]
    ) async throws -> WireRun {
        guard case .run(let status) = try await ask(nil, fact) else { throw ConnectError.unexpectedAnswer }
        return WireRun(status)
    }
}
