import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryMath
import TributaryWire

/// Updates that are compressed on their way, as their tasks ask.
@Suite struct CompressionTests {
    private static let model: [Float] = (0..<40).map { Float($0) / 8 }

    /// Adds another vector to the weights in every task.
    private struct DriftTrainer: LocalTrainer {
        static func update(of task: TaskDescription) -> [Float] {
            var stream = Seed(UInt64(task.id.round.rawValue)).stream()
            return (0..<40).map { _ in Float(stream.normal()) }
        }

        func train(
            _ task: TaskDescription, from weights: [Float], progress: TaskProgress
        ) async throws -> LocalUpdate {
            LocalUpdate(difference: Self.update(of: task), exampleCount: 20)
        }
    }

    private func play(
        _ server: FakeServer, rounds: Int, store: any ClientStore, events: Events = Events()
    ) async throws {
        var settings = ClientSettings(server: "https://fake.test")
        settings.taskLimit = rounds
        let client = FederatedClient(
            DriftTrainer(), settings: settings, transport: server, store: store, observer: events, models: nil,
            clock: JumpingClock())
        try await client.run()
    }

    private func decoded(_ task: String, _ server: FakeServer) throws -> [Float] {
        let training = try #require(server.submissions[task]?.training)
        let digest = try #require(BlobDigest(rawValue: training.update.sha256))
        let bytes = try #require(server.state.withLock { $0.blobs[digest] })
        #expect(training.update.size == UInt64(bytes.count))
        return try UpdateEncoding(training.compression).decoded(bytes, count: 40)
    }

    private func offer(_ round: Int, _ server: FakeServer, _ compression: String, feedback: Bool) -> String {
        let id = "run/\(round)/train"
        server.offer(id, model: Self.model) {
            ($0.updateCompression, $0.errorFeedback, $0.seed) = (compression, feedback, UInt64(round))
            $0.updateBound = 1000
        }
        return id
    }

    @Test(arguments: EncodingFamily.all.flatMap(\.examples).filter { $0.plain == nil })
    func `an update is written as its task asks`(encoding: UpdateEncoding) async throws {
        let server = FakeServer()
        let task = offer(1, server, encoding.description, feedback: false)
        try await play(server, rounds: 1, store: MemoryStore())
        let training = try #require(server.submissions[task]?.training)
        #expect(training.compression == encoding.description)
        let message = try decoded(task, server)
        #expect(message.count == 40)
        // What it says that it lost is what it has lost.
        let update = DriftTrainer.update(of: try TaskDescription(described(task)))
        let lost = zip(message, update).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
        let size = update.reduce(0.0) { $0 + Double($1) * Double($1) }
        #expect(abs(training.encodingError - lost / size) <= 1e-5 * (1 + lost / size))
    }

    @Test func `what was left out comes with the next update, and nothing is lost or sent twice`() async throws {
        try await withFolder { folder in
            let server = FakeServer()
            var sent = [Float](repeating: 0, count: 40)
            var wanted = sent
            for round in 1...12 {
                let task = offer(round, server, "topk:0.1", feedback: true)
                // A process of its own for each.
                let store = try FolderStore(folder, server: "https://fake.test", name: "a")
                try await play(server, rounds: 1, store: store)
                let run = try #require(RunID(rawValue: "run"))
                let left = try #require(try store.residual(of: run))
                store.close()
                let message = try decoded(task, server)
                #expect(message.count { $0 != 0 } <= 4)
                let update = DriftTrainer.update(of: try TaskDescription(described(task)))
                for place in 0..<40 {
                    sent[place] += message[place]
                    wanted[place] += update[place]
                    #expect(abs(sent[place] + left[place] - wanted[place]) < 1e-4)
                }
            }
        }
    }

    /// A task as a trainer sees it, of which only the round counts.
    private func described(_ id: String) throws -> WireTask {
        let server = FakeServer()
        server.offer(id, model: Self.model)
        return server.state.withLock { $0.tasks[0] }
    }

    @Test func `without feedback nothing is kept`() async throws {
        let server = FakeServer()
        _ = offer(1, server, "qsgd:4", feedback: false)
        let store = MemoryStore()
        try await play(server, rounds: 1, store: store)
        #expect(store.residual(of: try #require(RunID(rawValue: "run"))) == nil)
    }

    @Test(arguments: ["zip:9", "topk:7", ""])
    func `a way that the client does not know leaves plain numbers`(compression: String) async throws {
        let server = FakeServer()
        let task = offer(1, server, compression, feedback: true)
        try await play(server, rounds: 1, store: MemoryStore())
        #expect(server.submissions[task]?.training.compression == "")
        #expect(server.submissions[task]?.training.hasEncodingError == false)
        #expect(server.update(of: task)?.count == 40)
    }

    @Test func `an update that compression takes beyond the bound is given back with a line`() async throws {
        let server = FakeServer()
        let id = "run/1/train"
        server.offer(id, model: Self.model) { ($0.updateCompression, $0.updateBound) = ("randk:0.1", 5) }
        server.offer("run/2/train", model: Self.model)
        try await play(server, rounds: 1, store: MemoryStore())
        let failure = try #require(server.failures.first)
        #expect(failure.cause == .failed && failure.message.contains("randk:0.1"))
    }

    @Test func `a store that cannot say what was left out stops nothing`() async throws {
        let server = FakeServer()
        let task = offer(1, server, "topk:0.1", feedback: true)
        let (store, events) = (FailingStore(), Events())
        store.fail([.residual])
        try await play(server, rounds: 1, store: store, events: events)
        #expect(try decoded(task, server).contains { $0 != 0 })
        #expect(events.notKept.count == 1)
    }
}
