import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryWire

/// Models that come as the difference to the last one, and what becomes of those that do not get through.
@Suite struct DifferenceTests {
    private static let models: [[Float]] = (0..<4).map { round in (0..<500).map { Float($0) / 8 + Float(round) } }

    /// A task of the run with a model of its own for each round.
    private func offer(_ server: FakeServer, rounds: Int, offersDifference: Bool = true) {
        for round in 1...rounds {
            server.offer("run/\(round)/train", model: Self.models[round - 1]) { $0.deltaDownloads = offersDifference }
        }
    }

    private func expectAllDone(_ server: FakeServer, _ bench: Bench, rounds: Int) {
        for round in 1...rounds {
            #expect(server.update(of: "run/\(round)/train") == [Float](repeating: 0.5, count: 500))
        }
        #expect(bench.trainer.trainings == rounds)
    }

    private func downloads(_ server: FakeServer) -> [Request] {
        server.requests.filter {
            switch $0 {
            case .download, .difference: true
            case .call, .upload, .uploadState: false
            }
        }
    }

    @Test func `the first model comes whole, the next as differences`() async throws {
        let (server, bench) = (FakeServer(), Bench(taskLimit: 4))
        offer(server, rounds: 4)
        try await bench.run(server)
        expectAllDone(server, bench, rounds: 4)
        #expect(downloads(server) == [.download(offset: 0), .difference, .difference, .difference])
        let counts = bench.events.downloads
        #expect(counts.count == 4 && counts[0] == 2000 && counts.dropFirst().allSatisfy { (1..<2000).contains($0) })
        #expect(bench.events.failures.isEmpty)
    }

    @Test func `where none are offered all models come whole`() async throws {
        let (server, bench) = (FakeServer(), Bench(taskLimit: 3))
        offer(server, rounds: 3, offersDifference: false)
        try await bench.run(server)
        expectAllDone(server, bench, rounds: 3)
        #expect(downloads(server) == [Request](repeating: .download(offset: 0), count: 3))
    }

    /// As an older server does that is asked for something it does not know.
    @Test func `a server without differences sends the whole`() async throws {
        let (server, bench) = (FakeServer(), Bench(taskLimit: 2))
        server.state.withLock { $0.makesDifferences = false }
        offer(server, rounds: 2)
        try await bench.run(server)
        expectAllDone(server, bench, rounds: 2)
        #expect(downloads(server) == [.download(offset: 0), .download(offset: 0)])
    }

    /// A transport that knows nothing of differences.
    private struct PlainTransport: ClientTransport {
        let fake: FakeServer
        var server: String { fake.server }

        func call(_ call: TransportCall) async throws -> TransportAnswer { try await fake.call(call) }
        func download(
            _ digest: BlobDigest, from offset: Int, credential: String, into receiver: any DownloadReceiver
        ) async throws -> TransportAnswer {
            try await fake.download(digest, from: offset, credential: credential, into: receiver)
        }
        func uploadState(of digest: BlobDigest, credential: String) async throws -> TransportAnswer {
            try await fake.uploadState(of: digest, credential: credential)
        }
        func upload(
            _ digest: BlobDigest, from offset: Int, of content: any UpdateContent, credential: String
        ) async throws -> TransportAnswer {
            try await fake.upload(digest, from: offset, of: content, credential: credential)
        }
    }

    @Test func `a transport without differences fetches the whole`() async throws {
        let (server, bench) = (FakeServer(), Bench(taskLimit: 2))
        offer(server, rounds: 2)
        let client = FederatedClient(
            bench.trainer, settings: bench.settings, transport: PlainTransport(fake: server), store: bench.store,
            observer: bench.events, models: nil, clock: bench.clock)
        try await client.run()
        expectAllDone(server, bench, rounds: 2)
        #expect(downloads(server) == [.download(offset: 0), .download(offset: 0)])
    }

    /// Whatever is wrong with its bytes, the whole model is fetched at once, and nobody hears of a failure.
    @Test(arguments: 0..<40)
    func `a damaged difference is followed by the whole`(place: Int) async throws {
        let (server, bench) = (FakeServer(), Bench(taskLimit: 2))
        server.state.withLock {
            $0.tamper = { bytes in
                switch place {
                case 0: bytes = []
                case 1: bytes.append(0)
                case 2..<10: bytes.removeLast(min(bytes.count, place))
                default: bytes[(place - 10) * (bytes.count - 2) / 29] ^= 1 << UInt8(place % 8)
                }
            }
        }
        offer(server, rounds: 2)
        try await bench.run(server)
        expectAllDone(server, bench, rounds: 2)
        #expect(downloads(server) == [.download(offset: 0), .difference, .download(offset: 0)])
        #expect(bench.events.failures.isEmpty)
    }

