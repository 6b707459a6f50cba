import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOHTTPTypesHTTP2
import NIOSSL
import NIOTLS

/// Requests that come one after the other: an HTTP/1.1 connection, or one stream of an HTTP/2 connection.
struct RequestStream: Sendable {
    let parts: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
    let watch: PeerWatch
    let peer: Peer
    /// When the answer has left a stream of HTTP/2; nil on a connection of HTTP/1.1, whose answers leave one after another.
    var sent: EventLoopFuture<Void>?
    var isHTTP2: Bool { sent != nil }
}

/// Who is at the other end.
struct Peer: Hashable, Sendable {
    let address: String
    /// Whether the other end is on this machine.
    let isLoopback: Bool

    init(_ address: SocketAddress?) {
        self.address = address?.ipAddress ?? "unknown"
        let plain = self.address.hasPrefix("::ffff:") ? String(self.address.dropFirst(7)) : self.address
        isLoopback = plain.hasPrefix("127.") || plain == "::1"
    }
}

typealias HTTP2Streams = NIOHTTP2Handler.AsyncStreamMultiplexer<RequestStream>
typealias NegotiatedStreams = NIONegotiatedHTTPVersion<RequestStream, HTTP2Streams>

/// A connection that has been set up.
struct Connection: ServerChildChannelValue {
    enum Kind: Sendable {
        /// One too many.
        case refused
        case plain(RequestStream)
        case negotiated(EventLoopFuture<NegotiatedStreams>)
    }

    let channel: any Channel
    let kind: Kind
}

/// How a connection is set up: limits first, then TLS with the certificate of the moment, then HTTP/1.1 or HTTP/2.
struct ConnectionSetup: ServerChildChannel {
    typealias Value = Connection

