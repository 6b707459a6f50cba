import Crypto
import Foundation
import Synchronization
import TributaryClient
import TributaryCore
import TributaryWire

/// What a client asked of the fake server.
enum Request: Hashable, Sendable {
    case call(ConnectMethod)
    case download(offset: Int)
    /// The difference between two models, which the server has.
    case difference
    case uploadState
    case upload(offset: Int)
}

/// What befalls a request.
enum Fault: Sendable {
    /// The server does not see it.
    case lost(any Error)
    /// The server does it, the answer is lost.
    case answerLost(any Error)
    /// The server refuses it.
    case refused(ConnectError)
    /// The server does not see it: a proxy answers with a page and an HTTP status.
    case page(Int)
    /// The transfer breaks off after so many bytes.
    case cut(Int)
    /// A byte is changed on the way.
    case corrupted
}

/// The process was killed.
struct Killed: Error {}

let offline = ClientError(.unreachable, "fake: not there", failure: .transient(nil))

/// A coordinator in memory that speaks the protocol's messages, with faults by a script.
final class FakeServer: ClientTransport {
    struct State {
        var joinToken = ""
        var models: [BlobDigest: [UInt8]] = [:]
        /// Whether it has differences between models.
        var makesDifferences = true
        /// What becomes of the bytes of a difference on the way.
        var tamper: @Sendable (inout [UInt8]) -> Void = { _ in }
        var tasks: [WireTask] = []
        var clients: [Data: UInt64] = [:]
        var credentials: Set<String> = []
        var credentialLifetime: UInt64 = 3_600_000
        var issued = 0
        var uploads: [BlobDigest: [UInt8]] = [:]
        var blobs: [BlobDigest: [UInt8]] = [:]
        var submissions: [String: WireSubmitRequest] = [:]
        var duplicates = 0
        var failures: [WireReportFailureRequest] = []
        var requests: [Request] = []
        var credentialsShown: [String?] = []
        var goesOn = true
        var beats: [Float] = []
        var pollWindow = WireRetryWindow()
        /// Whether the last poll said so.
        var addsNoise: Bool?
        /// The last poll.
        var lastPoll: WirePollRequest?
        /// Whether the last poll said so.
        var measuresLoss: Bool?
    }

    let server = "https://fake.test"
    let state = Mutex(State())
    private let fault: @Sendable (Request, Int) -> Fault?

    /// A server at which `fault` may befall each request, counted from 0 on among all.
    init(fault: @escaping @Sendable (Request, Int) -> Fault? = { _, _ in nil }) {
        self.fault = fault
    }

    var requests: [Request] { state.withLock { $0.requests } }
    var submissions: [String: WireSubmitRequest] { state.withLock { $0.submissions } }
    var failures: [WireReportFailureRequest] { state.withLock { $0.failures } }

    func count(_ method: ConnectMethod) -> Int { requests.count { $0 == .call(method) } }

    /// Offers a task with a model of the given values.
    func offer(
        _ id: String, model values: [Float], timeLeft: Duration = .seconds(600),
        edit: (inout WireTask) -> Void = { _ in }
    ) {
        let bytes = TensorEncoding.float32.encoded(values)
        let digest = sha256(bytes)
        var task = WireTask()
        task.id = id
        task.kind = id.hasSuffix("train") ? .train : id.hasSuffix("measure") ? .measure : .evaluate
        task.model.sha256 = digest.rawValue
        task.model.size = UInt64(bytes.count)
        task.model.encoding = .f32
        var tensor = WireTensor()
        tensor.name = "w"
        tensor.shape = [UInt64(values.count)]
        task.layout = [tensor]
        if task.kind == .train {
            task.training.algorithm = "fedavg"
            task.training.epochs = 1
            task.training.batchSize = 10
            task.training.learningRate = 0.1
        }
        task.seed = 7
        task.updateEncoding = .f32
        task.updateBound = 8
        task.exampleLimit = 1000
        task.leaseMs = 30_000
        task.timeLeftMs = UInt64(timeLeft.inSeconds * 1000)
        edit(&task)
        state.withLock {
            $0.models[digest] = bytes
            $0.tasks.append(task)
        }
    }

