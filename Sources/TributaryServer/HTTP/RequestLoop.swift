import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import Synchronization

/// Serves the requests of a connection one after the other: reads, has them answered, writes, keeps the connection
/// usable or closes it.
struct RequestLoop: Sendable {
    private typealias Writer = NIOAsyncChannelOutboundWriter<HTTPResponsePart>

    let responder: any Responder
    let timeouts: HTTPTimeouts
    let ids: RequestIDs
    let logger: Logger

    /// What of a body that nobody wants is read so that the connection can be used on.
    private static let skippedByteCount = 64 << 10

    /// Serves until the connection ends.
    func serve(_ stream: RequestStream) async {
        do {
            try await withTaskCancellationHandler {
                try await stream.parts.executeThenClose { inbound, outbound in
                    let parts = RequestParts(inbound.makeAsyncIterator(), answeringTo: outbound)
                    try await serve(parts, outbound, stream)
                }
            } onCancel: {
                stream.parts.channel.close(mode: .all, promise: nil)
            }
        } catch {
            logger.trace("connection ended", metadata: ["peer": "\(stream.peer.address)", "error": "\(error)"])
        }
    }

    private func serve(_ parts: RequestParts, _ outbound: Writer, _ stream: RequestStream) async throws {
        do {
            while let head = try await parts.nextHead() {
                guard try await serve(head, parts, outbound, stream) else { break }
            }
        } catch let error as HTTPParserError {
            // The parser is at a loss about where the next request begins.
            let status: HTTPResponse.Status = error == .headerOverflow ? .requestHeaderFieldsTooLarge : .badRequest
            let fields: HTTPFields = [.connection: "close", .contentLength: "0"]
            try await outbound.write(contentsOf: [.head(HTTPResponse(status: status, headerFields: fields)), .end(nil)])
            await linger(parts, outbound, stream)
        }
    }

    /// Serves one request; whether another may follow.
    private func serve(
        _ head: HTTPRequest, _ parts: RequestParts, _ outbound: Writer, _ stream: RequestStream
    ) async throws -> Bool {
        let channel = stream.parts.channel
        let signal = CallSignal()
        let request = ServerRequest(
            head: head, body: parts, peer: stream.peer, id: ids.next(), signal: signal, eventLoop: channel.eventLoop,
            disconnect: { channel.close(promise: nil) })
        stream.watch.begin(signal)
        defer { stream.watch.end() }
        var response = await signal.run { await responder.respond(to: request) }
        if signal.reason == .disconnected { return false }
        // An interruption while bytes are waited for ends the stream of parts with it.
        let isCutShort = signal.reason != nil && !parts.isComplete
        // What is left of the body is skipped if it is little; else the answer is the last on this connection.
        let mayFollow = isCutShort ? false : try await isReusable(parts, head, stream)
        if !mayFollow, !stream.isHTTP2 { response.headers[.connection] = "close" }
        if head.method == .head { response = response.createHeadResponse() }
        try await write(response, outbound, channel)
        // A stream is closed after its answer, and what has not left by then would not any more.
        try await stream.sent?.get()
        if !mayFollow { await linger(parts, outbound, stream, isCutShort: isCutShort) }
        return mayFollow && !stream.isHTTP2
    }

    private func isReusable(
        _ parts: RequestParts, _ head: HTTPRequest, _ stream: RequestStream
    ) async throws -> Bool {
        // Its caller will not use the connection again, whether or not the body was of interest.
        if head.headerFields[.connection]?.lowercased() == "close" { return false }
        if parts.isComplete { return true }
        // Without either field there is no body, as with most requests that read.
        let length = head.headerFields[.contentLength]
        let announced = length == nil && head.headerFields[.transferEncoding] == nil ? 0 : length.flatMap { Int($0) }
        guard !stream.isHTTP2, let announced, announced - parts.receivedByteCount <= Self.skippedByteCount else {
            return false
        }
        let channel = stream.parts.channel
        let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(timeouts.linger)) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        return try await parts.skipBody(upTo: Self.skippedByteCount)
    }

    private func write(_ response: Response, _ outbound: Writer, _ channel: any Channel) async throws {
        // A body in a stream watches over its own progress.
        let isStream = (response.body.contentLength ?? .max) > StreamedBody.smallest
        let deadline =
            isStream
            ? nil
            : channel.eventLoop.scheduleTask(in: TimeAmount(timeouts.progress)) {
                channel.close(promise: nil)
            }
        defer { deadline?.cancel() }
        try await ResponseWriter(outbound: outbound).write(response: response.head, body: response.body)
    }

    /// Leaves the caller a while to read the answer: bytes that are still on their way would make the system throw it
    /// away if the connection were closed at once. If the stream of parts was cut short nothing is read any more, and it
    /// is not seen when the caller is done: all of the while passes.
    private func linger(
        _ parts: RequestParts, _ outbound: Writer, _ stream: RequestStream, isCutShort: Bool = false
    ) async {
        guard !stream.isHTTP2 else { return }
        let channel = stream.parts.channel
        outbound.finish()
        let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(timeouts.linger)) { channel.close(promise: nil) }
        defer { deadline.cancel() }
        await parts.discardAll()
        if isCutShort { try? await channel.closeFuture.get() }
    }
}

/// Whoever answers requests.
protocol Responder: Sendable {
    /// Answers; failures are answers too.
    func respond(to request: ServerRequest) async -> Response
}

/// Names requests for logs: the process's start, and a number.
final class RequestIDs: Sendable {
    private let prefix: String
    private let count = Atomic<UInt64>(0)

    init() {
        prefix = String(UInt64(max(NIODeadline.now().uptimeNanoseconds, 0)) % 0x1_0000_0000, radix: 36)
    }

    func next() -> String {
        "\(prefix)-\(count.add(1, ordering: .relaxed).newValue)"
    }
}
