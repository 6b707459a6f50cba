import NIOCore
import NIOHTTPTypes
import Synchronization

/// Notices that the caller has gone away while their request is worked on, and interrupts it, so that long polls of
/// clients that are gone are not kept.
///
/// A request whose body is still arriving is not interrupted: its reader sees the end for itself, after all the bytes
/// that did arrive.
final class PeerWatch: ChannelInboundHandler, Sendable {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private struct State {
        var signal: CallSignal?
        var hasWholeRequest = false
        var isGone = false
    }

    private let state = Mutex(State())

    /// From now on the call is told.
    func begin(_ signal: CallSignal) {
        let isGone = state.withLock { state in
            state.signal = signal
            return state.isGone && state.hasWholeRequest
        }
        if isGone { signal.fire(.disconnected) }
    }

    /// The call is over.
    func end() {
        state.withLock { $0.signal = nil }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: state.withLock { $0.hasWholeRequest = false }
        case .body: break
        case .end: state.withLock { $0.hasWholeRequest = true }
        }
        context.fireChannelRead(data)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { peerGone() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        peerGone()
        context.fireChannelInactive()
    }

    private func peerGone() {
        let signal = state.withLock { state in
            state.isGone = true
            return state.hasWholeRequest ? state.signal : nil
        }
        signal?.fire(.disconnected)
    }
}
