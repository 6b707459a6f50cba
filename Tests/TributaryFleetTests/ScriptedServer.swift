import Crypto
import Foundation
import SwiftProtobuf
import Synchronization
import TributaryClient
import TributaryCore
import TributaryFleet
import TributaryWire

/// A coordinator in memory that gives every client the same rounds to train, one after the other, and refuses what is no
/// update.
final class ScriptedServer: ClientTransport, FleetConnections {
    struct Member {
        var round = 1
        /// Whether the client has heard that its rounds are over.
        var isDone = false
        /// Submissions by task: how each was answered.
        var answers: [String: WireSubmitResponse] = [:]
    }

    struct State {
        var ids: [Data: UInt64] = [:]
        var members: [String: Member] = [:]
        var blobs: [BlobDigest: [UInt8]] = [:]
        var uploads: [BlobDigest: [UInt8]] = [:]
        var handedOut = 0
        var duplicates = 0
        var givenBack = 0
        var storms = 0
        /// Where clients last said that they are.
        var regions: [String: String] = [:]
    }

    let server = "https://scripted.test"
    private let rounds: Int
    private let clientCount: Int
    private let lease: Duration
    private let model: [UInt8]
    private let modelDigest: BlobDigest
    private let state = Mutex(State())
    private let finish = AsyncStream<Never>.makeStream()

    init(clients: Int, rounds: Int, parameters: Int, lease: Duration = .seconds(30)) {
        (clientCount, self.rounds, self.lease) = (clients, rounds, lease)
        model = TensorEncoding.float32.encoded([Float](repeating: 0.5, count: parameters))
        modelDigest = sha256(model)
    }

    var now: State { state.withLock { $0 } }

    /// Waits until every client has done all rounds.
    func finished() async { for await _ in finish.stream {} }

    func transport(for client: Int) -> any ClientTransport { self }
    func reconnect() async { state.withLock { $0.storms += 1 } }
    func shutdown() async {}

    func call(_ call: TransportCall) async throws -> TransportAnswer {
        do {
            return TransportAnswer(status: 200, contentType: "application/proto", body: try answer(call))
        } catch let error as ConnectError {
            return TransportAnswer(
                status: error.code.httpStatus, contentType: "application/json", body: error.body)
        }
    }

    private func answer(_ call: TransportCall) throws -> [UInt8] {
        func read<M: Message>(_ type: M.Type) throws -> M {
            try ConnectCoding.decode(type, from: call.body, as: .proto)
        }
        let who = call.credential ?? ""
        switch ConnectMethod(path: call.path) {
        case .register: return try write(register(try read(WireRegisterRequest.self)))
        case .poll:
            let region = try read(WirePollRequest.self).region
            state.withLock { $0.regions[who] = region }
            return try write(poll(who))
        case .submit: return try write(try submit(read(WireSubmitRequest.self), who))
        case .heartbeat:
            var answer = WireHeartbeatResponse()
            (answer.goesOn, answer.leaseMs, answer.timeLeftMs) = (true, 30_000, 600_000)
            return try write(answer)
        case .reportFailure:
            state.withLock { $0.givenBack += 1 }
            advance(who)
            return try write(WireReportFailureResponse())
        default: throw ConnectError(.unimplemented, "no")
        }
    }

    private func write(_ message: some Message) throws -> [UInt8] { try ConnectCoding.encode(message, as: .proto) }

    private func register(_ request: WireRegisterRequest) -> WireRegisterResponse {
        state.withLock { state in
            let id = state.ids[request.registrationKey] ?? UInt64(state.ids.count)
            state.ids[request.registrationKey] = id
            var answer = WireRegisterResponse()
            (answer.clientID, answer.credential) = (id, "client-\(id)")
            (answer.credentialLifetimeMs, answer.serverVersion) = (3_600_000, "0.1.0")
            return answer
        }
    }

    private func poll(_ who: String) -> WirePollResponse {
        defer { endIfAllAreDone() }
        return state.withLock { state in
            var answer = WirePollResponse()
            let round = state.members[who, default: Member()].round
            guard round <= rounds else {
                state.members[who]?.isDone = true
                (answer.retry.earliestMs, answer.retry.latestMs) = (3_600_000, 3_600_000)
                return answer
            }
            state.handedOut += 1
            answer.task = task(round)
            return answer
        }
    }

