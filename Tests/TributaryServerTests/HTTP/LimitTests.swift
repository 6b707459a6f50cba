import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import TributaryCore
import TributaryServer
import TributaryWire

@Suite struct LimitTests {
    @Test func refusesLongHeaders() async throws {
        try await withServer {
            $0.limits.headerByteCount = 1000
        } _: { server in
            let answer = try await RawConnection.open(server.port) { connection in
                try await connection.send("GET /healthz HTTP/1.1\r\nX: \(String(repeating: "x", count: 1100))\r\n\r\n")
                return await connection.receiveAll()
            }
            #expect(answer.hasPrefix("HTTP/1.1 431"))
        }
    }

    @Test func refusesManyHeaders() async throws {
        try await withServer {
            $0.limits.headerFieldCount = 10
        } _: { server in
            let fields = (0..<11).map { "X\($0): 1\r\n" }.joined()
            let answer = try await RawConnection.open(server.port) { connection in
                try await connection.send("GET /healthz HTTP/1.1\r\n\(fields)\r\n")
                return await connection.receiveAll()
            }
            #expect(answer.hasPrefix("HTTP/1.1 431"))
        }
    }

    @Test(arguments: [
        "\u{1}\u{2}\u{3}\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ])
    func refusesWhatIsNoHTTP(text: String) async throws {
        try await withServer { server in
            let answer = try await RawConnection.open(server.port) { connection in
                try await connection.send(text)
                return await connection.receiveAll()
            }
            #expect(answer.hasPrefix("HTTP/1.1 400"))
            let answer4 = try await server.send(.GET, "/healthz")
            #expect(answer4.status == 200)
        }
    }

    @Test(arguments: [("", ""), ("GET /healthz HTTP/1.1\r\nHos", "HTTP/1.1 408")])
    func closesConnectionsWhoseHeaderDoesNotEnd(text: String, expected: String) async throws {
        try await withServer {
            // Long enough for the text to be sent, however busy the machine is.
            $0.timeouts.header = text.isEmpty ? .milliseconds(50) : .seconds(2)
        } _: { server in
            let answer = try await RawConnection.open(server.port) { connection in
                if !text.isEmpty { try await connection.send(text) }
                return await connection.receiveAll()
            }
            #expect(answer.isEmpty == expected.isEmpty && answer.hasPrefix(expected))
        }
    }

    @Test func closesIdleConnections() async throws {
        try await withServer {
            $0.timeouts.idle = .seconds(2)
        } _: { server in
            let answer = try await RawConnection.open(server.port) { connection in
                try await connection.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                return await connection.receiveAll()
            }
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func closesAfterAnAnswerIfItsCallerWantsIt() async throws {
        try await withServer { server in
            let answer = try await RawConnection.open(server.port) { connection in
                try await connection.send("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                return await connection.receiveAll()
            }
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.lowercased().contains("connection: close"))
        }
    }

    @Test(arguments: [true, false])
    func closesOneConnectionTooMany(isPerPeer: Bool) async throws {
        try await withServer {
            if isPerPeer { $0.limits.connectionsPerPeer = 2 } else { $0.limits.connections = 2 }
        } _: { server in
            try await RawConnection.open(server.port) { first in
                try await RawConnection.open(server.port) { second in
                    for connection in [first, second] {
                        var connection = connection
                        try await connection.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                        _ = try await connection.receive(through: "ok\n")
                    }
                    let third = try await RawConnection.open(server.port) { await $0.receiveAll() }
                    #expect(third.isEmpty)
                }
            }
            // Those that have ended make room again, when the server has noticed.
            while (try? await server.send(.GET, "/healthz"))?.status != 200 {}
        }
    }

    @Test func answersBeforeItClosesOnABodyNobodyWants() async throws {
        try await withServer { server in
            let answer = try await RawConnection.open(server.port) { connection in
                try await connection.send("POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n")
                // It may close before all of that is sent.
                try? await connection.send(Array(repeating: 32, count: 1_000_000))
                return try await connection.receive(through: "}")
            }
            #expect(answer.hasPrefix("HTTP/1.1 404"))
        }
    }
}
