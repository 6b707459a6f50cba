import NIOCore
import NIOPosix
import NIOSSL

/// An HTTP/2 connection over TLS whose every frame the test chooses.
struct RawHTTP2 {
    /// A frame as it stands on the wire.
    struct Frame: Sendable {
        enum Kind: UInt8, Sendable {
            case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate, continuation
        }

        var kind: Kind
        var flags: UInt8 = 0
        var stream: UInt32 = 0
        var payload: [UInt8] = []

        /// The flag of an answer to settings or a ping, and of a stream's last frame.
        static let acknowledgement: UInt8 = 1
        static let endStream: UInt8 = 1
        static let endHeaders: UInt8 = 4

        /// No settings, which is how every caller begins.
        static let settings = Frame(kind: .settings)

        var bytes: [UInt8] {
            let count = UInt32(payload.count)
            let lengthAndKind = [16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + [kind.rawValue, flags]
            return lengthAndKind + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: stream >> $0) } + payload
        }
    }

    /// Sends bytes as soon as there is a connection.
    private final class Opening: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let bytes: [UInt8]

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        func channelActive(context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            context.fireChannelActive()
        }
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var received = ByteBuffer()

    /// How every caller begins.
    static let greeting = preface + Frame.settings.bytes

    /// Connects, agrees upon HTTP/2, sends `opening` at once, and runs `body`; the connection is closed afterwards.
    ///
    /// The connection's event loop sends the opening, so that a server's limits on silence are not met by a test that has
    /// to wait for its turn.
    static func open<Result: Sendable>(
        _ port: Int, _ tls: TLSConfiguration, opening: [UInt8] = greeting,
        _ body: (inout RawHTTP2) async throws -> Result
    ) async throws -> Result {
        var tls = tls
        tls.applicationProtocols = ["h2"]
        let context = try NIOSSLContext(configuration: tls)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
                    try channel.pipeline.syncOperations.addHandlers([handler, Opening(opening)])
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawHTTP2(outbound: outbound, inbound: inbound.makeAsyncIterator())
            return try await body(&connection)
        }
    }

    private init(
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) {
        (self.outbound, self.inbound) = (outbound, inbound)
    }

    func send(_ frame: Frame) async throws {
        try await outbound.write(ByteBuffer(bytes: frame.bytes))
    }

    /// A request for a path without a body.
    static func request(_ path: String, _ fields: [(String, String)] = [], stream: UInt32) -> [UInt8] {
        headers("GET", path, fields, stream: stream, flags: Frame.endStream)
    }

    /// A call.
    static func call(_ path: String, _ json: String, credential: String, stream: UInt32) -> [UInt8] {
        let fields = [("content-type", "application/json"), ("authorization", "Bearer \(credential)")]
        let body = Frame(kind: .data, flags: Frame.endStream, stream: stream, payload: Array(json.utf8))
        return headers("POST", path, fields, stream: stream) + body.bytes
    }

    /// How a request begins. The fields, none of them long, are written without compression.
    static func headers(
        _ method: String, _ path: String, _ fields: [(String, String)], stream: UInt32, flags: UInt8 = 0
    ) -> [UInt8] {
        let pseudo = [(":method", method), (":scheme", "https"), (":path", path), (":authority", "localhost")]
        var block: [UInt8] = []
        for (name, value) in pseudo + fields {
            block += [0, UInt8(name.utf8.count)] + Array(name.utf8)
            block += [UInt8(value.utf8.count)] + Array(value.utf8)
        }
        return Frame(kind: .headers, flags: Frame.endHeaders | flags, stream: stream, payload: block).bytes
    }

    /// Lets the server send so many more bytes, on the stream and in all.
    func openWindow(by count: Int, stream: UInt32) async throws {
        guard count > 0 else { return }
        let payload = (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) }
        for id in [0, stream] { try await send(Frame(kind: .windowUpdate, stream: id, payload: payload)) }
    }

    /// The next frame; nil when the server has ended the connection.
    mutating func next() async -> Frame? {
        while true {
            if let frame = takeFrame() { return frame }
            guard var bytes = try? await inbound.next() else { return nil }
            received.writeBuffer(&bytes)
        }
    }

    /// All frames until the server ends the connection, of whose pings each is answered if the test wants it.
    mutating func all(answeringPings: Bool = true) async throws -> [Frame] {
        var frames: [Frame] = []
        while let frame = await next() {
            frames.append(frame)
            if answeringPings, frame.kind == .ping, frame.flags == 0 {
                // The server may have closed the connection by then.
                try? await send(
                    Frame(kind: .ping, flags: Frame.acknowledgement, payload: frame.payload))
            }
        }
        return frames
    }

    private mutating func takeFrame() -> Frame? {
        let start = received.readerIndex
        guard received.readableBytes >= 9, let length = received.getInteger(at: start, as: UInt32.self),
            received.readableBytes >= 9 + Int(length >> 8),
            let flags = received.getInteger(at: start + 4, as: UInt8.self),
            let stream = received.getInteger(at: start + 5, as: UInt32.self),
            let kind = Frame.Kind(rawValue: UInt8(truncatingIfNeeded: length))
        else { return nil }
        received.moveReaderIndex(forwardBy: 9)
        let payload = received.readBytes(length: Int(length >> 8)) ?? []
        return Frame(kind: kind, flags: flags, stream: stream, payload: payload)
    }
}