    private func note(_ request: Request, _ credential: String?) -> Fault? {
        let number = state.withLock { state in
            state.requests.append(request)
            state.credentialsShown.append(credential)
            return state.requests.count - 1
        }
        return fault(request, number)
    }

    private func guarded(
        _ request: Request, _ credential: String?, _ work: () throws -> TransportAnswer
    ) async throws -> TransportAnswer {
        switch note(request, credential) {
        case .lost(let error): throw error
        case .refused(let error): return answer(error)
        case .page(let status): return Self.page(status)
        case .answerLost(let error):
            _ = try work()
            throw error
        case nil, .cut, .corrupted: return try work()
        }
    }

    private func answer(_ error: ConnectError) -> TransportAnswer {
        let window = error.retry.map { "\(Int($0.earliest.inSeconds * 1000))-\(Int($0.latest.inSeconds * 1000))" }
        return TransportAnswer(
            status: error.code.httpStatus, contentType: "application/json", body: error.body, retryWindow: window)
    }

    private static func page(_ status: Int) -> TransportAnswer {
        TransportAnswer(
            status: status, contentType: "text/html; charset=utf-8", body: Array("<html>sign in</html>".utf8))
    }

    private func isKnown(_ credential: String?) -> Bool {
        state.withLock { $0.credentials.contains(credential ?? "") }
    }

    func call(_ call: TransportCall) async throws -> TransportAnswer {
        guard let method = ConnectMethod(path: call.path) else { return TransportAnswer(status: 404) }
        return try await guarded(.call(method), call.credential) {
            guard method == .register || isKnown(call.credential) else {
                return answer(ConnectError(.unauthenticated, "who are you?"))
            }
            do {
                return TransportAnswer(
                    status: 200, contentType: "application/proto", body: try dispatch(method, call.body))
            } catch let error as ConnectError {
                return answer(error)
            }
        }
    }

    private func dispatch(_ method: ConnectMethod, _ body: [UInt8]) throws -> [UInt8] {
        switch method {
        case .register: try ConnectCoding.encode(register(try read(body)), as: .proto)
        case .renew: try ConnectCoding.encode(renew(), as: .proto)
        case .poll: try ConnectCoding.encode(poll(try read(body)), as: .proto)
        case .heartbeat: try ConnectCoding.encode(heartbeat(try read(body)), as: .proto)
        case .submit: try ConnectCoding.encode(submit(try read(body)), as: .proto)
        case .reportFailure: try ConnectCoding.encode(giveBack(try read(body)), as: .proto)
        default: throw ConnectError(.unimplemented, "no")
        }
    }

    func download(
        _ digest: BlobDigest, from offset: Int, credential: String, into receiver: any DownloadReceiver
    ) async throws -> TransportAnswer {
        let fault = note(.download(offset: offset), credential)
        if case .lost(let error) = fault { throw error }
        if case .refused(let error) = fault { return answer(error) }
        if case .page(let status) = fault { return Self.page(status) }
        guard isKnown(credential) else { return answer(ConnectError(.unauthenticated, "who are you?")) }
        guard var bytes = state.withLock({ $0.models[digest] }) else {
            return answer(ConnectError(.notFound, "no such blob"))
        }
        if case .corrupted = fault { bytes[bytes.count - 1] ^= 1 }
        try receiver.begin(at: offset)
        var end = bytes.count
        if case .cut(let count) = fault { end = min(end, offset + count) }
        // In odd pieces, as networks do.
        for start in stride(from: offset, to: end, by: 7) {
            try bytes[start..<min(start + 7, end)].withUnsafeBytes { try receiver.receive($0) }
        }
        if end < bytes.count { throw offline }
        if case .answerLost(let error) = fault { throw error }
        return TransportAnswer(status: offset > 0 ? 206 : 200, contentType: "application/octet-stream")
    }