    private func task(_ round: Int) -> WireTask {
        var task = WireTask()
        task.id = "scripted/\(round)/train"
        task.kind = .train
        (task.run, task.round) = ("scripted", UInt64(round))
        task.model.sha256 = modelDigest.rawValue
        task.model.size = UInt64(model.count)
        task.model.encoding = .f32
        var tensor = WireTensor()
        (tensor.name, tensor.shape) = ("x", [UInt64(model.count / 4)])
        task.layout = [tensor]
        task.training.algorithm = "fedavg"
        (task.training.epochs, task.training.batchSize, task.training.learningRate) = (1, 10, 0.1)
        (task.seed, task.updateEncoding, task.updateBound, task.exampleLimit) = (7, .f32, 8, 1000)
        (task.leaseMs, task.timeLeftMs) = (UInt64(lease.inSeconds * 1000), 600_000)
        return task
    }

    private func submit(_ request: WireSubmitRequest, _ who: String) throws -> WireSubmitResponse {
        let (answer, isNew) = try state.withLock { state in
            if var answer = state.members[who]?.answers[request.taskID] {
                state.duplicates += 1
                answer.isDuplicate = true
                return (answer, false)
            }
            guard let bytes = state.blobs[sha256Named(request.training.update.sha256)] else {
                throw ConnectError(.failedPrecondition, "the update's bytes are not there")
            }
            var answer = WireSubmitResponse()
            answer.receipt = .refused
            if bytes.count != model.count {
                answer.refusal = .size
            } else if TensorEncoding.float32.decoded(bytes)?.allSatisfy(\.isFinite) != true {
                answer.refusal = .notFinite
            } else {
                answer.receipt = .accepted
            }
            state.members[who, default: Member()].answers[request.taskID] = answer
            return (answer, true)
        }
        if isNew { advance(who) }
        return answer
    }

    private func sha256Named(_ text: String) -> BlobDigest { BlobDigest(rawValue: text) ?? modelDigest }

    private func advance(_ who: String) {
        state.withLock { $0.members[who, default: Member()].round += 1 }
    }

    /// A client that asks again has got the answer to its last result.
    private func endIfAllAreDone() {
        let done = state.withLock { $0.members.values.count { $0.isDone } }
        if done == clientCount { finish.continuation.finish() }
    }
}

extension ScriptedServer {
    func download(
        _ digest: BlobDigest, from offset: Int, credential: String, into receiver: any DownloadReceiver
    ) async throws -> TransportAnswer {
        try receiver.begin(at: offset)
        for start in stride(from: offset, to: model.count, by: 16) {
            try await receiver.makeRoom()
            try model[start..<min(start + 16, model.count)].withUnsafeBytes { try receiver.receive($0) }
        }
        return TransportAnswer(status: offset > 0 ? 206 : 200, contentType: "application/octet-stream")
    }

    func uploadState(of digest: BlobDigest, credential: String) async throws -> TransportAnswer {
        let count = state.withLock { $0.blobs[digest]?.count ?? $0.uploads[digest]?.count }
        guard let count else { return TransportAnswer(status: 404, contentType: "application/json") }
        return TransportAnswer(status: 200, uploadOffset: "\(count)")
    }

    func upload(
        _ digest: BlobDigest, from offset: Int, of content: any UpdateContent, credential: String
    ) async throws -> TransportAnswer {
        let there = state.withLock { $0.blobs[digest]?.count ?? $0.uploads[digest, default: []].count }
        guard there == offset else { return TransportAnswer(status: 409, uploadOffset: "\(there)") }
        var place = offset
        while place < content.byteCount {
            let count = min(try await content.nextPiece(at: place), content.byteCount - place, 16)
            var piece = [UInt8](repeating: 0, count: count)
            try piece.withUnsafeMutableBytes { try content.read(at: place, into: $0) }
            state.withLock { $0.uploads[digest, default: []] += piece }
            place += count
        }
        return state.withLock { state in
            let bytes = state.uploads.removeValue(forKey: digest) ?? state.blobs[digest] ?? []
            guard sha256(bytes) == digest else { return TransportAnswer(status: 422) }
            state.blobs[digest] = bytes
            return TransportAnswer(status: 201)
        }
    }
}

func sha256(_ bytes: [UInt8]) -> BlobDigest {
    guard let digest = BlobDigest(bytes: Array(SHA256.hash(data: bytes))) else { preconditionFailure("no SHA-256") }
    return digest
}
