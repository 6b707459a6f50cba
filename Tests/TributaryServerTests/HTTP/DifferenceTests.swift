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

/// Models that go out as their difference to one that the caller has.
@Suite struct DifferenceTests {
    /// A model, and what a step made of it, as the bytes of their blobs.
    private static let models: (old: [UInt8], new: [UInt8]) = {
        var stream = Seed(1).stream()
        let old = (0..<50_000).map { _ in Float(stream.normal()) }
        let new = old.map { $0 * 1.001 }
        return (TensorEncoding.float32.encoded(old), TensorEncoding.float32.encoded(new))
    }()

    /// A server with both in its store, of which the old one may be used.
    private func withModels(
        metrics: MetricsRegistry? = nil, _ configure: (inout HTTPSettings) -> Void = { _ in },
        _ body: @escaping @Sendable (TestServer, _ new: BlobDigest, _ old: BlobDigest) async throws -> Void
    ) async throws {
        try await withServer(metrics: metrics, configure) { server in
            let (new, old) = (try server.put(Self.models.new), try server.put(Self.models.old))
            server.calls.bases.withLock { $0 = [old] }
            try await body(server, new, old)
        }
    }

    @Test func sendsADifference() async throws {
        let metrics = MetricsRegistry()
        try await withModels(metrics: metrics) { server, new, old in
            let answer = try await server.send(.GET, "/v1/blobs/\(new)?base=\(old)")
            #expect(answer.status == 226)
            #expect(answer.header("im") == "tributary-delta" && answer.header("delta-base") == "\"\(old)\"")
            #expect(answer.header("etag") == "\"\(new)\"" && answer.header("accept-ranges") == nil)
            #expect(answer.header("content-type") == ModelDeltaAnswer.contentType)
            #expect(answer.header("content-length") == "\(answer.body.count)")
            #expect(answer.body.count < Self.models.new.count)
            #expect(
                try ModelDelta.applied(answer.body, to: Self.models.old, bytesPerElement: 4) == Self.models.new)
            let lines = metrics.prometheusText().split(separator: "\n")
            #expect(lines.contains("tributary_http_saved_bytes_total \(200_000 - answer.body.count)"))
            #expect(lines.contains("tributary_http_model_deltas_total 1"))
        }
    }

    @Test func describesADifference() async throws {
        try await withModels { server, new, old in
            let answer = try await server.send(.HEAD, "/v1/blobs/\(new)?base=\(old)")
            let whole = try await server.send(.GET, "/v1/blobs/\(new)?base=\(old)")
            #expect(answer.status == 226 && answer.body.isEmpty)
            #expect(answer.header("content-length") == "\(whole.body.count)")
        }
    }

    /// Also by somebody who has it from the cache, as the old model is gone from the store.
    @Test func makesADifferenceOnce() async throws {
        try await withModels { server, new, old in
            let first = try await server.send(.GET, "/v1/blobs/\(new)?base=\(old)")
            try server.store.remove(old)
            let second = try await server.send(.GET, "/v1/blobs/\(new)?base=\(old)")
            #expect(first.status == 226 && second.status == 226 && first.body == second.body)
        }
    }

    @Test func manyAskAtTheSameTime() async throws {
        try await withModels { server, new, old in
            let answers = try await withThrowingTaskGroup(of: TestServer.Answer.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await server.send(.GET, "/v1/blobs/\(new)?base=\(old)") }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 226 } && Set(answers.map(\.body)).count == 1)
        }
    }

    /// Whatever is named as the base, the whole is an answer.
    @Test(arguments: ["", "?base=", "?base=abc", "?base=\(String(repeating: "0", count: 64))", "?other=1&base", "?&&="])
    func sendsTheWholeForAnythingElse(query: String) async throws {
        try await withModels { server, new, _ in
            let answer = try await server.send(.GET, "/v1/blobs/\(new)\(query)")
            #expect(answer.status == 200 && answer.body == Self.models.new)
            #expect(answer.header("im") == nil && answer.header("accept-ranges") == "bytes")
        }
    }

    @Test func sendsTheWholeWhereTheBaseMayNotBeUsed() async throws {
        try await withModels { server, new, old in
            server.calls.bases.withLock { $0 = [] }
            let answer = try await server.send(.GET, "/v1/blobs/\(new)?base=\(old)")
            #expect(answer.status == 200 && answer.body == Self.models.new)
        }
    }

    @Test func sendsTheWholeWhereTheBaseIsGoneOrDoesNotFit() async throws {
        try await withModels { server, new, old in
            let short = try server.put(Array(Self.models.old.dropLast(4)))
            let noise = try server.put((0..<200_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 11) })
            try server.store.remove(old)
            server.calls.bases.withLock { $0 = [old, short, noise] }
            for base in [old, short, noise] {
                let answer = try await server.send(.GET, "/v1/blobs/\(new)?base=\(base)")
                #expect(answer.status == 200 && answer.body == Self.models.new)
            }
        }
    }

    /// A part is always one of the whole: who has its beginning goes on with it.
    @Test func partsAreOfTheWhole() async throws {
        try await withModels { server, new, old in
            let answer = try await server.send(.GET, "/v1/blobs/\(new)?base=\(old)", [("range", "bytes=100-")])
            #expect(answer.status == 206 && answer.body == Array(Self.models.new[100...]))
            let known = try await server.send(
                .GET, "/v1/blobs/\(new)?base=\(old)", [("if-none-match", "\"\(new)\"")])
            #expect(known.status == 304)
        }
    }

    /// Neither is made what would not be kept, nor waited for what cannot be made now.
    @Test(arguments: [0, 1])
    func bounds(number: Int) async throws {
        try await withModels {
            if number == 0 { $0.limits.differenceByteCount = 1000 } else { $0.limits.differencesInProgress = 0 }
        } _: { server, new, old in
            for _ in 0..<2 {
                let answer = try await server.send(.GET, "/v1/blobs/\(new)?base=\(old)")
                #expect(answer.status == 200 && answer.body == Self.models.new)
            }
        }
    }

    /// The one that was not asked for the longest makes room: it would have to be made anew, from what is there then.
    @Test func keepsDifferencesWithinABound() async throws {
        try await withModels {
            $0.limits.differenceByteCount = 150_000
        } _: { server, new, old in
            let other = try server.put(
                TensorEncoding.float32.encoded(
                    try #require(TensorEncoding.float32.decoded(Self.models.old)).map { $0 * 1.002 }))
            server.calls.bases.withLock { $0 = [old, other] }
            for base in [old, other] {
                #expect(try await server.send(.GET, "/v1/blobs/\(new)?base=\(base)").status == 226)
            }
            for base in [old, other] { try server.store.remove(base) }
            #expect(try await server.send(.GET, "/v1/blobs/\(new)?base=\(other)").status == 226)
            #expect(try await server.send(.GET, "/v1/blobs/\(new)?base=\(old)").status == 200)
        }
    }

    @Test func refusesStrangers() async throws {
        try await withModels { server, new, old in
            let answer = try await server.send(.GET, "/v1/blobs/\(new)?base=\(old)", credential: nil)
            #expect(answer.status == 401)
        }
    }
}
