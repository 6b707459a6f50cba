import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import TributaryCore
import TributaryMath
import TributaryServer
import TributaryStore
import TributaryWire

@Suite struct DownloadTests {
    private static let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }

    @Test func sendsABlob() async throws {
        try await withServer { server in
            let digest = try server.put(Self.bytes)
            let answer = try await server.send(.GET, "/v1/blobs/\(digest)")
            #expect(answer.status == 200)
            #expect(answer.body == Self.bytes)
            #expect(answer.header("etag") == "\"\(digest)\"")
            #expect(answer.header("cache-control") == "private, max-age=31536000, immutable")
            #expect(answer.header("accept-ranges") == "bytes")
            #expect(answer.header("content-length") == "300000")
        }
    }

    @Test(arguments: [
        ("bytes=0-0", 0..<1), ("bytes=10-19", 10..<20), ("bytes=299999-", 299_999..<300_000),
        ("bytes=100-999999999", 100..<300_000), ("bytes=-1", 299_999..<300_000), ("bytes=-400000", 0..<300_000),
        ("bytes=1000-250000", 1000..<250_001),
    ])
    func sendsAPart(range: String, expected: Range<Int>) async throws {
        try await withServer {
            $0.limits.chunkByteCount = 70_000
        } _: { server in
            let digest = try server.put(Self.bytes)
            let answer = try await server.send(.GET, "/v1/blobs/\(digest)", [("range", range)])
            #expect(answer.status == 206)
            #expect(
                answer.header("content-range") == "bytes \(expected.lowerBound)-\(expected.upperBound - 1)/300000")
            #expect(answer.body == Array(Self.bytes[expected]))
        }
    }

    @Test(arguments: ["bytes=300000-", "bytes=-0", "bytes=400000-500000"])
    func refusesPartsBeyondTheEnd(range: String) async throws {
        try await withServer { server in
            let digest = try server.put(Self.bytes)
            let answer = try await server.send(.GET, "/v1/blobs/\(digest)", [("range", range)])
            #expect(answer.status == 416)
            #expect(answer.header("content-range") == "bytes */300000")
        }
    }

    @Test(arguments: [
        "bytes=5-4", "bytes=0-1,5-6", "lines=0-1", "bytes=a-b", "bytes=--1", "bytes=99999999999999999999-",
    ])
    func passesOverRangesItDoesNotUnderstand(range: String) async throws {
        try await withServer { server in
            let digest = try server.put(Self.bytes)
            let answer = try await server.send(.GET, "/v1/blobs/\(digest)", [("range", range)])
            #expect(answer.status == 200)
            #expect(answer.body.count == 300_000)
        }
    }

    @Test func saysThatACopyIsStillGood() async throws {
        try await withServer { server in
            let digest = try server.put(Self.bytes)
            for tag in ["\"\(digest)\"", "\"other\", W/\"\(digest)\"", "*"] {
                let answer = try await server.send(.GET, "/v1/blobs/\(digest)", [("if-none-match", tag)])
                #expect(answer.status == 304)
                #expect(answer.body.isEmpty)
            }
            let changed = try await server.send(.GET, "/v1/blobs/\(digest)", [("if-none-match", "\"other\"")])
            #expect(changed.status == 200)
        }
    }

    @Test func sendsAPartOnlyOfWhatTheCallerHas() async throws {
        try await withServer { server in
            let digest = try server.put(Self.bytes)
            let path = "/v1/blobs/\(digest)"
            let same = try await server.send(.GET, path, [("range", "bytes=5-"), ("if-range", "\"\(digest)\"")])
            #expect(same.status == 206)
            let other = try await server.send(.GET, path, [("range", "bytes=5-"), ("if-range", "\"other\"")])
            #expect(other.status == 200)
        }
    }

    @Test func describesABlob() async throws {
        try await withServer { server in
            let digest = try server.put(Self.bytes)
            let answer = try await server.send(.HEAD, "/v1/blobs/\(digest)")
            #expect(answer.status == 200)
            #expect(answer.header("content-length") == "300000")
            #expect(answer.body.isEmpty)
        }
    }

    @Test func refusesStrangersBeforeItLooks() async throws {
        try await withServer { server in
            let digest = try server.put(Self.bytes)
            let here = try await server.send(.GET, "/v1/blobs/\(digest)", credential: nil)
            let missing = try await server.send(
                .GET, "/v1/blobs/\(String(repeating: "0", count: 64))", credential: nil)
            #expect(here.status == 401)
            #expect(missing.status == 401)
        }
    }

    @Test(arguments: ["0000000000000000000000000000000000000000000000000000000000000000", "ABC", "..%2f..", "x/y"])
    func knowsNoOthers(name: String) async throws {
        try await withServer { server in
            let answer = try await server.send(.GET, "/v1/blobs/\(name)")
            #expect(answer.status == 404)
            #expect(answer.code == .notFound)
        }
    }
}
