#if os(Linux)
    import Foundation
    import NIOHTTP1
    import Testing
    import TributaryClient
    import TributaryCore

    @Suite struct DeadConnectionTests {
        /// A connection that its router forgot says nothing: TCP has to ask whether the other end is still there.
        @Test(arguments: [(Duration.seconds(30), 15.0), (.seconds(1), 3), (.seconds(100_000), 1800)])
        func `an idle connection is asked after`(limit: Duration, seconds: Double) async throws {
            let answer: @Sendable (HTTPRequest) -> HTTPAnswer? = { _ in HTTPAnswer(status: .ok) }
            try await withLoopbackServer(answer) { port in
                var settings = ClientSettings(server: "http://127.0.0.1:\(port)")
                settings.timeouts.call = limit
                let transport = try AsyncHTTPTransport(settings)
                let call = TransportCall(path: "/a", body: [], credential: nil, timeout: .seconds(20))
                let answer = try? await transport.call(call)
                let delay = try Self.keepAliveDelay(ofConnectionTo: port)
                try await transport.shutdown()
                #expect(answer?.status == 200)
                #expect(try #require(delay) <= seconds)
            }
        }

        /// In how many seconds the kernel asks an idle connection's other end for a sign of life; nil for never.
        private static func keepAliveDelay(ofConnectionTo port: Int) throws -> Double? {
            // Its size is said to be 0: to read a file of that size gives its first page.
            let table = try #require(FileHandle(forReadingAtPath: "/proc/self/net/tcp")).readToEnd() ?? Data()
            let text = String(decoding: table, as: UTF8.self)
            for line in text.split(separator: "\n").dropFirst() {
                // Of: number, local and remote address, state, queues, timer:when in hundredths of a second, ...
                let fields = line.split(separator: " ")
                let timer = fields[5].split(separator: ":")
                guard fields[2].split(separator: ":").last.flatMap({ Int($0, radix: 16) }) == port, timer[0] == "02"
                else { continue }
                return Int(timer[1], radix: 16).map { Double($0) / 100 }
            }
            return nil
        }
    }
#endif
