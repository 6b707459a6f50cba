import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing
import TributaryCore
import TributaryServer
import TributaryWire

/// Bytes of this process that are in memory; 0 where that cannot be told.
func residentBytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
        let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return 0 }
    return pages * sysconf(Int32(_SC_PAGESIZE))
}

@Suite("Memory under bad calls")
struct MemoryTests {
    @Test("Ten thousand bad calls leave nothing behind, and a client's round completes afterwards")
    func isFlat() async throws {
        try await withWireServer {
            $0.longestWait = .milliseconds(20)
        } _: { server in
            let client = try await server.client("north")
            try await flood(server, 2_000, client.credential)
            let before = residentBytes()
            try await flood(server, 10_000, client.credential)
            let growth = (residentBytes() - before) >> 10
            print("10000 bad calls: resident memory \(before >> 10) KiB before, \(growth) KiB more after")
            #expect(growth < 64 << 10)
            try await server.createRun("after", clients: 1)
            #expect(try await client.work(on: try await client.task()).receipt == .accepted)
        }
    }

    @Test("Polls that wait hold nothing of their bodies, however large they were")
    func waiting() async throws {
        // As many as the test's client keeps connections to one server.
        let (size, count) = (64 << 20, 8)
        // Some kilobytes on the wire.
        let body = gzip(Array((#"{"waitMs":60000"# + String(repeating: " ", count: size) + "}").utf8))
        try await withServer {
            $0.limits.messageByteCount = 2 * size
        } _: { server in
            let before = residentBytes()
            // What has happened: all polls wait, or one of them has ended.
            let isWaiting = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        _ = try? await server.send(
                            .POST, ConnectMethod.poll.path,
                            [("content-type", "application/json"), ("content-encoding", "gzip")],
                            body: .bytes(ByteBuffer(bytes: body)))
                        return false
                    }
                }
                group.addTask {
                    var begun = server.calls.begun.stream.makeAsyncIterator()
                    for _ in 0..<count where await begun.next() == nil { return false }
                    return true
                }
                let first = await group.next()
                // Other tests take memory at the same time; the bodies would be half a gigabyte.
                #expect(residentBytes() - before < 384 << 20)
                group.cancelAll()
                return first
            }
            #expect(isWaiting == true, "a poll has ended before all of them waited")
        }
    }

    /// Calls that are wrong in turn, from 16 callers at once.
    private func flood(_ server: WireServer, _ count: Int, _ credential: String) async throws {
        // Those that are bad whoever makes them, and small enough to be many.
        let lines = BadCallTests.cases.filter {
            $0.json.utf8.count < 50_000 && ($0.shows == .client || $0.shows == .operatorToken)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<16 {
                group.addTask {
                    for number in stride(from: caller, to: count, by: 16) {
                        let bad = lines[number % lines.count]
                        let shown = bad.shows == .operatorToken ? WireServer.operatorToken : credential
                        let token = number % 5 == 0 ? "\(number).wrong" : shown
                        let answer = try await server.call(bad.method, bad.json, credential: token)
                        #expect(answer.status >= 400)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
