import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes an HTTP/1.1 connection whose next request does not come, or whose header does not end: slow or silent
/// senders cost a timer, not a task. Also ends the connection after the request in progress when the server shuts down.
final class RequestClock: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let header: TimeAmount
    private let idle: TimeAmount
    /// Requests whose header has been read and whose answer is not written.
    private var openRequests = 0
    private var isHeaderArriving = false
    private var hasBytes = false
    private var isShuttingDown = false
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    init(header: Duration, idle: Duration) {
        self.header = TimeAmount(header)
        self.idle = TimeAmount(idle)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        isHeaderArriving = true
        schedule(header)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        self.context = nil
    }

    /// Bytes have come from the caller.
    func bytesArrived() {
        hasBytes = true
        guard openRequests == 0, !isHeaderArriving else { return }
        isHeaderArriving = true
        schedule(header)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = unwrapInboundIn(data) {
            openRequests += 1
            isHeaderArriving = false
            hasBytes = false
            timer?.cancel()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        openRequests -= 1
        if openRequests > 0 { return context.write(data, promise: promise) }
        if isShuttingDown {
            context.writeAndFlush(data, promise: promise)
            context.close(promise: nil)
        } else {
            context.write(data, promise: promise)
            schedule(idle)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            isShuttingDown = true
            if openRequests == 0 { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func schedule(_ delay: TimeAmount) {
        timer?.cancel()
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            self?.timeIsUp()
        }
    }

    /// Whoever has begun a request is told; whoever is silent has nothing to be told about.
    private func timeIsUp() {
        guard let context else { return }
        if isHeaderArriving, hasBytes {
            let fields: HTTPFields = [.connection: "close", .contentLength: "0"]
            context.write(
                wrapOutboundOut(.head(HTTPResponse(status: .requestTimeout, headerFields: fields))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        context.close(promise: nil)
    }
}

/// Tells a `RequestClock` that bytes come, which it cannot see where it sits: after the parser.
final class ByteTap: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let clock: RequestClock

    init(_ clock: RequestClock) {
        self.clock = clock
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        clock.bytesArrived()
        context.fireChannelRead(data)
    }
}
