import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import TributaryCore
import TributaryServer
import TributaryWire

@Suite struct CallTests {
    private static let register = "/tributary.v1.Enrolment/Register"
    private static let poll = "/tributary.v1.Tasks/Poll"

    @Test func answersProtobufWithProtobuf() async throws {
        try await withServer { server in
            var request = WireRegisterRequest()
            request.name = "north"
            let body = try ConnectCoding.encode(request, as: .proto)
            let answer = try await server.send(
                .POST, Self.register, [("content-type", "application/proto")], body: .bytes(body))
            #expect(answer.status == 200)
            #expect(answer.header("content-type") == "application/proto")
            let response = try ConnectCoding.decode(WireRegisterResponse.self, from: answer.body, as: .proto)
            #expect(response.clientID == 42)
            #expect(response.credential == "for north")
        }
    }

    @Test func answersJSONWithJSON() async throws {
        try await withServer { server in
            let answer = try await server.send(
                .POST, Self.register, [("content-type", "application/json; charset=utf-8")],
                body: .bytes(ByteBuffer(string: #"{"name": "north"}"#)))
            #expect(answer.status == 200)
            #expect(answer.text.contains(#""credential":"for north""#))
        }
    }

    @Test func passesOnWhoCalls() async throws {
        try await withServer { server in
            _ = try await server.call(Self.register, "{}", [("authorization", "bearer   abc")])
            let caller = server.calls.lastCaller.withLock { $0 }
            #expect(caller == Caller(credential: "abc", peer: "127.0.0.1"))
        }
    }

    /// Those who hold messages open take room from each other, and none from clients that are known.
    @Test func strangersDoNotTakeTheRoomOfClients() async throws {
        try await withServer {
            $0.limits.strangersBytesInProgress = 1000
        } _: { server in
            try await RawConnection.open(server.port) { stranger in
                try await stranger.send(
                    "POST \(Self.register) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 1000\r\n\r\n{" + String(repeating: " ", count: 900))
                let message = #"{"name": "\#(String(repeating: "n", count: 200))"}"#
                // Until the server has read what the stranger sent.
                var answer = try await server.call(Self.register, message, credential: nil)
                while answer.status == 200 { answer = try await server.call(Self.register, message, credential: nil) }
                #expect(answer.code == .unavailable && answer.message.contains("come back"))
                #expect(answer.header("retry-after") != nil)
                #expect(try await server.call(Self.register, message).status == 200)
                try await stranger.send(String(repeating: " ", count: 98) + "}")
                _ = try await stranger.receive(through: "}")
                #expect(try await server.call(Self.register, message, credential: nil).status == 200)
            }
        }
    }
    @Test func refusesOtherContentTypes() async throws {
        try await withServer { server in
            let answer = try await server.send(
                .POST, Self.register, [("content-type", "text/plain")], body: .bytes(ByteBuffer(string: "{}")))
            #expect(answer.status == 415)
            #expect(answer.header("accept-post") == "application/proto, application/json")
        }
    }

    @Test(arguments: [
        "/tributary.v1.Enrolment/Unregister", "/tributary.v1.Unknown/Register", "/tributary.v2.Tasks/Poll",
    ])
    func namesWhatItSpeaksForUnknownCalls(path: String) async throws {
        try await withServer { server in
            let answer = try await server.call(path, "{}")
            #expect(answer.status == 404)
            #expect(answer.code == .unimplemented)
            #expect(answer.message.contains("tributary.v1"))
        }
    }

    @Test func takesNoGet() async throws {
        try await withServer { server in
            let answer = try await server.send(.GET, Self.poll)
            #expect(answer.status == 405)
            #expect(answer.header("allow") == "POST")
        }
    }

    @Test(arguments: [true, false])
    func refusesLongMessages(isAnnounced: Bool) async throws {
        try await withServer {
            $0.limits.messageByteCount = 1000
        } _: { server in
            let body = ByteBuffer(repeating: 32, count: 1001)
            let answer = try await server.send(
                .POST, Self.register, [("content-type", "application/json")],
                body: isAnnounced
                    ? .bytes(body) : .stream([body].async, length: .unknown))
            #expect(answer.code == .resourceExhausted)
            #expect(answer.message.contains("1000"))
        }
    }

    @Test func saysWhatIsWrongWithAMessage() async throws {
        try await withServer { server in
            let answer = try await server.call(Self.register, #"{"nmae": "north"}"#)
            #expect(answer.status == 400)
            #expect(answer.code == .invalidArgument)
            #expect(answer.message.contains("nmae"))
        }
    }

    @Test func refusesWrongCredentials() async throws {
        try await withServer { server in
            let answer = try await server.call(Self.poll, "{}", credential: "wrong")
            #expect(answer.status == 401)
            #expect(answer.code == .unauthenticated)
        }
    }

    @Test func saysWhenToComeBack() async throws {
        try await withServer { server in
            let answer = try await server.call("/tributary.v1.Enrolment/Leave", "{}")
            #expect(answer.status == 503)
            #expect(answer.header("retry-after") == "2")
            #expect(answer.header("tributary-retry-window") == "1500-4000")
        }
    }

    @Test func hidesItsOwnFaults() async throws {
        try await withServer { server in
            let answer = try await server.call("/tributary.v1.Enrolment/Renew", "{}")
            #expect(answer.status == 500)
            #expect(answer.code == .internal)
            #expect(!answer.text.contains("password"))
        }
    }

    @Test func endsACallAtItsCallersDeadline() async throws {
        try await withServer { server in
            let answer = try await server.call(Self.poll, #"{"waitMs": "60000"}"#, [("connect-timeout-ms", "20")])
            #expect(answer.status == 504)
            #expect(answer.code == .deadlineExceeded)
        }
    }

    /// A deadline that passes while the body is on its way: told, and the connection closed, however much is to come.
    @Test(arguments: [100, 100_000, nil])
    func endsACallWhoseBodyIsSlowerThanItsCallersDeadline(announced: Int?) async throws {
        try await withServer { server in
            let answer = try await RawConnection.open(server.port) { connection in
                try await connection.send(Self.head(announced: announced, "Connect-Timeout-Ms: 50\r\n"))
                return await connection.receiveAll()
            }
            #expect(answer.hasPrefix("HTTP/1.1 504"))
            #expect(answer.contains(#""code":"deadline_exceeded""#))
            #expect(answer.lowercased().contains("connection: close"))
        }
    }

    @Test(arguments: [100, 100_000, nil])
    func endsACallWhoseBodyIsSlowerThanTheServerWaits(announced: Int?) async throws {
        try await withServer {
            $0.timeouts.progress = .milliseconds(50)
        } _: { server in
            let answer = try await RawConnection.open(server.port) { connection in
                try await connection.send(Self.head(announced: announced))
                return await connection.receiveAll()
            }
            #expect(answer.hasPrefix("HTTP/1.1 408"))
            #expect(answer.contains(#""code":"deadline_exceeded""#))
        }
    }

    /// The header of a poll and the first byte of its body; without an announced length, a body in pieces.
    private static func head(announced: Int?, _ more: String = "") -> String {
        let length =
            announced.map { "Content-Length: \($0)\r\n\r\n{" } ?? "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"
        return "POST \(poll) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\(more)\(length)"
    }

    @Test(arguments: ["", "abc", "-1", "12345678901"])
    func refusesMalformedDeadlines(value: String) async throws {
        try await withServer { server in
            let answer = try await server.call(Self.poll, "{}", [("connect-timeout-ms", value)])
            #expect(answer.code == .invalidArgument)
        }
    }

    @Test(arguments: ["br", "zstd", "gzip, gzip"])
    func namesTheEncodingsItTakes(encoding: String) async throws {
        try await withServer { server in
            let answer = try await server.call(Self.poll, "{}", [("content-encoding", encoding)])
            #expect(answer.code == .unimplemented)
            #expect(answer.status == 501)
            #expect(answer.header("accept-encoding") == "gzip")
            #expect(answer.message.contains("identity or gzip"))
        }
    }

    @Test func cancelsACallWhoseCallerIsGone() async throws {
        try await withServer { server in
            try await RawConnection.open(server.port) { connection in
                let body = #"{"waitMs":"60000"}"#
                try await connection.send(
                    "POST \(Self.poll) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Authorization: Bearer \(StubCalls.credential)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                )
                var begun = server.calls.begun.stream.makeAsyncIterator()
                _ = await begun.next()
            }
            var cancelled = server.calls.cancelled.stream.makeAsyncIterator()
            let heard: Void? = await cancelled.next()
            #expect(heard != nil)
        }
    }

    @Test func serves10CallsOnOneConnection() async throws {
        try await withServer { server in
            try await RawConnection.open(server.port) { connection in
                for _ in 0..<10 {
                    try await connection.send(
                        "POST /tributary.v1.Health/Check HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                            + "Content-Length: 2\r\n\r\n{}")
                    let answer = try await connection.receive(through: "}")
                    #expect(answer.hasPrefix("HTTP/1.1 200"))
                    #expect(answer.contains("1.2.3"))
                }
            }
        }
    }
}

extension Array where Element: Sendable {
    /// The elements as a sequence that arrives by and by.
    var async: AsyncStream<Element> {
        AsyncStream { continuation in
            for element in self { continuation.yield(element) }
            continuation.finish()
        }
    }
}
