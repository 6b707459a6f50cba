import Foundation
import SwiftProtobuf
import Synchronization
import TributaryClient
import TributaryCore
import TributaryFleet
import TributaryWire

/// A server in memory on which a coordinator's machine decides. A client whose name ends in a number is the client of that
/// number, as in simulation.
final class CoordinatorServer: ClientTransport, FleetConnections {
    private typealias Reply = (continuation: CheckedContinuation<CoordinatorAnswer, Never>, answer: CoordinatorAnswer)
    typealias Fact = @Sendable (inout CoordinatorMachine, CallID, Instant) -> [CoordinatorAction]

    private struct State {
        var coordinator: PlainCoordinator
        var waiting: [CallID: CheckedContinuation<CoordinatorAnswer, Never>] = [:]

        /// Tells a fact; returns the calls that have an answer now. When the run is over, nobody is left waiting.
        mutating func tell(
            _ fact: Fact, _ continuation: CheckedContinuation<CoordinatorAnswer, Never>
        ) -> [Reply] {
            waiting[coordinator.tell(fact)] = continuation
            var replies: [Reply] = []
            for (call, answer) in coordinator.takeAnswers() {
                if let waiter = waiting.removeValue(forKey: call) { replies.append((waiter, answer)) }
            }
            if coordinator.isOver {
                let later = RetryWindow(earliest: .seconds(3600), latest: .seconds(3600))
                replies += waiting.values.map { ($0, .noTask(later)) }
                waiting = [:]
            }
            return replies
        }
    }

    let server = "https://scripted.test"
    private let state: Mutex<State>
    private let finish = AsyncStream<Never>.makeStream()

    init(_ plan: Plan, weights: [Float]) {
        state = Mutex(State(coordinator: PlainCoordinator(plan, weights: weights)))
    }

    /// The coordinator as it is now.
    var coordinator: PlainCoordinator { state.withLock { $0.coordinator } }

    /// Waits until the run is over.
    func finished() async { for await _ in finish.stream {} }

    func transport(for client: Int) -> any ClientTransport { self }
    func reconnect() async {}
    func shutdown() async {}

    func call(_ call: TransportCall) async throws -> TransportAnswer {
        defer { if coordinator.isOver { finish.continuation.finish() } }
        do {
            return TransportAnswer(status: 200, contentType: "application/proto", body: try await answer(call))
        } catch let error as ConnectError {
            return TransportAnswer(
                status: error.code.httpStatus, contentType: "application/json", body: error.body)
        }
    }

    private func ask(_ fact: @escaping Fact) async -> CoordinatorAnswer {
        await withCheckedContinuation { continuation in
            let replies = state.withLock { $0.tell(fact, continuation) }
            for (continuation, answer) in replies { continuation.resume(returning: answer) }
        }
    }

    private func answer(_ call: TransportCall) async throws -> [UInt8] {
        func read<M: Message>(_ type: M.Type) throws -> M {
            try ConnectCoding.decode(type, from: call.body, as: .proto)
        }
        let client = ClientID(UInt64(call.credential ?? "") ?? .max)
        switch ConnectMethod(path: call.path) {
        case .register: return try write(try await register(try read(WireRegisterRequest.self)))
        case .poll: return try write(try await poll(try read(WirePollRequest.self), client))
        case .submit: return try write(try await submit(try read(WireSubmitRequest.self), client))
        case .heartbeat:
            var answer = WireHeartbeatResponse()
            (answer.goesOn, answer.leaseMs, answer.timeLeftMs) = (true, 600_000, 600_000)
            return try write(answer)
        case .reportFailure:
            let failure = try read(WireReportFailureRequest.self)
            state.withLock { $0.coordinator.failed("\(client) gives \(failure.taskID) back: \(failure.message)") }
            return try write(WireReportFailureResponse())
        default: throw ConnectError(.unimplemented, "no")
        }
    }

    private func write(_ message: some Message) throws -> [UInt8] { try ConnectCoding.encode(message, as: .proto) }

    private func register(_ request: WireRegisterRequest) async throws -> WireRegisterResponse {
        let description = try ClientDescription(request)
        let number = UInt64(description.name.split(separator: "-").last ?? "") ?? .max
        let registration = CoordinatorMachine.Registration(
            id: ClientID(number), description: description, key: sha256(Array(request.registrationKey)),
            credential: sha256(Array(description.name.utf8)))
        guard case .registered = await ask({ $0.registering(registration, call: $1, at: $2) }) else {
            throw ConnectError(.unavailable, "no registrations any more")
        }
        var answer = WireRegisterResponse()
        (answer.clientID, answer.credential) = (number, "\(number)")
        (answer.credentialLifetimeMs, answer.serverVersion) = (3_600_000, "0.1.0")
        return answer
    }

    private func poll(_ request: WirePollRequest, _ client: ClientID) async throws -> WirePollResponse {
        let wait = request.wait
        var response = WirePollResponse()
        switch await ask({ $0.polled(by: client, waiting: wait, call: $1, at: $2) }) {
        case .task(let task): response.task = WireTask(task)
        case .noTask(let window): response.retry = WireRetryWindow(window)
        case let other: throw ConnectError(.unavailable, "\(other)")
        }
        return response
    }

    private func submit(_ request: WireSubmitRequest, _ client: ClientID) async throws -> WireSubmitResponse {
        let (task, result) = (try TaskID(wire: request.taskID), try TaskResult(request))
        switch await ask({ $0.submitted(result, for: task, by: client, call: $1, at: $2) }) {
        case .receipt(let receipt, let isDuplicate, let retry):
            return WireSubmitResponse(receipt, isDuplicate: isDuplicate, retry: retry)
        case let other: throw ConnectError(.unavailable, "\(other)")
        }
    }
}

extension CoordinatorServer {
    func download(
        _ digest: BlobDigest, from offset: Int, credential: String, into receiver: any DownloadReceiver
    ) async throws -> TransportAnswer {
        guard let bytes = coordinator.blobs[digest] else { return TransportAnswer(status: 404) }
        try receiver.begin(at: offset)
        try await receiver.makeRoom()
        try bytes.dropFirst(offset).withUnsafeBytes { try receiver.receive($0) }
        return TransportAnswer(status: offset > 0 ? 206 : 200, contentType: "application/octet-stream")
    }

    func uploadState(of digest: BlobDigest, credential: String) async throws -> TransportAnswer {
        guard let count = coordinator.blobs[digest]?.count else {
            return TransportAnswer(status: 404, contentType: "application/json")
        }
        return TransportAnswer(status: 200, uploadOffset: "\(count)")
    }

    func upload(
        _ digest: BlobDigest, from offset: Int, of content: any UpdateContent, credential: String
    ) async throws -> TransportAnswer {
        guard offset == 0 else { return TransportAnswer(status: 409, uploadOffset: "0") }
        var bytes: [UInt8] = []
        while bytes.count < content.byteCount {
            let count = min(try await content.nextPiece(at: bytes.count), content.byteCount - bytes.count)
            var piece = [UInt8](repeating: 0, count: count)
            try piece.withUnsafeMutableBytes { try content.read(at: bytes.count, into: $0) }
            bytes += piece
        }
        guard sha256(bytes) == digest else { return TransportAnswer(status: 422) }
        let whole = bytes
        state.withLock { $0.coordinator.blobs[digest] = whole }
        return TransportAnswer(status: 201)
    }
}