    func download(
        _ digest: BlobDigest, basedOn base: BlobDigest, credential: String, into receiver: any DownloadReceiver,
        difference: any DownloadReceiver
    ) async throws -> TransportAnswer {
        let (new, old, tamper) = state.withLock { state in
            (state.models[digest], state.makesDifferences ? state.models[base] : nil, state.tamper)
        }
        let values = [old, new].compactMap { $0.flatMap { TensorEncoding.float32.decoded($0) } }
        guard values.count == 2, var bytes = ModelDelta.encoded(from: values[0], to: values[1]) else {
            return try await download(digest, from: 0, credential: credential, into: receiver)
        }
        let fault = note(.difference, credential)
        if case .lost(let error) = fault { throw error }
        if case .refused(let error) = fault { return answer(error) }
        if case .page(let status) = fault { return Self.page(status) }
        tamper(&bytes)
        var end = bytes.count
        if case .cut(let count) = fault { end = min(end, count) }
        try difference.begin(at: 0)
        for start in stride(from: 0, to: end, by: 7) {
            try bytes[start..<min(start + 7, end)].withUnsafeBytes { try difference.receive($0) }
        }
        if end < bytes.count { throw offline }
        return TransportAnswer(status: ModelDeltaAnswer.status, contentType: ModelDeltaAnswer.contentType)
    }

    func uploadState(of digest: BlobDigest, credential: String) async throws -> TransportAnswer {
        try await guarded(.uploadState, credential) {
            guard isKnown(credential) else { return answer(ConnectError(.unauthenticated, "who are you?")) }
            let count = state.withLock { $0.uploads[digest]?.count ?? $0.blobs[digest]?.count }
            guard let count else { return TransportAnswer(status: 404, contentType: "application/json") }
            return TransportAnswer(status: 200, uploadOffset: "\(count)")
        }
    }

    func upload(
        _ digest: BlobDigest, from offset: Int, of content: any UpdateContent, credential: String
    ) async throws -> TransportAnswer {
        let fault = note(.upload(offset: offset), credential)
        if case .lost(let error) = fault { throw error }
        if case .refused(let error) = fault { return answer(error) }
        if case .page(let status) = fault { return Self.page(status) }
        guard isKnown(credential) else { return answer(ConnectError(.unauthenticated, "who are you?")) }
        var end = content.byteCount
        if case .cut(let count) = fault { end = min(end, offset + count) }
        var bytes = [UInt8](repeating: 0, count: end - offset)
        try bytes.withUnsafeMutableBytes { try content.read(at: offset, into: $0) }
        if case .corrupted = fault { bytes[0] ^= 1 }
        let result = append(bytes, to: digest, at: offset, whole: content.byteCount)
        if end < content.byteCount { throw offline }
        if case .answerLost(let error) = fault { throw error }
        return result
    }

    private func append(_ bytes: [UInt8], to digest: BlobDigest, at offset: Int, whole: Int) -> TransportAnswer {
        state.withLock { state in
            if state.blobs[digest] != nil { return TransportAnswer(status: 201) }
            let there = state.uploads[digest]?.count ?? 0
            guard there == offset else { return TransportAnswer(status: 409, uploadOffset: "\(there)") }
            state.uploads[digest, default: []] += bytes
            guard let all = state.uploads[digest], all.count == whole else {
                return TransportAnswer(status: 204, uploadOffset: "\(there + bytes.count)")
            }
            state.uploads[digest] = nil
            guard sha256(all) == digest else {
                let error = ConnectError(.invalidArgument, "the bytes have another digest")
                return TransportAnswer(status: 422, contentType: "application/json", body: error.body)
            }
            state.blobs[digest] = all
            return TransportAnswer(status: 201)
        }
    }
}

func sha256(_ bytes: [UInt8]) -> BlobDigest {
    guard let digest = BlobDigest(bytes: SHA256.hash(data: bytes).map { $0 }) else { preconditionFailure() }
    return digest
}
