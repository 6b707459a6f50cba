import Foundation
import SwiftProtobuf
import Synchronization
import TributaryCore
import TributaryWire

extension FakeServer {
    func read<Message: SwiftProtobuf.Message>(_ body: [UInt8]) throws -> Message {
        try ConnectCoding.decode(Message.self, from: body, as: .proto)
    }

    func register(_ request: WireRegisterRequest) throws -> WireRegisterResponse {
        try state.withLock { state in
            guard request.joinToken == state.joinToken else {
                throw ConnectError(.unauthenticated, "wrong join token")
            }
            let id = state.clients[request.registrationKey] ?? UInt64(state.clients.count + 1)
            state.clients[request.registrationKey] = id
            state.issued += 1
            var answer = WireRegisterResponse()
            answer.clientID = id
            answer.credential = "credential-\(state.issued)"
            answer.credentialLifetimeMs = state.credentialLifetime
            answer.serverVersion = "0.1.0"
            state.credentials.insert(answer.credential)
            return answer
        }
    }

    func renew() -> WireRenewResponse {
        state.withLock { state in
            state.issued += 1
            var answer = WireRenewResponse()
            answer.credential = "credential-\(state.issued)"
            answer.credentialLifetimeMs = state.credentialLifetime
            state.credentials = [answer.credential]
            return answer
        }
    }

    func poll(_ request: WirePollRequest) -> WirePollResponse {
        state.withLock { state in
            (state.addsNoise, state.measuresLoss) = (request.addsNoise, request.measuresLoss)
            state.lastPoll = request
            var answer = WirePollResponse()
            answer.retry = state.pollWindow
            let failed = Set(state.failures.map(\.taskID))
            let task = state.tasks.first { state.submissions[$0.id] == nil && !failed.contains($0.id) }
            if let task { answer.task = task }
            return answer
        }
    }

    func heartbeat(_ request: WireHeartbeatRequest) -> WireHeartbeatResponse {
        state.withLock { state in
            state.beats.append(request.progress)
            var answer = WireHeartbeatResponse()
            answer.goesOn = state.goesOn
            answer.leaseMs = 30_000
            answer.timeLeftMs = 600_000
            return answer
        }
    }

    func submit(_ request: WireSubmitRequest) throws -> WireSubmitResponse {
        try state.withLock { state in
            var answer = WireSubmitResponse()
            answer.receipt = .accepted
            if state.submissions[request.taskID] != nil {
                state.duplicates += 1
                answer.isDuplicate = true
                return answer
            }
            if case .training(let training) = request.result {
                guard let digest = BlobDigest(rawValue: training.update.sha256), state.blobs[digest] != nil else {
                    throw ConnectError(.failedPrecondition, "the update's bytes are not there")
                }
            }
            state.submissions[request.taskID] = request
            return answer
        }
    }

    func giveBack(_ request: WireReportFailureRequest) -> WireReportFailureResponse {
        state.withLock { $0.failures.append(request) }
        return WireReportFailureResponse()
    }

    /// The update that was accepted for a task.
    func update(of task: String) -> [Float]? {
        state.withLock { state in
            guard case .training(let training)? = state.submissions[task]?.result,
                let digest = BlobDigest(rawValue: training.update.sha256)
            else { return nil }
            return state.blobs[digest].flatMap { TensorEncoding.float32.decoded($0) }
        }
    }
}
