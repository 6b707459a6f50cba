import NIOCore
import NIOHTTP2

/// Ends an HTTP/2 connection as ``ConnectionMachine`` decides: the counterpart of ``RequestClock`` for HTTP/1.1.
///
/// It sits behind the handler that takes frames apart, sees the frames of the connection itself, and hears of streams as
/// that handler's delegate.
final class ConnectionKeeper: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias InboundOut = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private let timeouts: HTTPTimeouts
    private let eventLoop: any EventLoop
    private var machine = ConnectionMachine()
    private var lastStream = HTTP2StreamID.rootStream
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    init(_ timeouts: HTTPTimeouts, on eventLoop: any EventLoop) {
        self.timeouts = timeouts
        self.eventLoop = eventLoop
    }

    /// Who is to hear of streams.
    var streams: Streams { Streams(keeper: NIOLoopBound(self, eventLoop: eventLoop)) }

    /// Passes on what the multiplexer says of streams, on the connection's event loop.
    struct Streams: NIOHTTP2StreamDelegate {
        fileprivate let keeper: NIOLoopBound<ConnectionKeeper>

        func streamCreated(_ id: HTTP2StreamID, channel: any Channel) { keeper.value.streamCreated(id) }
        func streamClosed(_ id: HTTP2StreamID, channel: any Channel) { keeper.value.streamClosed() }
    }

    private func streamCreated(_ id: HTTP2StreamID) {
        lastStream = id
        perform(machine.streamOpened())
    }

    private func streamClosed() {
        perform(machine.streamClosed())
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        perform(.wait(.greeting))
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data).payload {
        case .settings(.settings): perform(machine.settingsArrived())
        // The server asks once in a connection's life.
        case .ping(_, ack: true): perform(machine.farewellHeard())
        default: break
        }
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: perform(machine.endWanted())
        // Nobody is left who could open a window, or answer.
        case ChannelEvent.inputClosed: context.close(promise: nil)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Frames that make no sense. Those of one stream end that stream only, but a caller that sends such has to connect
    /// anew before it opens others.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        perform(machine.endWanted())
        context.fireErrorCaught(error)
    }

    private func perform(_ action: ConnectionMachine.Action) {
        switch action {
        case .nothing: break
        case .wait(let wait): schedule(limit(of: wait))
        case .stopWaiting: timer?.cancel()
        case .sayFarewell:
            schedule(limit(of: .farewell))
            write([
                .goAway(lastStreamID: .maxID, errorCode: .noError, opaqueData: nil), .ping(HTTP2PingData(), ack: false),
            ])
        case .close:
            timer?.cancel()
            // In the loop's next turn: the frame that ended the last stream is about to be flushed in this one.
            eventLoop.assumeIsolated().execute { self.close() }
        }
    }

    private func close() {
        write([.goAway(lastStreamID: lastStream, errorCode: .noError, opaqueData: nil)])
        context?.close(promise: nil)
    }

    private func write(_ payloads: [HTTP2Frame.FramePayload]) {
        guard let context else { return }
        for payload in payloads {
            context.write(wrapOutboundOut(HTTP2Frame(streamID: .rootStream, payload: payload)), promise: nil)
        }
        context.flush()
    }

    private func limit(of wait: ConnectionMachine.Wait) -> Duration {
        switch wait {
        case .greeting, .farewell: timeouts.header
        case .stream: timeouts.idle
        }
    }

    private func schedule(_ delay: Duration) {
        timer?.cancel()
        timer = eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { [weak self] in
            guard let self else { return }
            self.perform(self.machine.timeIsUp())
        }
    }
}
