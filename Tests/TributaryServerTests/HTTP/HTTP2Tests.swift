import NIOSSL
import Testing
import TributaryCore
import TributaryServer
import TributaryWire

/// Connections of HTTP/2 that are held open for nothing, and those that are not.
@Suite struct HTTP2Tests {
    /// Runs `body` with a server of the given limits and the settings of a client that trusts it.
    private func withTLSServer<Result: Sendable>(
        calls: StubCalls = StubCalls(), header: Duration = .seconds(20), idle: Duration = .seconds(20),
        progress: Duration = .seconds(20),
        _ body: @escaping @Sendable (TestServer, TLSConfiguration) async throws -> Result
    ) async throws -> Result {
        let folder = try CertificateFolder()
        defer { folder.remove() }
        var client = TLSConfiguration.makeClientConfiguration()
        client.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(Array(folder.certificates.authorityPEM.utf8)))
        let tls = client
        return try await withServer(calls: calls, tls: tls) {
            $0.tls = TLSSettings(certificateChainPath: folder.certificate, privateKeyPath: folder.key)
            $0.timeouts.header = header
            $0.timeouts.idle = idle
            $0.timeouts.progress = progress
        } _: { server in
            try await body(server, tls)
        }
    }

    private static func download(_ digest: BlobDigest) -> [UInt8] {
        RawHTTP2.request("/v1/blobs/\(digest)", [("authorization", "Bearer \(StubCalls.credential)")], stream: 1)
    }

    @Test(arguments: [[], Array(RawHTTP2.preface.prefix(9)), RawHTTP2.preface])
    func closesAConnectionThatDoesNotBegin(bytes: [UInt8]) async throws {
        try await withTLSServer(header: .seconds(3)) { server, tls in
            let frames = try await RawHTTP2.open(server.port, tls, opening: bytes) { try await $0.all() }
            #expect(frames.map(\.kind).last == .goAway)
        }
    }

    @Test func closesAConnectionThatSpeaksSomethingElse() async throws {
        try await withTLSServer { server, tls in
            let opening = Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
            let frames = try await RawHTTP2.open(server.port, tls, opening: opening) { try await $0.all() }
            #expect(frames.contains { $0.kind == .goAway })
        }
    }

    @Test(arguments: [true, false])
    func closesAConnectionThatNeverOpensAStream(answersPings: Bool) async throws {
        try await withTLSServer(header: .seconds(3), idle: .milliseconds(500)) { server, tls in
            let frames = try await RawHTTP2.open(server.port, tls) { try await $0.all(answeringPings: answersPings) }
            // One goodbye for streams that may be on their way, one that says which was the last.
            #expect(frames.filter { $0.kind == .goAway }.count == 2)
            #expect(frames.last?.payload.prefix(8) == [0, 0, 0, 0, 0, 0, 0, 0])
        }
    }

    @Test func pingsKeepNoConnection() async throws {
        try await withTLSServer(header: .seconds(3), idle: .seconds(3)) { server, tls in
            let ping = RawHTTP2.Frame(kind: .ping, payload: Array(repeating: 7, count: 8))
            let opening = RawHTTP2.greeting + ping.bytes
            let answers = try await RawHTTP2.open(server.port, tls, opening: opening) { connection in
                var answers = 0
                while let frame = await connection.next() {
                    // Each answer to a ping is followed by another ping; the server's own gets none.
                    guard frame.kind == .ping, frame.flags == RawHTTP2.Frame.acknowledgement else { continue }
                    answers += 1
                    try? await connection.send(ping)
                }
                return answers
            }
            #expect(answers > 0)
        }
    }

    @Test func closesAConnectionAfterItsLastStream() async throws {
        try await withTLSServer(idle: .seconds(2)) { server, tls in
            let opening = RawHTTP2.greeting + RawHTTP2.request("/healthz", stream: 1)
            let frames = try await RawHTTP2.open(server.port, tls, opening: opening) { try await $0.all() }
            #expect(frames.contains { $0.kind == .data && $0.payload == Array("ok\n".utf8) })
            #expect(frames.last?.kind == .goAway)
            #expect(frames.last?.payload.prefix(4) == [0, 0, 0, 1])
        }
    }

    @Test func aStreamKeepsItsConnectionBeyondTheIdleLimit() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let calls = StubCalls { _ in
            for await _ in gate { break }
            return WirePollResponse()
        }
        try await withTLSServer(calls: calls, header: .seconds(3), idle: .seconds(1)) { server, tls in
            let poll = RawHTTP2.call("/tributary.v1.Tasks/Poll", "{}", credential: StubCalls.credential, stream: 1)
            try await RawHTTP2.open(server.port, tls, opening: RawHTTP2.greeting + poll) { waiting in
                // Another connection that opens nothing has come to its end in the meantime.
                _ = try await RawHTTP2.open(server.port, tls) { try await $0.all() }
                open.yield()
                let frames = try await waiting.all()
                #expect(frames.contains { $0.kind == .data && $0.payload == Array("{}".utf8) })
            }
        }
    }

    /// A caller whose window is the protocol's own, 64 KiB, and who opens it again as bytes come.
    @Test(arguments: [100, 65_535, 65_536, 600_000, 2_000_000])
    func sendsAllToACallerWithASmallWindow(size: Int) async throws {
        try await withTLSServer { server, tls in
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 40_503 >> 7) }
            let digest = try server.put(bytes)
            let opening = RawHTTP2.greeting + Self.download(digest)
            let received = try await RawHTTP2.open(server.port, tls, opening: opening) { connection in
                var received: [UInt8] = []
                while let frame = await connection.next(), frame.kind != .reset {
                    guard frame.kind == .data else { continue }
                    received += frame.payload
                    if frame.flags & RawHTTP2.Frame.endStream != 0 { break }
                    try await connection.openWindow(by: frame.payload.count, stream: 1)
                }
                return received
            }
            #expect(received == bytes)
        }
    }

    @Test(arguments: [100_000, 600_000])
    func givesUpOnACallerThatOpensNoWindow(size: Int) async throws {
        try await withTLSServer(progress: .seconds(2)) { server, tls in
            let digest = try server.put([UInt8](repeating: 7, count: size))
            let opening = RawHTTP2.greeting + Self.download(digest)
            try await RawHTTP2.open(server.port, tls, opening: opening) { connection in
                var last: RawHTTP2.Frame?
                repeat { last = await connection.next() } while last != nil && last?.kind != .reset
                #expect(last?.stream == 1)
            }
        }
    }

    @Test func endsACallWhoseBodyIsSlowerThanItsCallersDeadline() async throws {
        try await withTLSServer(idle: .seconds(2)) { server, tls in
            let fields = [("content-type", "application/json"), ("connect-timeout-ms", "1000")]
            let headers = RawHTTP2.headers("POST", "/tributary.v1.Tasks/Poll", fields, stream: 1)
            let beginning = RawHTTP2.Frame(kind: .data, stream: 1, payload: Array("{".utf8))
            let opening = RawHTTP2.greeting + headers + beginning.bytes
            let frames = try await RawHTTP2.open(server.port, tls, opening: opening) { try await $0.all() }
            let text = String(decoding: frames.filter { $0.kind == .data }.flatMap(\.payload), as: UTF8.self)
            #expect(text.contains(#""code":"deadline_exceeded""#))
        }
    }

    @Test(arguments: [[], [0x16, 0x03, 0x01]] as [[UInt8]])
    func closesAConnectionWhoseHandshakeDoesNotEnd(bytes: [UInt8]) async throws {
        try await withTLSServer(header: .seconds(2)) { server, _ in
            try await RawConnection.open(server.port) { connection in
                // A machine at work may take so long that the server has closed by now, as it should.
                if !bytes.isEmpty { try? await connection.send(bytes) }
                _ = await connection.receiveAll()
            }
        }
    }
}