    @Test func `a difference that broke off is followed by the whole`() async throws {
        let server = FakeServer { request, _ in request == .difference ? .cut(20) : nil }
        let bench = Bench(taskLimit: 2)
        offer(server, rounds: 2)
        try await bench.run(server)
        expectAllDone(server, bench, rounds: 2)
        #expect(downloads(server) == [.download(offset: 0), .difference, .download(offset: 0)])
        #expect(bench.events.failures.map(\.kind) == [.unreachable])
    }

    @Test func `a whole model that broke off in place of a difference goes on where it was`() async throws {
        let faults = Mutex(0)
        let server = FakeServer { request, _ in
            guard case .download = request else { return nil }
            return faults.withLock { faults in
                faults += 1
                return faults == 2 ? .cut(100) : nil
            }
        }
        server.state.withLock { $0.makesDifferences = false }
        let bench = Bench(taskLimit: 2)
        offer(server, rounds: 2)
        try await bench.run(server)
        expectAllDone(server, bench, rounds: 2)
        #expect(downloads(server) == [.download(offset: 0), .download(offset: 0), .download(offset: 100)])
    }

    /// The round may close while its model is on the way.
    @Test func `a model that is not given out any more is no failure`() async throws {
        let refusals = Mutex(1)
        let server = FakeServer { request, _ in
            guard request == .difference,
                refusals.withLock({
                    $0 -= 1; return $0 >= 0
                })
            else { return nil }
            return .refused(ConnectError(.permissionDenied, "not a model of a task of the caller's"))
        }
        let bench = Bench(taskLimit: 2)
        offer(server, rounds: 2)
        try await bench.run(server)
        expectAllDone(server, bench, rounds: 2)
        #expect(bench.events.tasksOver == 1 && bench.events.failures.isEmpty)
    }

    @Test func `a model of another length comes whole, and one that is there does not come at all`() async throws {
        let (server, bench) = (FakeServer(), Bench(taskLimit: 3))
        server.offer("run/1/train", model: Self.models[0]) { $0.deltaDownloads = true }
        server.offer("run/2/train", model: Array(Self.models[0].dropLast())) { $0.deltaDownloads = true }
        server.offer("run/3/train", model: Array(Self.models[0].dropLast())) { $0.deltaDownloads = true }
        try await bench.run(server)
        #expect(downloads(server) == [.download(offset: 0), .download(offset: 0)])
        #expect(bench.events.downloads == [2000, 1996, 0])
        #expect(server.submissions.count == 3)
    }

    /// The last model of each run is asked with, not that of another.
    @Test func `runs are kept apart`() async throws {
        let (server, bench) = (FakeServer(), Bench(taskLimit: 4))
        for (id, model) in [("a/1/train", 0), ("b/1/train", 1), ("a/2/train", 2), ("b/2/train", 3)] {
            server.offer(id, model: Self.models[model]) { $0.deltaDownloads = true }
        }
        try await bench.run(server)
        #expect(downloads(server) == [.download(offset: 0), .download(offset: 0), .difference, .difference])
        #expect(server.submissions.count == 4)
    }

    /// With room for one model only, that of the other run is gone by then.
    @Test func `models are kept within a bound`() async throws {
        let server = FakeServer()
        var bench = Bench(taskLimit: 3)
        bench.settings.formerModelLimit = 0
        for (id, model) in [("a/1/train", 0), ("b/1/train", 1), ("a/2/train", 2)] {
            server.offer(id, model: Self.models[model]) { $0.deltaDownloads = true }
        }
        try await bench.run(server)
        #expect(downloads(server) == [Request](repeating: .download(offset: 0), count: 3))
    }

    @Test func `clients that share models share their differences`() async throws {
        let (server, cache) = (FakeServer(), ModelCache(byteLimit: 1 << 20))
        let (first, second) = (Bench(taskLimit: 2), Bench(taskLimit: 1))
        offer(server, rounds: 3)
        for bench in [first, second] {
            let client = FederatedClient(
                bench.trainer, settings: bench.settings, transport: server, store: bench.store, observer: bench.events,
                models: cache, clock: bench.clock)
            try await client.run()
        }
        #expect(downloads(server) == [.download(offset: 0), .difference, .difference])
        #expect(server.update(of: "run/3/train") == [Float](repeating: 0.5, count: 500))
    }
}
