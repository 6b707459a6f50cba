import AsyncHTTPClient
import CoreMetrics
import Crypto
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Testing
import TributaryCore
import TributaryServer
import TributaryStore
import TributaryWire

/// A server on a free port of this machine, and what it stands on.
struct TestServer: Sendable {
    let port: Int
    let calls: StubCalls
    let store: FolderBlobStore
    let server: HTTPServer
    /// Where it may write.
    let folder: String
    let client: HTTPClient
    let scheme: String

    struct Answer: Sendable {
        var status: Int
        var version: HTTPVersion
        var headers: HTTPHeaders
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        /// The code of Connect's error JSON.
        var code: ConnectCode { error.code }
        var message: String { error.message }
        var error: ConnectError {
            ConnectError(httpStatus: status, contentType: header("content-type"), body: body)
        }

        func header(_ name: String) -> String? { headers.first(name: name) }
    }

    func send(
        _ method: HTTPMethod, _ path: String, _ headers: [(String, String)] = [],
        body: HTTPClientRequest.Body? = nil, credential: String? = StubCalls.credential
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "\(scheme)://localhost:\(port)\(path)")
        request.method = method
        request.headers = HTTPHeaders(headers)
        if let credential, request.headers["authorization"].isEmpty {
            request.headers.add(name: "authorization", value: "Bearer \(credential)")
        }
        request.body = body
        let response = try await client.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 1 << 30)
        return Answer(
            status: Int(response.status.code), version: response.version, headers: response.headers,
            body: Array(bytes.readableBytesView))
    }

    func call(
        _ path: String, _ json: String, _ headers: [(String, String)] = [], credential: String? = StubCalls.credential
    ) async throws -> Answer {
        try await send(
            .POST, path, [("content-type", "application/json")] + headers, body: .bytes(ByteBuffer(string: json)),
            credential: credential)
    }

    /// Puts a blob into the store.
    func put(_ bytes: [UInt8]) throws -> BlobDigest {
        let writer = try store.makeBlob()
        try bytes.withUnsafeBytes { try writer.append($0) }
        return try writer.finish().digest
    }

    /// What the store has under a digest.
    func stored(_ digest: BlobDigest) throws -> [UInt8]? {
        guard let reader = try store.open(digest) else { return nil }
        var bytes = [UInt8](repeating: 0, count: reader.byteCount)
        try bytes.withUnsafeMutableBytes { try reader.read(at: 0, into: $0) }
        return bytes
    }
}

/// The digest of bytes, computed here.
func digest(of bytes: [UInt8]) throws -> BlobDigest {
    try #require(BlobDigest(bytes: Array(SHA256.hash(data: bytes))))
}

/// What tests of a server's end want to be told and to do.
struct Hooks: Sendable {
    var onShutdown: @Sendable () async -> Void = {}
    var run: @Sendable (HTTPServer) async throws -> Void = { try await $0.run() }
}

/// Runs `body` with a server, which is ended and cleaned up afterwards.
@discardableResult
func withServer<Result: Sendable>(
    calls: StubCalls = StubCalls(), metrics: MetricsRegistry? = nil, tls: TLSConfiguration? = nil,
    hooks: Hooks = Hooks(),
    _ configure: (inout HTTPSettings) -> Void = { _ in },
    _ body: @escaping @Sendable (TestServer) async throws -> Result
) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tributary-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var settings = HTTPSettings()
    settings.port = 0
    settings.reportsFolder = folder.path + "/reports"
    configure(&settings)
    let (addresses, announce) = AsyncStream<BoundAddress>.makeStream()
    let store = try FolderBlobStore(path: folder.path + "/store")
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = try HTTPServer(
        settings, calls: calls, store: store, logger: logger, metrics: metrics,
        onBound: { announce.yield($0) }, onShutdown: hooks.onShutdown)
    var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
    configuration.timeout.connect = .seconds(10)
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    let scheme = settings.tls == nil ? "http" : "https"
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { announce.finish() }
            try await hooks.run(server)
        }
        var iterator = addresses.makeAsyncIterator()
        let bound = await iterator.next()
        do {
            let port = try #require(bound?.port)
            let result = try await body(
                TestServer(
                    port: port, calls: calls, store: store, server: server, folder: folder.path, client: client,
                    scheme: scheme))
            try await client.shutdown()
            group.cancelAll()
            while let _ = try? await group.next() {}
            return result
        } catch {
            try? await client.shutdown()
            group.cancelAll()
            throw error
        }
    }
}

/// A connection whose every byte the test chooses.
struct RawConnection {
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    let channel: any Channel
    private var received = ""

    /// Connects, and runs `body`; the connection is closed afterwards.
    static func open<Result: Sendable>(
        _ port: Int, _ body: (inout RawConnection) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(
                outbound: outbound, inbound: inbound.makeAsyncIterator(), channel: channel.channel)
            return try await body(&connection)
        }
    }

    private init(
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator, channel: any Channel
    ) {
        self.outbound = outbound
        self.inbound = inbound
        self.channel = channel
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    func send(_ bytes: [UInt8]) async throws {
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// Reads until the text has come; what came up to its end.
    mutating func receive(through end: String) async throws -> String {
        while true {
            if let range = received.range(of: end) {
                let text = String(received[..<range.upperBound])
                received.removeSubrange(..<range.upperBound)
                return text
            }
            let bytes = try #require(try await inbound.next(), "the connection ended after '\(received)'")
            received += String(buffer: bytes)
        }
    }

    /// Reads until the server ends the connection; what came.
    mutating func receiveAll() async -> String {
        while let bytes = try? await inbound.next() { received += String(buffer: bytes) }
        return received
    }
}
