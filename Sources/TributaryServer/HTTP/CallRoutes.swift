import HTTPTypes
import HummingbirdCore
import NIOCore
import SwiftProtobuf
import TributaryGzip
import TributaryWire

/// The calls of the protocol: reads a message, has it answered, writes the answer.
struct CallRoutes: Sendable {
    let calls: any ServerCalls
    let limits: HTTPLimits
    let timeouts: HTTPTimeouts
    let budget: MessageBudget

    /// The answer to a call.
    func respond(to request: ServerRequest, method: ConnectMethod) async throws -> Response {
        guard request.method == .post else { return .wrongMethod(request, allowed: "POST") }
        guard let type = ConnectContentType(header: request.header(.contentType)) else {
            throw HTTPFailure(
                .invalidArgument, "header Content-Type: must be application/proto or application/json",
                status: .unsupportedMediaType, [.acceptPost: "application/proto, application/json"])
        }
        try ConnectHeader.checkProtocolVersion(request.header(.connectProtocolVersion))
        let encoding = try contentEncoding(of: request)
        let timeout = try ConnectHeader.timeout(request.header(.connectTimeout))
        let deadline = timeout.map { timeout in
            request.eventLoop.scheduleTask(in: TimeAmount(timeout)) { request.signal.fire(.deadline) }
        }
        defer { deadline?.cancel() }
        let work = try await work(on: request, method, type, encoding)
        let answer = try await work()
        return Response(
            status: .ok, headers: [.contentType: type.header],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer)))
    }

    /// The answer to a call that there is none of.
    static func unknownCall(_ request: ServerRequest) -> Response {
        let name = OneLine.of(String(request.path), byteLimit: 200)
        let error = ConnectError(
            .unimplemented,
            "\(name): there is no such call; this server speaks tributary.v1 (Enrolment, Tasks, Runs, Health)")
        return .failure(error, status: .notFound)
    }

    /// The message's bytes, which must all come within the time for progress: they are few.
    private func message(of request: ServerRequest, _ share: MessageBudget.Share) async throws -> [UInt8] {
        let limit = limits.messageByteCount
        let tooLong = ConnectError(.resourceExhausted, "the message is longer than \(limit) bytes")
        if let announced = ConnectHeader.byteCount(request.header(.contentLength)), announced > limit { throw tooLong }
        let deadline = request.eventLoop.scheduleTask(in: TimeAmount(timeouts.progress)) {
            request.signal.fire(.overdue)
        }
        defer { deadline.cancel() }
        var bytes: [UInt8] = []
        while let more = try await request.body.nextBytes() {
            guard bytes.count + more.readableBytes <= limit else { throw tooLong }
            try share.grow(by: more.readableBytes)
            bytes.append(contentsOf: more.readableBytesView)
        }
        return bytes
    }

    private func contentEncoding(of request: ServerRequest) throws -> ConnectContentEncoding {
        do {
            return try ConnectHeader.contentEncoding(request.header(.contentEncoding))
        } catch {
            throw HTTPFailure(error.code, error.message, [.acceptEncoding: "gzip"])
        }
    }

    /// The message as it was before its sender packed it. An empty one is not packed, whatever the header says, as
    /// Connect lays down.
    private func unpacked(_ body: [UInt8], _ encoding: ConnectContentEncoding) throws(ConnectError) -> [UInt8] {
        switch encoding {
        case .identity: return body
        case .gzip where body.isEmpty: return body
        case .gzip: break
        }
        do throws(GzipError) {
            return try GzipInflater.unpack(body, limit: limits.messageByteCount, pieceByteCount: 1 << 15)
        } catch {
            switch error {
            case .tooLong(let limit):
                throw ConnectError(.resourceExhausted, "the message is longer than \(limit) bytes once unpacked")
            case .damaged, .cutOff:
                throw ConnectError(.invalidArgument, "header Content-Encoding: says gzip, but \(error)")
            case .unavailable:
                throw ConnectError(.unavailable, "the server has no room to unpack the message: come back")
            }
        }
    }
}

extension CallRoutes {
    /// A call whose message has been read, to be answered.
    private typealias Work = @Sendable () async throws -> [UInt8]

    /// Reads a call. What comes back holds the message as it was understood, but none of its bytes: a poll may wait for
    /// long, and its body may be large, or have become so when it was unpacked.
    private func work(
        on request: ServerRequest, _ method: ConnectMethod, _ type: ConnectContentType,
        _ encoding: ConnectContentEncoding
    ) async throws -> Work {
        let caller = request.caller
        let share = budget.share(isKnown: calls.name(of: caller) != nil)
        defer { share.end() }
        let body = try unpacked(try await message(of: request, share), encoding)
        return try work(on: Call(body: body, type: type, caller: caller), method)
    }

    /// A call as it came.
    private struct Call {
        var body: [UInt8]
        var type: ConnectContentType
        var caller: Caller
    }

    private func work(on call: Call, _ method: ConnectMethod) throws -> Work {
        switch method {
        case .register: try work(on: call, calls.register)
        case .renew: try work(on: call, calls.renew)
        case .leave: try work(on: call, calls.leave)
        case .poll: try work(on: call, calls.poll)
        case .heartbeat: try work(on: call, calls.heartbeat)
        case .submit: try work(on: call, calls.submit)
        case .reportFailure: try work(on: call, calls.reportFailure)
        case .createRun: try work(on: call, calls.createRun)
        case .listRuns: try work(on: call, calls.listRuns)
        case .getRun: try work(on: call, calls.getRun)
        case .watchRun: try work(on: call, calls.watchRun)
        case .pauseRun: try work(on: call, calls.pauseRun)
        case .resumeRun: try work(on: call, calls.resumeRun)
        case .stopRun: try work(on: call, calls.stopRun)
        case .checkHealth: try work(on: call, calls.checkHealth)
        }
    }

    private func work<Request: Message, Answer: Message>(
        on call: Call, _ answer: @escaping @Sendable (Request, Caller) async throws -> Answer
    ) throws -> Work {
        let request = try ConnectCoding.decode(Request.self, from: call.body, as: call.type)
        let (type, caller) = (call.type, call.caller)
        return { try ConnectCoding.encode(try await answer(request, caller), as: type) }
    }
}
