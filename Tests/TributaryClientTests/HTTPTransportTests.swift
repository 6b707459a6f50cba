import NIOHTTP1
import Synchronization
import Testing
import TributaryClient
import TributaryCore

/// The transport over real connections on this machine.
@Suite struct HTTPTransportTests {
    private func withTransport<Value>(
        _ server: String, edit: (inout ClientSettings) -> Void = { _ in },
        _ body: (AsyncHTTPTransport) async throws -> Value
    ) async throws -> Value {
        var settings = ClientSettings(server: server)
        edit(&settings)
        let transport = try AsyncHTTPTransport(settings)
        do {
            let value = try await body(transport)
            try await transport.shutdown()
            return value
        } catch {
            try? await transport.shutdown()
            throw error
        }
    }

    private let bytes = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }

    @Test func `a call is a Connect request, and an error's headers come back`() async throws {
        let seen = Mutex<HTTPRequest?>(nil)
        let answer: @Sendable (HTTPRequest) -> HTTPAnswer? = { request in
            seen.withLock { $0 = request }
            return HTTPAnswer(
                status: .serviceUnavailable,
                headers: [
                    "Content-Type": "application/json", "Retry-After": "3", "Tributary-Retry-Window": "2500-9000",
                ],
                body: Array(#"{"code":"unavailable"}"#.utf8))
        }
        try await withLoopbackServer(answer) { port in
            try await withTransport("http://127.0.0.1:\(port)/") { transport in
                let answer = try await transport.call(
                    TransportCall(
                        path: "/tributary.v1.Tasks/Poll", body: [1, 2, 3], credential: "abc", timeout: .seconds(20)))
                #expect(answer.status == 503 && answer.retryWindow == "2500-9000" && answer.retryAfter == "3")
                #expect(answer.body == Array(#"{"code":"unavailable"}"#.utf8))
                #expect(answer.contentType == "application/json")
            }
        }
        let request = try #require(seen.withLock { $0 })
        #expect(request.head.uri == "/tributary.v1.Tasks/Poll" && request.head.method == .POST)
        #expect(request.body == [1, 2, 3])
        #expect(request.header("Content-Type") == "application/proto")
        #expect(request.header("Authorization") == "Bearer abc")
        #expect(request.header("Connect-Timeout-Ms") == "20000")
        #expect(request.header("Connect-Protocol-Version") == "1")
    }

    /// What the server says decides whose the bytes are.
    @Test(arguments: [true, false])
    func `a model comes as a difference or as a whole`(isDifference: Bool) async throws {
        let bytes = bytes
        let seen = Mutex<[String]>([])
        let answer: @Sendable (HTTPRequest) -> HTTPAnswer? = { request in
            seen.withLock { $0.append(request.head.uri) }
            return isDifference
                ? HTTPAnswer(
                    status: .imUsed, headers: ["Content-Type": "application/vnd.tributary.model-delta"], body: bytes)
                : HTTPAnswer(status: .ok, headers: ["Content-Type": "application/octet-stream"], body: bytes)
        }
        try await withLoopbackServer(answer) { port in
            try await withTransport("http://127.0.0.1:\(port)") { transport in
                let (whole, difference) = (Collector(), Collector())
                let answer = try await transport.download(
                    sha256(bytes), basedOn: sha256([1]), credential: "abc", into: whole, difference: difference)
                #expect(answer.status == (isDifference ? 226 : 200))
                #expect((isDifference ? difference : whole).bytes == bytes)
                #expect((isDifference ? whole : difference).starts.isEmpty)
            }
        }
        let path = "/v1/blobs/\(sha256(bytes).rawValue)?base=\(sha256([1]).rawValue)"
        #expect(seen.withLock { $0 } == [path])
    }

    @Test func `a download goes on from an offset`() async throws {
        let bytes = bytes
        let answer: @Sendable (HTTPRequest) -> HTTPAnswer? = { request in
            var headers: HTTPHeaders = ["Content-Type": "application/octet-stream"]
            guard request.header("Range") == "bytes=1000-" else {
                return HTTPAnswer(status: .ok, headers: headers, body: bytes)
            }
            headers.add(name: "Content-Range", value: "bytes 1000-999999/1000000")
            return HTTPAnswer(status: .partialContent, headers: headers, body: Array(bytes[1000...]))
        }
        try await withLoopbackServer(answer) { port in
            try await withTransport("http://127.0.0.1:\(port)") { transport in
                for offset in [0, 1000] {
                    let collector = Collector()
                    let answer = try await transport.download(
                        sha256(bytes), from: offset, credential: "abc", into: collector)
                    #expect(answer.status == (offset == 0 ? 200 : 206))
                    #expect(collector.starts == [offset])
                    #expect(collector.bytes == Array(bytes[offset...]))
                }
            }
        }
    }

    @Test(arguments: [HTTPResponseStatus.ok, .partialContent, .notFound])
    func `a page in the place of a model is not received`(status: HTTPResponseStatus) async throws {
        let page = Array("<html>sign in</html>".utf8)
        let answer = HTTPAnswer(status: status, headers: ["Content-Type": "text/html"], body: page)
        try await withLoopbackServer({ _ in answer }) { port in
            try await withTransport("http://127.0.0.1:\(port)") { transport in
                let collector = Collector()
                let answer = try await transport.download(sha256(bytes), from: 10, credential: "abc", into: collector)
                #expect(answer.status == Int(status.code) && answer.contentType == "text/html" && answer.body == page)
                #expect(collector.starts.isEmpty && collector.bytes.isEmpty)
            }
        }
    }

    @Test func `an upload sends the rest from an offset, and says where and how long`() async throws {
        let seen = Mutex<HTTPRequest?>(nil)
        let answer: @Sendable (HTTPRequest) -> HTTPAnswer? = { request in
            if request.head.method == .HEAD { return HTTPAnswer(status: .ok, headers: ["Upload-Offset": "1234"]) }
            seen.withLock { $0 = request }
            return HTTPAnswer(status: .created)
        }
        let bytes = bytes
        try await withLoopbackServer(answer) { port in
            try await withTransport("http://127.0.0.1:\(port)") { transport in
                let state = try await transport.uploadState(of: sha256(bytes), credential: "abc")
                #expect(state.status == 200 && state.uploadOffset == "1234")
                let answer = try await transport.upload(
                    sha256(bytes), from: 1234, of: Content(bytes: bytes), credential: "abc")
                #expect(answer.status == 201)
            }
        }
        let request = try #require(seen.withLock { $0 })
        #expect(request.head.method == .PATCH && request.head.uri == "/v1/uploads/\(sha256(bytes).rawValue)")
        #expect(request.body == Array(bytes[1234...]))
        #expect(request.header("Upload-Offset") == "1234" && request.header("Upload-Length") == "1000000")
        #expect(request.header("Content-Length") == "\(1_000_000 - 1234)")
    }

    @Test func `nobody there is transient, and names the server`() async throws {
        let port = try await withLoopbackServer({ _ in nil }) { $0 }
        try await withTransport("http://127.0.0.1:\(port)") { transport in
            let error = await #expect(throws: ClientError.self) {
                try await transport.call(
                    TransportCall(path: "/x", body: [], credential: nil, timeout: .seconds(20)))
            }
            #expect(error?.kind == .unreachable && error?.failure == .transient(nil))
            #expect(error?.description.hasPrefix("http://127.0.0.1:\(port): ") == true)
        }
    }

    @Test func `silence is transient after the call's time`() async throws {
        try await withLoopbackServer({ _ in nil }) { port in
            try await withTransport("http://127.0.0.1:\(port)") { transport in
                let error = await #expect(throws: ClientError.self) {
                    try await transport.call(
                        TransportCall(path: "/x", body: [], credential: nil, timeout: .milliseconds(50)))
                }
                #expect(error?.kind == .timedOut && error?.failure == .transient(nil))
            }
        }
    }

    @Test func `a server that does not speak TLS is not tried again`() async throws {
        try await withLoopbackServer({ _ in HTTPAnswer(status: .ok) }) { port in
            try await withTransport("https://127.0.0.1:\(port)") { transport in
                let error = await #expect(throws: ClientError.self) {
                    try await transport.call(
                        TransportCall(path: "/x", body: [], credential: nil, timeout: .seconds(20)))
                }
                #expect(error?.kind == .untrusted, "\(String(describing: error))")
            }
        }
    }

    @Test(arguments: [
        ("http://10.1.2.3:80", "use https://"), ("fl.example.org", "is not an address"),
        ("ftp://localhost", "is not an address"), ("https://user@host", "is not an address"),
    ])
    func `an address that will not do is named`(server: String, line: String) {
        let error = #expect(throws: ClientError.self) { try AsyncHTTPTransport(ClientSettings(server: server)) }
        #expect(error?.description.contains(line) == true)
        #expect(error?.description.contains(server) == true)
    }

    @Test func `TLS files that will not do are named`() {
        var settings = ClientSettings(server: "https://localhost")
        settings.tls.authorityFile = "/nowhere/ca.pem"
        let error = #expect(throws: ClientError.self) { try AsyncHTTPTransport(settings) }
        #expect(error?.description.contains("/nowhere/ca.pem") == true)
    }
}

private final class Collector: DownloadReceiver {
    private let state = Mutex((starts: [Int](), bytes: [UInt8]()))

    var starts: [Int] { state.withLock { $0.starts } }
    var bytes: [UInt8] { state.withLock { $0.bytes } }

    func begin(at offset: Int) { state.withLock { $0.starts.append(offset) } }
    func receive(_ bytes: UnsafeRawBufferPointer) { state.withLock { $0.bytes += Array(bytes) } }
}

private struct Content: UpdateContent {
    let bytes: [UInt8]

    var byteCount: Int { bytes.count }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) {
        buffer.copyBytes(from: bytes[offset..<(offset + buffer.count)])
    }
}
