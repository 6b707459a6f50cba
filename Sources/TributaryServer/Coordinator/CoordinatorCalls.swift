import Crypto
import Foundation
package import TributaryCore
package import TributaryWire

/// What the coordinator does for those who call: who may what, and messages turned into facts and answers into messages.
package struct CoordinatorCalls: ServerCalls {
    /// The versions of the protocol that are spoken.
    static let protocolVersions = 1...1

    let coordinator: Coordinator
    private let operatorToken: SharedSecret
    private let joinToken: SharedSecret?

    /// Calls to a coordinator. Without a join token every client may register.
    package init(_ coordinator: Coordinator, operatorToken: String, joinToken: String? = nil) {
        self.coordinator = coordinator
        self.operatorToken = SharedSecret(operatorToken)
        self.joinToken = joinToken.map(SharedSecret.init)
    }

    /// The client that calls.
    func client(_ caller: Caller) throws(ConnectError) -> ClientID {
        guard let credential = caller.credential.flatMap({ Credential($0) }) else { throw ConnectError(.unknownClient) }
        let digest = credential.digest
        let isKnown = coordinator.consult { machine, now in
            machine.authenticate(credential.client, credential: digest, at: now)
        }
        guard isKnown else { throw ConnectError(.unknownClient) }
        return credential.client
    }

    package func name(of caller: Caller) -> String? {
        if isOperator(caller) { return "operator" }
        return (try? client(caller))?.description
    }

    private func isOperator(_ caller: Caller) -> Bool {
        caller.credential.map { operatorToken.isSame(as: $0) } ?? false
    }

    package func authorizeOperator(_ caller: Caller) async throws {
        guard !isOperator(caller) else { return }
        throw caller.credential == nil
            ? ConnectError(.unauthenticated, "this is for operators; show the operator's token")
            : ConnectError(.permissionDenied, "this is for operators, and the token shown is not the operator's")
    }

    /// Refuses clients that speak another protocol.
    func check(protocolVersion version: UInt32) throws(ConnectError) {
        guard let version = Int(exactly: version), Self.protocolVersions.contains(version) else {
            let side = version == 0 ? "older" : "newer"
            throw ConnectError(
                .failedPrecondition,
                "the client speaks version \(version) of the protocol, which is \(side) than this server's "
                    + "\(Self.protocolVersions.upperBound); use matching versions of Tributary")
        }
    }

    /// Asks the coordinator, and throws what it refuses.
    func ask(
        _ client: ClientID? = nil,
        _ fact: @Sendable (inout CoordinatorMachine, CallID, Instant) -> [CoordinatorAction]
    ) async throws -> CoordinatorAnswer {
        let answer = try await coordinator.ask(client, fact)
        if case .refused(let refusal) = answer { throw ConnectError(refusal) }
        return answer
    }
}

// MARK: Enrolment

extension CoordinatorCalls {
    package func register(_ request: WireRegisterRequest, from caller: Caller) async throws -> WireRegisterResponse {
        try check(protocolVersion: request.protocolVersion)
        let description = try ClientDescription(request)
        let (key, token) = try request.checkedSecrets()
        if let joinToken, !joinToken.isSame(as: token) {
            throw ConnectError(.unauthenticated, "the join token is not the one that the operator gave out")
        }
        let credential = Credential(for: ClientID(name: description.name, registrationKey: key))
        let registration = CoordinatorMachine.Registration(
            id: credential.client, description: description, key: .sha256(of: key), credential: credential.digest)
        guard
            case .registered(let client, let lifetime, let retry) = try await ask(
                nil, { $0.registering(registration, call: $1, at: $2) })
        else { throw ConnectError.unexpectedAnswer }
        var response = WireRegisterResponse()
        response.clientID = client.rawValue
        response.credential = credential.text
        response.credentialLifetimeMs = UInt64(max(0, lifetime.inSeconds * 1000))
        response.retry = WireRetryWindow(retry)
        response.serverVersion = coordinator.setting.version
        return response
    }

    package func renew(_ request: WireRenewRequest, from caller: Caller) async throws -> WireRenewResponse {
        let credential = Credential(for: try client(caller))
        let (client, digest) = (credential.client, credential.digest)
        guard
            case .renewed(let lifetime) = try await ask(
                nil, { $0.renewing(client, credential: digest, call: $1, at: $2) })
        else { throw ConnectError.unexpectedAnswer }
        var response = WireRenewResponse()
        response.credential = credential.text
        response.credentialLifetimeMs = UInt64(max(0, lifetime.inSeconds * 1000))
        return response
    }

    package func leave(_ request: WireLeaveRequest, from caller: Caller) async throws -> WireLeaveResponse {
        let client = try client(caller)
        guard case .left = try await ask(nil, { machine, call, _ in machine.leaving(client, call: call) }) else {
            throw ConnectError.unexpectedAnswer
        }
        return WireLeaveResponse()
    }

    package func checkHealth(
        _ request: WireHealthCheckRequest, from caller: Caller
    ) async throws -> WireHealthCheckResponse {
        var response = WireHealthCheckResponse()
        response.isReady = coordinator.isReady
        response.serverVersion = coordinator.setting.version
        response.oldestProtocolVersion = UInt32(Self.protocolVersions.lowerBound)
        response.newestProtocolVersion = UInt32(Self.protocolVersions.upperBound)
        response.minimumClientVersion = coordinator.setting.settings.minimumClientVersion?.description ?? ""
        return response
    }
}

// MARK: Bytes

extension CoordinatorCalls {
    package func authorizeDownload(of digest: BlobDigest, by caller: Caller) async throws {
        if isOperator(caller) { return }
        let client = try client(caller)
        guard coordinator.consult({ machine, _ in machine.mayRead(digest, client) }) else {
            throw ConnectError(.permissionDenied, "\(digest) is not a model of a task of the caller's")
        }
    }

    package func differenceEncoding(
        of digest: BlobDigest, to base: BlobDigest, for caller: Caller
    ) async -> TensorEncoding? {
        let client = isOperator(caller) ? nil : try? client(caller)
        guard client != nil || isOperator(caller) else { return nil }
        return coordinator.consult { machine, _ in machine.differenceEncoding(of: digest, to: base, for: client) }
    }

    package func authorizeUpload(
        of digest: BlobDigest, byteCount: Int?, by caller: Caller
    ) async throws -> ClientID {
        if isOperator(caller) { return .operators }
        let client = try client(caller)
        let answer: CoordinatorMachine.UploadAnswer =
            if let byteCount {
                coordinator.tell { machine, _ in machine.uploading(digest, byteCount: byteCount, by: client) }
            } else {
                coordinator.consult { machine, _ in machine.mayAsk(client) ? .welcome : .notExpected }
            }
        switch answer {
        case .welcome:
            return client
        case .notExpected:
            throw ConnectError(.permissionDenied, "no update is expected of the caller now")
        case .wrongSize(let size):
            let given = byteCount ?? 0
            throw ConnectError(.invalidArgument, "the update has \(given) bytes; the task's takes \(size)")
        case .tooMany(let limit, let window):
            throw ConnectError(
                .resourceExhausted,
                "\(limit) uploads were begun for the task, which takes one update; go on with one of them",
                retry: window)
        }
    }
}