    let settings: HTTPSettings
    let registry: ConnectionRegistry
    let certificates: CertificateReloader?
    let loop: RequestLoop
    let logger: Logger

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        let peer = Peer(channel.remoteAddress)
        guard registry.admit(channel, from: peer.address) else {
            self.logger.debug("connection refused: too many", metadata: ["peer": "\(peer.address)"])
            return channel.eventLoop.makeSucceededFuture(Connection(channel: channel, kind: .refused))
        }
        guard let certificates else {
            return http1(channel, peer: peer).map { Connection(channel: channel, kind: .plain($0)) }
        }
        return channel.eventLoop.makeCompletedFuture {
            try secure(channel, certificates.current.context, peer: peer)
        }.map { Connection(channel: channel, kind: .negotiated($0)) }
    }

    func handle(value: Connection, logger: Logger) async {
        switch value.kind {
        case .refused:
            try? await value.channel.close()
        case .plain(let stream):
            await loop.serve(stream)
        case .negotiated(let negotiation):
            // Without an agreement the connection is closed by then, and there is nobody to tell.
            guard let agreed = try? await negotiation.get() else { return value.channel.close(promise: nil) }
            switch agreed {
            case .http1_1(let stream): await loop.serve(stream)
            case .http2(let streams): await serve(streams, on: value.channel)
            }
        }
    }

    private func serve(_ streams: HTTP2Streams, on channel: any Channel) async {
        await withDiscardingTaskGroup { group in
            do {
                for try await stream in streams.inbound {
                    group.addTask { await loop.serve(stream) }
                }
            } catch {
                logger.debug("HTTP/2 connection failed", metadata: ["error": "\(error)"])
                channel.close(promise: nil)
            }
        }
    }

    private func secure(
        _ channel: any Channel, _ context: NIOSSLContext, peer: Peer
    ) throws -> EventLoopFuture<NegotiatedStreams> {
        let operations = channel.pipeline.syncOperations
        try operations.addHandler(NIOSSLServerHandler(context: context))
        let negotiation = NIOTypedApplicationProtocolNegotiationHandler<NegotiatedStreams> { result in
            switch result {
            case .negotiated("h2"): http2(channel, peer: peer).map { .http2($0) }
            case .negotiated, .fallback: http1(channel, peer: peer).map { .http1_1($0) }
            }
        }
        try operations.addHandler(negotiation)
        let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(settings.timeouts.header)) {
            channel.close(promise: nil)
        }
        negotiation.protocolNegotiationResult.whenComplete { _ in deadline.cancel() }
        return negotiation.protocolNegotiationResult
    }

    private func http1(_ channel: any Channel, peer: Peer) -> EventLoopFuture<RequestStream> {
        channel.eventLoop.makeCompletedFuture {
            let operations = channel.pipeline.syncOperations
            let clock = RequestClock(header: settings.timeouts.header, idle: settings.timeouts.idle)
            let watch = PeerWatch()
            var limits = NIOHTTPDecoderLimitConfiguration()
            limits.maxHeaderFieldSize = settings.limits.headerByteCount
            limits.maxHeaderListSize = settings.limits.headerByteCount
            limits.maxHeaderFieldCount = settings.limits.headerFieldCount
            try operations.addHandler(ByteTap(clock))
            try operations.configureHTTPServerPipeline(
                withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: false,
                withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
            try operations.addHandler(HTTP1ToHTTPServerCodec(secure: certificates != nil))
            try operations.addHandler(watch)
            try operations.addHandler(clock)
            return RequestStream(parts: try asyncChannel(channel, isHTTP2: false), watch: watch, peer: peer)
        }
    }

    private func http2(_ channel: any Channel, peer: Peer) -> EventLoopFuture<HTTP2Streams> {
        channel.eventLoop.makeCompletedFuture {
            let operations = channel.pipeline.syncOperations
            let keeper = ConnectionKeeper(settings.timeouts, on: channel.eventLoop)
            let streams = try operations.configureAsyncHTTP2Pipeline(
                mode: .server, streamDelegate: keeper.streams, configuration: http2Configuration
            ) { stream in
                stream.eventLoop.makeCompletedFuture {
                    let watch = PeerWatch()
                    let sending = SendWatch(progress: settings.timeouts.progress, on: stream.eventLoop)
                    try stream.pipeline.syncOperations.addHandler(HTTP2FramePayloadToHTTPServerCodec())
                    try stream.pipeline.syncOperations.addHandler(watch)
                    try stream.pipeline.syncOperations.addHandler(sending)
                    let parts = try asyncChannel(stream, isHTTP2: true)
                    return RequestStream(parts: parts, watch: watch, peer: peer, sent: sending.sent)
                }
            }
            try operations.addHandler(keeper)
            return streams
        }
    }

    private func asyncChannel(
        _ channel: any Channel, isHTTP2: Bool
    ) throws -> NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart> {
        // A few buffers in hand keep the disk busy; more would only be memory.
        try NIOAsyncChannel(
            wrappingChannelSynchronously: channel,
            configuration: .init(
                backPressureStrategy: .init(lowWatermark: 2, highWatermark: 8),
                isOutboundHalfClosureEnabled: !isHTTP2))
    }

    /// The windows are what a client may send ahead: 64 KiB, HTTP/2's own default, would hold an upload over a long line
    /// down to a fraction of what the line carries. Clients that reset streams as fast as they open them are cut off.
    private var http2Configuration: NIOHTTP2Handler.Configuration {
        let limits = settings.limits
        var configuration = NIOHTTP2Handler.Configuration()
        configuration.connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.streamsPerConnection),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.headerByteCount),
            HTTP2Setting(parameter: .initialWindowSize, value: limits.streamWindowByteCount),
        ]
        configuration.connection.targetWindowSize = 4 * limits.streamWindowByteCount
        configuration.stream.targetWindowSize = limits.streamWindowByteCount
        configuration.stream.outboundBufferSizeLowWatermark = limits.chunkByteCount / 2
        configuration.stream.outboundBufferSizeHighWatermark = limits.chunkByteCount
        configuration.stream.streamResetFrameRateLimit.maximumCount = 2 * limits.streamsPerConnection
        return configuration
    }
}
