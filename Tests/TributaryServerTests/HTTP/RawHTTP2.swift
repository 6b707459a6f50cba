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
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var received = ByteBuffer()

    /// Connects, agrees upon HTTP/2, and runs `body`; the connection is closed afterwards.
    static func open<Result: Sendable>(
        _ port: Int, _ tls: TLSConfiguration, _ body: (inout RawHTTP2) async throws -> Result
    ) async throws -> Result {
        var tls = tls
        tls.applicationProtocols = ["h2"]
        let context = try NIOSSLContext(configuration: tls)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try NIOSSLClientHandler(context: context, serverHostname: "localhost")
                    try channel.pipeline.syncOperations.addHandler(handler)
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

    func send(_ bytes: [UInt8]) async throws {
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    func send(_ frame: Frame) async throws {
        var bytes = ByteBuffer()
        bytes.writeInteger(UInt8(frame.payload.count >> 16))
        bytes.writeInteger(UInt16(truncatingIfNeeded: frame.payload.count))
        bytes.writeInteger(frame.kind.rawValue)
        bytes.writeInteger(frame.flags)
        bytes.writeInteger(frame.stream)
        bytes.writeBytes(frame.payload)
        try await outbound.write(bytes)
    }

    /// Begins as every caller does.
    func greet() async throws {
        try await send(Self.preface)
        try await send(.settings)
    }

    /// Asks for a path without a body.
    func request(_ path: String, stream: UInt32) async throws {
        try await sendHeaders("GET", path, [], stream: stream, flags: Frame.endStream)
    }

    /// Makes a call.
    func call(_ path: String, _ json: String, credential: String, stream: UInt32) async throws {
        let fields = [("content-type", "application/json"), ("authorization", "Bearer \(credential)")]
        try await sendHeaders("POST", path, fields, stream: stream)
        try await send(Frame(kind: .data, flags: Frame.endStream, stream: stream, payload: Array(json.utf8)))
    }

    /// Begins a request. The fields, none of them long, are written without compression.
    func sendHeaders(
        _ method: String, _ path: String, _ fields: [(String, String)], stream: UInt32, flags: UInt8 = 0
    ) async throws {
        let pseudo = [(":method", method), (":scheme", "https"), (":path", path), (":authority", "localhost")]
        var block: [UInt8] = []
        for (name, value) in pseudo + fields {
            block += [0, UInt8(name.utf8.count)] + Array(name.utf8)
            block += [UInt8(value.utf8.count)] + Array(value.utf8)
        }
        try await send(Frame(kind: .headers, flags: Frame.endHeaders | flags, stream: stream, payload: block))
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
