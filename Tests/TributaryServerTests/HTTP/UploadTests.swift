import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import TributaryCore
import TributaryServer
import TributaryStore
import TributaryWire

@Suite struct UploadTests {
    private static let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }

    private static func path(_ digest: BlobDigest) -> String { "/v1/uploads/\(digest)" }

    private static func patch(
        _ server: TestServer, _ digest: BlobDigest, _ bytes: ArraySlice<UInt8>, at offset: Int,
        of length: Int = bytes.count
    ) async throws -> TestServer.Answer {
        try await server.send(
            .PATCH, path(digest), [("upload-offset", "\(offset)"), ("upload-length", "\(length)")],
            body: .bytes(ByteBuffer(bytes: bytes)))
    }

    @Test func takesTheWholeAtOnce() async throws {
        try await withServer { server in
            let digest = try digest(of: Self.bytes)
            let answer = try await server.send(.PUT, Self.path(digest), body: .bytes(Self.bytes))
            #expect(answer.status == 201)
            #expect(try server.stored(digest) == Self.bytes)
        }
    }

    @Test func takesAWholeOfUnknownLengthOnlyWithItAnnounced() async throws {
        try await withServer { server in
            let digest = try digest(of: Self.bytes)
            let chunks = [ByteBuffer(bytes: Self.bytes[..<100_000]), ByteBuffer(bytes: Self.bytes[100_000...])]
            let without = try await server.send(
                .PUT, Self.path(digest), body: .stream(chunks.async, length: .unknown))
            #expect(without.status == 411)
            let with = try await server.send(
                .PUT, Self.path(digest), [("upload-length", "300000")],
                body: .stream(chunks.async, length: .unknown))
            #expect(with.status == 201)
            #expect(try server.stored(digest) == Self.bytes)
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5])
    func takesItInParts(seed: UInt64) async throws {
        try await withServer {
            $0.limits.chunkByteCount = 40_000
        } _: { server in
            let digest = try digest(of: Self.bytes)
            let cuts = [0] + (1...4).map { Int(seed) * 13_001 * $0 } + [Self.bytes.count]
            for (start, end) in zip(cuts, cuts.dropFirst()) {
                let answer = try await Self.patch(server, digest, Self.bytes[start..<end], at: start)
                #expect(answer.status == (end == Self.bytes.count ? 201 : 204))
                #expect(answer.header("upload-offset") == "\(end)")
            }
            #expect(try server.stored(digest) == Self.bytes)
        }
    }

    @Test func saysHowMuchHasArrived() async throws {
        try await withServer { server in
            let digest = try digest(of: Self.bytes)
            let nothing = try await server.send(.HEAD, Self.path(digest))
            #expect(nothing.status == 404)
            _ = try await Self.patch(server, digest, Self.bytes[..<1234], at: 0)
            let some = try await server.send(.HEAD, Self.path(digest))
            #expect(some.status == 200)
            #expect(some.header("upload-offset") == "1234")
            _ = try await Self.patch(server, digest, Self.bytes[1234...], at: 1234)
            let all = try await server.send(.HEAD, Self.path(digest))
            #expect(all.header("upload-offset") == "300000")
        }
    }

    @Test(arguments: [0, 999, 1001, 300_000])
    func saysWhereItGoesOn(offset: Int) async throws {
        try await withServer { server in
            let digest = try digest(of: Self.bytes)
            _ = try await Self.patch(server, digest, Self.bytes[..<1000], at: 0)
            let answer = try await Self.patch(
                server, digest, Self.bytes[offset..<min(offset + 10, 300_000)], at: offset)
            #expect(answer.status == 409)
            #expect(answer.header("upload-offset") == "1000")
            let rest = try await Self.patch(server, digest, Self.bytes[1000...], at: 1000)
            #expect(rest.status == 201)
        }
    }

    @Test func refusesBytesOfAnotherDigest() async throws {
        try await withServer { server in
            let digest = try digest(of: Self.bytes)
            var wrong = Self.bytes
            wrong[1000] ^= 1
            let answer = try await server.send(.PUT, Self.path(digest), body: .bytes(wrong))
            #expect(answer.status == 422)
            #expect(answer.code == .invalidArgument)
            let answer1 = try await server.send(.HEAD, Self.path(digest))
            #expect(answer1.status == 404)
            #expect(try server.stored(digest) == nil)
        }
    }

    @Test func answersARepetitionAsTheFirst() async throws {
        try await withServer { server in
            let digest = try digest(of: Self.bytes)
            for _ in 0..<3 {
                let answer = try await server.send(.PUT, Self.path(digest), body: .bytes(Self.bytes))
                #expect(answer.status == 201)
            }
        }
    }

    /// Whoever is told that a blob is here may rely on it from then on: the sweep has to see it as new.
    @Test(arguments: ["PUT", "PATCH", "HEAD"])
    func saysThatABlobIsHereOnlyOnceItStays(method: String) async throws {
        try await withServer { server in
            let digest = try server.put(Self.bytes)
            let path = "\(server.folder)/store/blobs/\(digest.rawValue.prefix(2))/\(digest)"
            let past = Date(timeIntervalSince1970: 0)
            try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: path)
            let answer =
                switch method {
                case "PUT": try await server.send(.PUT, Self.path(digest), body: .bytes(Self.bytes))
                case "PATCH": try await Self.patch(server, digest, [], at: 300_000)
                default: try await server.send(.HEAD, Self.path(digest))
                }
            #expect(answer.status == (method == "HEAD" ? 200 : 201))
            #expect(answer.header("upload-offset") == "300000")
            #expect(try !server.store.remove(digest, olderThan: 3600))
            #expect(try server.stored(digest) == Self.bytes)
        }
    }

    @Test func refusesWhatIsTooLong() async throws {
        try await withServer {
            $0.limits.blobByteCount = 299_999
        } _: { server in
            let digest = try digest(of: Self.bytes)
            let whole = try await server.send(.PUT, Self.path(digest), body: .bytes(Self.bytes))
            #expect(whole.status == 413)
            #expect(whole.code == .resourceExhausted)
            let part = try await Self.patch(server, digest, Self.bytes[..<10], at: 0)
            #expect(part.status == 413)
        }
    }

    @Test func refusesMoreThanWasAnnounced() async throws {
        try await withServer { server in
            let digest = try digest(of: Self.bytes)
            let announced = try await Self.patch(server, digest, Self.bytes[..<11], at: 0, of: 10)
            #expect(announced.status == 400)
            let streamed = try await server.send(
                .PUT, Self.path(digest), [("upload-length", "10")],
                body: .stream([ByteBuffer(bytes: Self.bytes[..<11])].async, length: .unknown))
            #expect(streamed.status == 400)
            #expect(try server.stored(digest) == nil)
        }
    }

    @Test func needsToKnowWhereAPartBelongs() async throws {
        try await withServer { server in
            let digest = try digest(of: Self.bytes)
            for headers in [
                [("upload-offset", "0")], [("upload-length", "9")], [("upload-offset", "x"), ("upload-length", "9")],
            ] {
                let answer = try await server.send(
                    .PATCH, Self.path(digest), headers, body: .bytes(ByteBuffer(bytes: [1])))
                #expect(answer.status == 400)
            }
        }
    }

    @Test func refusesStrangers() async throws {
        try await withServer { server in
            let digest = try digest(of: Self.bytes)
            let answer = try await server.send(
                .PUT, Self.path(digest), body: .bytes(ByteBuffer(bytes: Self.bytes)), credential: nil)
            #expect(answer.status == 401)
        }
    }

    @Test func keepsWhatArrivedBeforeTheConnectionBroke() async throws {
        try await withServer {
            $0.limits.chunkByteCount = 10_000_000
        } _: { server in
            let digest = try digest(of: Self.bytes)
            try await RawConnection.open(server.port) { connection in
                try await connection.send(Self.head("PUT", digest, length: 300_000, "Expect: 100-continue\r\n"))
                _ = try await connection.receive(through: "100 Continue\r\n\r\n")
                try await connection.send(Array(Self.bytes[..<200_000]))
            }
            // The server notices in its own time; asking is the way to find out, for clients too.
            var offset: String?
            repeat {
                offset = try await server.send(.HEAD, Self.path(digest)).header("upload-offset")
            } while offset != "200000"
            let answer = try await Self.patch(server, digest, Self.bytes[200_000...], at: 200_000)
            #expect(answer.status == 201)
            #expect(try server.stored(digest) == Self.bytes)
        }
    }

    @Test func givesUpWhenBytesStop() async throws {
        try await withServer {
            $0.timeouts.progress = .milliseconds(50)
        } _: { server in
            let digest = try digest(of: Self.bytes)
            let answer = try await RawConnection.open(server.port) { connection in
                try await connection.send(Self.head("PUT", digest, length: 300_000))
                try await connection.send(Array(Self.bytes[..<1000]))
                return await connection.receiveAll()
            }
            #expect(answer.hasPrefix("HTTP/1.1 408"))
            let answer2 = try await server.send(.HEAD, Self.path(digest))
            #expect(answer2.header("upload-offset") == "1000")
        }
    }

    @Test func givesUpOnSendersThatAreHardlySending() async throws {
        try await withServer {
            $0.timeouts.slowWindow = .milliseconds(100)
            $0.timeouts.slowestRate = 1_000_000
            $0.timeouts.progress = .seconds(20)
        } _: { server in
            let digest = try digest(of: Self.bytes)
            let answer = try await RawConnection.open(server.port) { connection in
                try await connection.send(Self.head("PUT", digest, length: 300_000))
                try await connection.send([1])
                return await connection.receiveAll()
            }
            #expect(answer.hasPrefix("HTTP/1.1 408"))
        }
    }

    @Test func tellsUploadsBeyondItsLimitToComeBack() async throws {
        try await withServer {
            $0.limits.uploads = 0
        } _: { server in
            let digest = try digest(of: Self.bytes)
            let answer = try await server.send(.PUT, Self.path(digest), body: .bytes(ByteBuffer(bytes: Self.bytes)))
            #expect(answer.status == 503)
            #expect(answer.header("tributary-retry-window") == "2000-10000")
        }
    }

    @Test func takesFewUploadsOfOneClientAtATime() async throws {
        try await withServer {
            $0.limits.uploadsPerClient = 1
        } _: { server in
            let digest = try digest(of: Self.bytes)
            let other = try TributaryServerTests.digest(of: [])
            try await RawConnection.open(server.port) { connection in
                try await connection.send(Self.head("PUT", digest, length: 300_000, "Expect: 100-continue\r\n"))
                _ = try await connection.receive(through: "100 Continue\r\n\r\n")
                let second = try await server.send(.PUT, Self.path(other), [("upload-length", "0")])
                #expect(second.status == 503)
                #expect(second.message.contains("1 uploads of the caller's"))
                #expect(second.header("tributary-retry-window") == "2000-10000")
                try await connection.send(Self.bytes)
                _ = try await connection.receive(through: "201 Created")
            }
            #expect(try await server.send(.PUT, Self.path(other), [("upload-length", "0")]).status == 201)
        }
    }

    private static func head(_ method: String, _ digest: BlobDigest, length: Int, _ more: String = "") -> String {
        "\(method) \(path(digest)) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(StubCalls.credential)\r\n"
            + "Content-Length: \(length)\r\n\(more)\r\n"
    }
}
