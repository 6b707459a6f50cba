import Testing
import TributaryClient
import TributaryCore
import TributaryWire

/// What a method has a client remember: that of its last update that is in a model, whatever was accepted since.
@Suite struct MethodMemoryTests {
    /// A task of FedDyn with α = 0.5: with every update that counts, the correction grows by half of the difference.
    private func offer(_ round: Int, counted: Int, _ server: FakeServer) {
        server.offer("run/\(round)/train", model: [0, 0, 0]) {
            ($0.method.name, $0.method.form, $0.method.countedRound) = ("dyn:alpha=0.5", "dyn-1", UInt64(counted))
        }
    }

    private func play(
        _ server: FakeServer, tasks: Int, _ store: any ClientStore, _ events: Events = Events()
    ) async throws -> [[Float]] {
        let trainer = NotingTrainer()
        var settings = ClientSettings(server: "https://fake.test")
        settings.taskLimit = tasks
        let client = FederatedClient(
            trainer, settings: settings, transport: server, store: store, observer: events, models: nil,
            clock: JumpingClock())
        try await client.run()
        return trainer.corrections
    }

    private static func correction(_ updates: Float) -> [Float] { [1, -2, 4].map { 0.5 * updates * $0 } }

    @Test(arguments: [true, false])
    func `only what is in a model is remembered`(inFolder: Bool) async throws {
        try await withFolder { folder in
            let server = FakeServer()
            // Rounds 2 and 3 come to nothing though their updates were accepted; so does the fifth.
            for (round, counted) in [(1, 0), (2, 1), (3, 1), (4, 1), (5, 4), (6, 4)] {
                offer(round, counted: counted, server)
            }
            let memory = MemoryStore(registrationKey: Array(1...32))
            var corrections: [[Float]] = []
            for tasks in [2, 3, 1] {
                // A client that is started again goes on from what it kept.
                let store: any ClientStore =
                    inFolder ? try FolderStore(folder, server: "https://fake.test", name: "n") : memory
                corrections += try await play(server, tasks: tasks, store)
                (store as? FolderStore)?.close()
            }
            #expect(server.submissions.count == 6 && server.failures.isEmpty)
            #expect(corrections == [0, 1, 1, 1, 2, 2].map(Self.correction))
        }
    }

    @Test func `a client that has lost its memory begins from zero and says so`() async throws {
        let (server, events) = (FakeServer(), Events())
        offer(9, counted: 7, server)
        let corrections = try await play(server, tasks: 1, MemoryStore(registrationKey: Array(1...32)), events)
        #expect(corrections == [Self.correction(0)])
        #expect(events.setAside.count == 1)
        #expect(server.submissions["run/9/train"]?.training.method.form == "dyn-1")
    }

    @Test func `without a place for its memory no update is sent`() async throws {
        let (server, events) = (FakeServer(), Events())
        offer(1, counted: 0, server)
        server.offer("run/2/train", model: [0, 0, 0])
        _ = try await play(server, tasks: 1, FailingStore(), events)
        #expect(Set(server.submissions.keys) == ["run/2/train"] && server.failures.map(\.taskID) == ["run/1/train"])
        #expect(events.notKept.count == 1)
    }

    @Test func `a trainer whose gradients cannot be corrected gives the task back`() async throws {
        let server = FakeServer()
        offer(1, counted: 0, server)
        server.offer("run/2/train", model: [0, 0, 0])
        let bench = Bench()
        try await bench.run(server)
        #expect(Set(server.submissions.keys) == ["run/2/train"] && server.failures.map(\.taskID) == ["run/1/train"])
    }

    @Test(arguments: [true, false])
    func `of a run two memories are kept and of many runs the last ones'`(inFolder: Bool) async throws {
        try await withFolder { folder in
            let store: any ClientStore =
                inFolder ? try FolderStore(folder, server: "https://fake.test", name: "n") : MemoryStore()
            let run = try #require(RunID(rawValue: "run"))
            try store.keepMemory([1], of: run, in: RoundNumber(1), beside: nil)
            try store.keepMemory([2], of: run, in: RoundNumber(2), beside: RoundNumber(1))
            try store.keepMemory([3], of: run, in: RoundNumber(5), beside: RoundNumber(1))
            #expect(try store.memory(of: run, since: RoundNumber(1)) == [1])
            #expect(try store.memory(of: run, since: RoundNumber(2)) == nil)
            #expect(try store.memory(of: run, since: RoundNumber(5)) == [3])
            for number in 1...8 {
                let other = try #require(RunID(rawValue: "run-\(number)"))
                try store.keepMemory([Float(number)], of: other, in: RoundNumber(1), beside: nil)
            }
            #expect(try store.memory(of: try #require(RunID(rawValue: "run-8")), since: RoundNumber(1)) == [8])
            #expect(try store.memory(of: run, since: RoundNumber(5)) == nil)
        }
    }
}
