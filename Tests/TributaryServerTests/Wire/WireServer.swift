import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import SwiftProtobuf
import Testing
import TributaryCore
import TributaryServer
import TributaryStore
import TributaryWire

/// The whole server on a free port of this machine: what `tributary serve` is made of, over a ledger and a store on disk.
struct WireServer: Sendable {
    static let operatorToken = "the-operators-token"
    static let joinToken = "the-join-token"

    let port: Int
    let http: HTTPClient
    let store: FolderBlobStore
    /// Where it writes.
    let folder: String

    /// The names of files with what has arrived of uploads.
    var unfinishedUploads: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder + "/blobs/uploads") }
    }

    /// Sends a request of whatever kind.
    func send(
        _ method: HTTPMethod, _ path: String, _ headers: [(String, String)] = [], body: [UInt8] = [],
        credential: String? = nil
    ) async throws -> TestServer.Answer {
        var request = HTTPClientRequest(url: "http://localhost:\(port)\(path)")
        request.method = method
        request.headers = HTTPHeaders(headers)
        if let credential { request.headers.add(name: "authorization", value: "Bearer \(credential)") }
        if !body.isEmpty { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await http.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 1 << 24)
        return TestServer.Answer(
            status: Int(response.status.code), version: response.version, headers: response.headers,
            body: Array(bytes.readableBytesView))
    }

    /// Calls with JSON, written by the test.
    func call(
        _ method: ConnectMethod, _ json: String, credential: String? = nil, _ headers: [(String, String)] = []
    ) async throws -> TestServer.Answer {
        try await send(
            .POST, method.path, [("content-type", "application/json")] + headers, body: Array(json.utf8),
            credential: credential)
    }

    /// Calls as clients do; throws the `ConnectError` that is answered.
    func call<Request: Message, Response: Message>(
        _ call: ConnectCall<Request, Response>, _ request: Request, credential: String? = nil
    ) async throws -> Response {
        let answer = try await send(
            .POST, call.method.path, [("content-type", "application/proto")],
            body: try ConnectCoding.encode(request, as: .proto), credential: credential)
        guard answer.status == 200 else { throw answer.error }
        return try ConnectCoding.decode(Response.self, from: answer.body, as: .proto)
    }

    /// A client that has registered.
    func client(_ name: String, labels: [String: String] = [:]) async throws -> WireClient {
        let description = ClientDescription(name: name, labels: labels)
        let request = WireRegisterRequest(
            description, registrationKey: Array(name.utf8.prefix(16)) + [UInt8](repeating: 7, count: 16),
            joinToken: Self.joinToken)
        let answer = try await call(.register, request)
        return WireClient(server: self, name: name, credential: answer.credential)
    }

    /// A run of 21 numbers that all clients with the labels take part in, once so many are there.
    func createRun(
        _ name: String, clients: Int, labels: [String: String] = [:], plan: [String: String] = [:]
    ) async throws {
        var request = WireCreateRunRequest()
        request.run = name
        request.plan = [
            "rounds": "1", "cohort.selection": "all", "cohort.quorum": "1", "live.min-clients": "\(clients)",
        ].merging(plan) { $1 }
        request.target.labels = labels
        var tensor = WireTensor()
        (tensor.name, tensor.shape) = ("w", [3, 7])
        request.layout = [tensor]
        _ = try await call(.createRun, request, credential: Self.operatorToken)
    }

    /// Waits until the run's last round to have ended is at least the given one.
    func run(_ name: String, after round: UInt64) async throws -> WireRun {
        var watch = WireWatchRunRequest()
        (watch.run, watch.waitMs) = (name, 30_000)
        let end = ContinuousClock.now + .seconds(120)
        var last = WireRun()
        while ContinuousClock.now < end {
            last = try await call(.watchRun, watch, credential: Self.operatorToken).run
            if last.lastRound >= round { return last }
            watch.knownRevision = last.revision
        }
        throw ConnectError(.deadlineExceeded, "the run did not go on: \(try last.jsonString())")
    }
}

