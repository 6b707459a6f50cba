import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryWire

/// Models and updates that break off, arrive damaged or are refused; leases that are lost.
@Suite struct TransferTests {
    private static let task = CourseTests.task
    private static let model = CourseTests.model

    @Test func `a download that broke off goes on where it was`() async throws {
        let server = FakeServer { request, _ in request == .download(offset: 0) ? .cut(61) : nil }
        server.offer(Self.task, model: Self.model)
        let bench = Bench()
        try await bench.run(server)
        #expect(server.requests.contains(.download(offset: 61)))
        #expect(server.update(of: Self.task) == [Float](repeating: 0.5, count: 40))
    }

    @Test func `a model with another digest is fetched again from the beginning`() async throws {
        let faults = Mutex(2)
        let server = FakeServer { request, _ in
            guard case .download = request else { return nil }
            return faults.withLock { faults in
                faults -= 1
                return faults >= 0 ? .corrupted : nil
            }
        }
        server.offer(Self.task, model: Self.model)
        let bench = Bench()
        try await bench.run(server)
        #expect(server.requests.count { $0 == .download(offset: 0) } == 3)
        #expect(bench.events.failures.map(\.kind) == [.damaged, .damaged])
        #expect(server.update(of: Self.task) == [Float](repeating: 0.5, count: 40))
    }

    @Test func `a model that always arrives damaged gives the task back`() async throws {
        let server = FakeServer { request, _ in
            if case .download = request { .corrupted } else { nil }
        }
        server.offer(Self.task, model: Self.model)
        var bench = Bench()
        bench.settings.conditions = StopAfterFailure(server)
        await #expect(throws: Killed.self) { try await runUntilGivenBack(bench, server) }
        #expect(server.failures.map(\.message) == ["the model could not be fetched"])
        #expect(server.requests.count { $0 == .download(offset: 0) } == bench.settings.patience.transferAttempts)
        #expect(bench.trainer.trainings == 0)
    }

    @Test func `an update that arrived damaged is sent again`() async throws {
        let isFirst = Mutex(true)
        let server = FakeServer { request, _ in
            guard case .upload = request else { return nil }
            return isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst ? .corrupted : nil
            }
        }
        server.offer(Self.task, model: Self.model)
        let bench = Bench()
        try await bench.run(server)
        #expect(bench.events.failures.map(\.kind) == [.damaged])
        #expect(bench.trainer.trainings == 1 && server.submissions.count == 1)
    }

    @Test func `bytes that the server lost before submit are sent again`() async throws {
        let box = Mutex<FakeServer?>(nil)
        let server = FakeServer { request, index in
            if request == .call(.submit), index == 4 { box.withLock { $0 }?.state.withLock { $0.blobs = [:] } }
            return nil
        }
        box.withLock { $0 = server }
        server.offer(Self.task, model: Self.model)
        let bench = Bench()
        try await bench.run(server)
        #expect(server.count(.submit) == 2 && server.submissions.count == 1)
        #expect(bench.trainer.trainings == 1)
        box.withLock { $0 = nil }
    }

    @Test func `a task that is over cancels the trainer`() async throws {
        var bench = Bench()
        let isFirst = Mutex(true)
        let server = FakeServer()
        bench.trainer = HalfTrainer { [clock = bench.clock] progress in
            let wasFirst = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            guard wasFirst else { return }
            progress.report(0.75)
            // The round closes, and another one opens.
            server.state.withLock {
                $0.goesOn = false
                $0.tasks = []
            }
            server.offer("run/2/train", model: Self.model)
            clock.beat()
            await untilCancelled()
            try Task.checkCancellation()
        }
        server.offer(Self.task, model: Self.model)
        try await bench.run(server)
        #expect(server.state.withLock { $0.beats } == [0.75])
        #expect(bench.events.tasksOver == 1)
        #expect(server.submissions.keys.sorted() == ["run/2/train"])
        #expect(server.failures.isEmpty)
    }

    @Test func `a credential refused in a heartbeat is replaced while the trainer works`() async throws {
        var bench = Bench()
        let server = FakeServer()
        let beats = Mutex(0)
        bench.trainer = HalfTrainer { [clock = bench.clock] _ in
            server.state.withLock { $0.credentials = [] }
            // One is refused, the next one registers first and goes through.
            clock.beat()
            clock.beat()
            while server.state.withLock({ $0.beats.isEmpty }) { await Task.yield() }
            beats.withLock { $0 += 1 }
        }
        server.offer(Self.task, model: Self.model)
        try await bench.run(server)
        #expect(server.count(.register) == 2)
        #expect(server.submissions.count == 1)
    }

    @Test func `a client that is asked to stop ends after the task at hand`() async throws {
        var bench = Bench(taskLimit: nil)
        let server = FakeServer()
        server.offer(Self.task, model: Self.model)
        server.offer("run/2/train", model: Self.model)
        let client = Mutex<FederatedClient?>(nil)
        bench.trainer = HalfTrainer { _ in client.withLock { $0 }?.stop() }
        let made = bench.client(server)
        client.withLock { $0 = made }
        try await made.run()
        #expect(server.submissions.keys.sorted() == [Self.task])
        client.withLock { $0 = nil }
    }

    @Test func `clients that share a cache fetch a model once`() async throws {
        let server = FakeServer()
        for round in 1...5 { server.offer("run/\(round)/train", model: Self.model) }
        let models = ModelCache(byteLimit: 1 << 20)
        let bench = Bench(taskLimit: 5)
        let client = FederatedClient(
            bench.trainer, settings: bench.settings, transport: server, store: bench.store, observer: bench.events,
            models: models, clock: bench.clock)
        try await client.run()
        #expect(server.requests.count { if case .download = $0 { true } else { false } } == 1)
        #expect(server.submissions.count == 5)
    }

    /// Runs a client until it polls again after it has given a task back.
    private func runUntilGivenBack(_ bench: Bench, _ server: FakeServer) async throws {
        let client = bench.client(server)
        (bench.settings.conditions as? StopAfterFailure)?.client.withLock { $0 = client }
        try await client.run()
        throw Killed()
    }
}

/// Stops a client that polls after it has given a task back.
private final class StopAfterFailure: Conditions {
    let client = Mutex<FederatedClient?>(nil)
    private let server: FakeServer

    init(_ server: FakeServer) { self.server = server }

    func check(_ task: TaskDescription?) async -> Readiness {
        if !server.failures.isEmpty { client.withLock { $0 }?.stop() }
        return .proceed
    }
}
