import NIOCore
import NIOHTTPTypes

/// Knows when an answer on an HTTP/2 stream has left.
///
/// What is written waits for the caller to open its window, and would be thrown away if the stream were closed before it
/// does. Whoever takes nothing for the time of progress loses the stream.
final class SendWatch: ChannelOutboundHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Comes when all parts of the answer have left, or cannot leave any more.
    let sent: EventLoopFuture<Void>

    private let promise: EventLoopPromise<Void>
    private let progress: TimeAmount
    /// Parts that were written and have not left.
    private var pendingCount = 0
    private var hasEnd = false
    private var isOver = false
    private var timer: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    init(progress: Duration, on eventLoop: any EventLoop) {
        self.progress = TimeAmount(progress)
        promise = eventLoop.makePromise()
        sent = promise.futureResult
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        end()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { hasEnd = true }
        let left = promise ?? context.eventLoop.makePromise()
        left.futureResult.assumeIsolated().whenComplete { _ in self.partLeft() }
        pendingCount += 1
        if pendingCount == 1 { waitForNext() }
        context.write(data, promise: left)
    }

    private func partLeft() {
        pendingCount -= 1
        if pendingCount > 0 { return waitForNext() }
        timer?.cancel()
        if hasEnd { end() }
    }

    private func waitForNext() {
        timer?.cancel()
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: progress) { [weak self] in
            self?.context?.close(promise: nil)
        }
    }

    private func end() {
        timer?.cancel()
        guard !isOver else { return }
        isOver = true
        promise.succeed()
    }
}