/// Runs `body` with the whole server, which is ended and cleaned up afterwards.
func withWireServer(
    _ configure: (inout CoordinatorMachine.Settings) -> Void = { _ in },
    _ body: @escaping @Sendable (WireServer) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tributary-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try FolderBlobStore(path: folder + "/blobs")
    var setting = CoordinatorSetting(
        ledger: try SQLiteLedger(path: folder + "/ledger.sqlite"), store: store,
        clock: LiveClock(wallTime: Date().timeIntervalSince1970),
        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    setting.reports = folder + "/runs"
    // Tests play their clients one after another: those whose turn has not come are there all the same.
    setting.settings.presence = .seconds(600)
    configure(&setting.settings)
    let coordinator = try await Coordinator.open(setting)
    let calls = CoordinatorCalls(
        coordinator, operatorToken: WireServer.operatorToken, joinToken: WireServer.joinToken)
    var settings = HTTPSettings()
    settings.port = 0
    settings.reportsFolder = folder + "/runs"
    let (addresses, announce) = AsyncStream<BoundAddress>.makeStream()
    let server = try HTTPServer(
        settings, calls: calls, store: store, logger: setting.logger, onBound: { announce.yield($0) })
    let http = HTTPClient(eventLoopGroupProvider: .singleton)
    let outcome: Result<Void, any Error> = await withTaskGroup(of: Void.self) { group in
        group.addTask { try? await coordinator.run() }
        group.addTask {
            defer { announce.finish() }
            try? await server.run()
        }
        var iterator = addresses.makeAsyncIterator()
        let bound = await iterator.next()
        defer { group.cancelAll() }
        do {
            let port = try #require(bound?.port)
            return .success(try await body(WireServer(port: port, http: http, store: store, folder: folder)))
        } catch {
            return .failure(error)
        }
    }
    try await http.shutdown()
    try outcome.get()
}

/// A client on the wire that does as the test bids it.
struct WireClient: Sendable {
    let server: WireServer
    let name: String
    let credential: String

    /// An update that will do: 21 numbers.
    static let soundUpdate = bytes((0..<21).map { Float($0) / 32 - 0.25 })

    static func bytes(_ values: [Float]) -> [UInt8] {
        values.flatMap { value in withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
    }

    /// Polls until there is a task.
    func task() async throws -> WireTask {
        var poll = WirePollRequest()
        (poll.protocolVersion, poll.waitMs) = (1, 30_000)
        while true {
            let answer = try await server.call(.poll, poll, credential: credential)
            if answer.hasTask { return answer.task }
        }
    }

    /// Uploads bytes, and says what the answer was.
    func upload(_ bytes: [UInt8]) async throws -> (digest: String, answer: TestServer.Answer) {
        let digest = try digest(of: bytes).rawValue
        return (digest, try await server.send(.PUT, "/v1/uploads/\(digest)", body: bytes, credential: credential))
    }

    /// A result of training as the protocol has it, to be spoilt by the test.
    static func result(_ task: String, digest: String, size: Int = 84) -> WireSubmitRequest {
        var request = WireSubmitRequest()
        request.taskID = task
        request.training.update.sha256 = digest
        request.training.update.size = UInt64(size)
        request.training.update.encoding = .f32
        request.training.exampleCount = 10
        request.training.stepCount = 1
        request.training.meanLoss = 0.5
        return request
    }

    func submit(_ request: WireSubmitRequest) async throws -> WireSubmitResponse {
        try await server.call(.submit, request, credential: credential)
    }

    /// Hands a result in again while the bytes that it names are being removed.
    func insist(on request: WireSubmitRequest) async throws -> WireSubmitResponse {
        while true {
            do {
                return try await submit(request)
            } catch let error as ConnectError where error.code == .failedPrecondition {}
        }
    }

    /// Does the task at hand as it should.
    func work(on task: WireTask) async throws -> WireSubmitResponse {
        if task.kind == .evaluate {
            var request = WireSubmitRequest()
            request.taskID = task.id
            (request.evaluation.exampleCount, request.evaluation.lossSum) = (10, 5)
            return try await submit(request)
        }
        let model = try await server.send(.GET, "/v1/blobs/\(task.model.sha256)", credential: credential)
        #expect(model.status == 200)
        while true {
            let (digest, answer) = try await upload(Self.soundUpdate)
            #expect(answer.status == 201)
            do {
                return try await submit(Self.result(task.id, digest: digest))
            } catch let error as ConnectError where error.code == .failedPrecondition {
                // The same bytes of another's, which did not count, were just being removed: they are sent again.
            }
        }
    }

    /// Gives the task back.
    func giveBack(_ task: WireTask) async throws {
        var request = WireReportFailureRequest()
        request.taskID = task.id
        _ = try await server.call(.reportFailure, request, credential: credential)
    }
}

/// Whether an error is fit for a person: one line, not empty, and without a secret.
func isOneGoodLine(_ answer: TestServer.Answer, secrets: [String] = []) -> Bool {
    let message = answer.message
    let plain = message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
    let holdsNone = ([WireServer.operatorToken, WireServer.joinToken] + secrets).allSatisfy {
        !answer.text.contains($0)
    }
    return !message.isEmpty && message.utf8.count <= ConnectError.messageLimit && plain && holdsNone
}
