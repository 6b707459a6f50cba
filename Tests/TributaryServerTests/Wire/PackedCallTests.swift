import NIOHTTP1
import Testing
import TributaryCore
import TributaryServer
import TributaryWire

/// Calls whose bodies are packed with gzip, as Connect's clients send them by default.
@Suite("Packed calls")
struct PackedCallTests {
    private func check(_ server: WireServer, _ body: [UInt8]) async throws -> TestServer.Answer {
        try await server.send(
            .POST, ConnectMethod.checkHealth.path,
            [("content-type", "application/json"), ("content-encoding", "gzip"), ("accept-encoding", "gzip")],
            body: body)
    }

    @Test("They are unpacked, and answered as they are")
    func unpacks() async throws {
        try await withWireServer { server in
            for body in [Array("{}".utf8), Array(("{" + String(repeating: " ", count: 900_000) + "}").utf8)] {
                let answer = try await check(server, gzip(body))
                #expect(answer.status == 200)
                #expect(answer.header("content-encoding") == nil)
                #expect(answer.text.contains("isReady"))
            }
        }
    }

    @Test("An empty body is not unpacked")
    func empty() async throws {
        try await withWireServer { server in
            let answer = try await server.send(
                .POST, ConnectMethod.checkHealth.path,
                [("content-type", "application/proto"), ("content-encoding", "gzip")])
            #expect(answer.status == 200)
        }
    }

    @Test("What unpacks to more than a message may hold is refused before it fills the memory")
    func bomb() async throws {
        try await withWireServer { server in
            // 200 MB in 200 KB; and a limit's worth and one byte.
            let sizes = [200_000_000, (1 << 20) + 1]
            for size in sizes {
                let bomb = gzip([UInt8](repeating: 32, count: size))
                let before = residentBytes()
                for _ in 0..<20 {
                    let answer = try await check(server, bomb)
                    #expect(answer.code == .resourceExhausted)
                    #expect(answer.message.contains("1048576"))
                }
                #expect(residentBytes() - before < 100 << 20)
            }
        }
    }

    @Test("What is no gzip, is cut off or damaged is told so")
    func damaged() async throws {
        try await withWireServer { server in
            let sound = gzip(Array("{}".utf8))
            var flipped = sound
            flipped[sound.count - 6] ^= 1
            for body in [Array("{}".utf8), Array(sound.dropLast(3)), flipped, sound + [1, 2, 3]] {
                let answer = try await check(server, body)
                #expect(answer.code == .invalidArgument)
                #expect(answer.message.contains("gzip"))
                #expect(isOneGoodLine(answer))
            }
        }
    }
}
