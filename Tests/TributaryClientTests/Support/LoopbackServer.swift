import NIOCore
import NIOHTTP1
import NIOPosix

/// A request as it came over the wire.
struct HTTPRequest: Sendable {
    var head: HTTPRequestHead
    var body: [UInt8] = []

    func header(_ name: String) -> String? { head.headers.first(name: name) }
}

/// What is answered; nil for silence.
struct HTTPAnswer: Sendable {
    var status: HTTPResponseStatus
    var headers: HTTPHeaders = [:]
    var body: [UInt8] = []
}

/// Runs a real HTTP server on this machine for the time of `body`, which gets its port.
func withLoopbackServer<Value>(
    _ answer: @escaping @Sendable (HTTPRequest) -> HTTPAnswer?, _ body: (Int) async throws -> Value
) async throws -> Value {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                try channel.pipeline.syncOperations.addHandler(AnswerHandler(answer))
            }
        }
        .bind(host: "127.0.0.1", port: 0).get()
    do {
        let value = try await body(channel.localAddress?.port ?? 0)
        try await channel.close()
        return value
    } catch {
        try? await channel.close()
        throw error
    }
}

private final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (HTTPRequest) -> HTTPAnswer?
    private var request: HTTPRequest?

    init(_ answer: @escaping @Sendable (HTTPRequest) -> HTTPAnswer?) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): request = HTTPRequest(head: head)
        case .body(let part): request?.body += Array(part.readableBytesView)
        case .end:
            guard let request, let answer = answer(request) else { return }
            var headers = answer.headers
            headers.replaceOrAdd(name: "Content-Length", value: "\(answer.body.count)")
            let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            if request.head.method != .HEAD {
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
            }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
