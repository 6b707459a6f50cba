import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryWire

/// Tasks that ask for the loss of a model before clients are chosen for a round.
@Suite struct MeasureTests {
    private static let model: [Float] = (0..<12).map { Float($0) / 8 }

    /// Says one loss for all training examples, and another for those that it holds out.
    private struct CandidTrainer: LocalTrainer {
        var loss = 1.75

        func train(
            _ task: TaskDescription, from weights: [Float], progress: TaskProgress
        ) async throws -> LocalUpdate {
            LocalUpdate(weights: weights.map { $0 + 0.5 }, exampleCount: 20, meanLoss: 0.25)
        }

        func evaluate(
            _ task: TaskDescription, weights: [Float], progress: TaskProgress
        ) async throws -> LocalEvaluation {
            LocalEvaluation(Evaluation(exampleCount: 4, lossSum: 12, correctCount: 1))
        }

        func loss(_ task: TaskDescription, at weights: [Float]) async throws -> Double {
            guard weights == MeasureTests.model else { throw TaskFailure(.failed, "another model") }
            return loss
        }
    }

    private func play(_ server: FakeServer, _ trainer: some LocalTrainer, tasks: Int = 1) async throws {
        var settings = ClientSettings(server: "https://fake.test")
        settings.taskLimit = tasks
        let client = FederatedClient(
            trainer, settings: settings, transport: server, store: MemoryStore(registrationKey: Array(1...32)),
            observer: Events(), models: nil, clock: JumpingClock())
        try await client.run()
    }

    private func downloads(_ server: FakeServer) -> Int {
        server.requests.count { if case .download = $0 { true } else { false } }
    }

    @Test func `the loss is that of the training examples`() async throws {
        let server = FakeServer()
        server.offer("run/1/measure", model: Self.model)
        try await play(server, CandidTrainer())
        #expect(server.state.withLock { $0.measuresLoss } == true)
        guard case .measure(let result)? = server.submissions["run/1/measure"]?.result else {
            Issue.record("no loss was said")
            return
        }
        #expect(result.loss == 1.75)
    }

    @Test func `who is invited then trains from the model that it has`() async throws {
        let server = FakeServer()
        server.offer("run/1/measure", model: Self.model)
        server.offer("run/1/train", model: Self.model)
        try await play(server, CandidTrainer(), tasks: 2)
        #expect(downloads(server) == 1)
        #expect(server.update(of: "run/1/train") == [Float](repeating: 0.5, count: 12))
    }

    @Test func `another model is fetched`() async throws {
        let server = FakeServer()
        server.offer("run/1/measure", model: Self.model)
        server.offer("run/2/train", model: Self.model.reversed())
        try await play(server, CandidTrainer(), tasks: 2)
        #expect(downloads(server) == 2)
    }

    @Test func `what is no loss gives the task back`() async throws {
        for trainer in [CandidTrainer(loss: .nan), CandidTrainer(loss: .infinity)] {
            let server = FakeServer()
            server.offer("run/1/measure", model: Self.model)
            server.offer("run/1/train", model: Self.model)
            try await play(server, trainer)
            #expect(server.failures.map(\.taskID) == ["run/1/measure"])
            #expect(server.failures.first?.cause == .failed)
        }
        // A trainer need not measure models.
        let server = FakeServer()
        server.offer("run/1/measure", model: Self.model)
        server.offer("run/1/train", model: Self.model)
        try await play(server, HalfTrainer())
        #expect(server.failures.map(\.taskID) == ["run/1/measure"])
    }
}
