import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryWire

/// Vectors that come down with a model by a run's method, and those that go up with an update: SCAFFOLD's.
@Suite struct MethodVectorTests {
    private func offer(_ round: Int, counted: Int, control: [Float]?, _ server: FakeServer) {
        let bytes = TensorEncoding.float32.encoded(control ?? [])
        let blob = TensorBlob(digest: sha256(bytes), byteCount: bytes.count, encoding: .float32)
        server.offer("run/\(round)/train", model: [0, 0, 0]) { task in
            (task.method.name, task.method.form, task.method.countedRound) = ("scaffold", "scaffold-1", UInt64(counted))
            task.method.messageBounds = [100]
            task.training.learningRate = 0.125
            if control != nil { task.method.vectors = [WireBlob(blob)] }
        }
        if control != nil { server.state.withLock { $0.models[blob.digest] = bytes } }
    }

    private func play(_ server: FakeServer, tasks: Int) async throws -> [[Float]] {
        let trainer = NotingTrainer()
        var settings = ClientSettings(server: "https://fake.test")
        settings.taskLimit = tasks
        let client = FederatedClient(
            trainer, settings: settings, transport: server, store: MemoryStore(registrationKey: Array(1...32)),
            observer: Events(), models: nil, clock: JumpingClock())
        try await client.run()
        return trainer.corrections
    }

    @Test func `what the server sends corrects gradients and what the client learns follows the update`() async throws {
        let server = FakeServer()
        offer(1, counted: 0, control: nil, server)
        offer(2, counted: 1, control: [1, 1, 1], server)
        let corrections = try await play(server, tasks: 2)
        // c_k⁺ − c_k is −c − Δ / (K η), with K η = 1/2, and gradients gain c − c_k.
        let update: [Float] = [1, -2, 4]
        #expect(server.update(of: "run/1/train") == update + [-2, 4, -8])
        #expect(corrections == [[0, 0, 0], [3, -3, 9]])
        #expect(server.update(of: "run/2/train") == update + [-3, 3, -9])
        #expect(server.submissions["run/2/train"]?.training.update.size == 24)
        #expect(server.failures.isEmpty)
    }

    @Test func `a transfer that breaks off goes on with the vector that is missing`() async throws {
        // The second download is the vector's; it is cut short once.
        let downloads = Mutex(0)
        let server = FakeServer { request, _ in
            guard case .download = request else { return nil }
            let number = downloads.withLock { count in
                count += 1
                return count
            }
            return number == 2 ? .cut(5) : nil
        }
        offer(2, counted: 0, control: [1, 2, 3], server)
        let corrections = try await play(server, tasks: 1)
        #expect(corrections == [[1, 2, 3]])
        #expect(server.requests.filter { $0 == .download(offset: 0) }.count == 2)
        #expect(server.requests.contains(.download(offset: 5)))
    }

    @Test func `another number of vectors than the method has gives the task back`() async throws {
        let server = FakeServer()
        server.offer("run/1/train", model: [0, 0, 0]) {
            ($0.method.name, $0.method.form) = ("scaffold", "scaffold-1")
            $0.method.vectors = [$0.model, $0.model]
        }
        server.offer("run/9/train", model: [0, 0, 0])
        _ = try await play(server, tasks: 1)
        #expect(Set(server.submissions.keys) == ["run/9/train"] && server.failures.map(\.taskID) == ["run/1/train"])
    }
}
