import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryWire

/// A client killed at any request goes on from what it kept: its upload, never its training.
@Suite struct CrashTests {
    /// A client killed at the given request, before the server saw it or after, and started again.
    private func runKilled(
        at number: Int, afterwards: Bool, _ store: () throws -> any ClientStore
    ) async throws -> (server: FakeServer, trainings: Int, kills: Int) {
        let server = FakeServer { _, index in
            guard index == number else { return nil }
            return afterwards ? .answerLost(Killed()) : .lost(Killed())
        }
        server.offer(CourseTests.task, model: CourseTests.model)
        let trainer = HalfTrainer()
        for kills in 0..<3 {
            var bench = Bench()
            bench.trainer = trainer
            bench.store = try store()
            do {
                try await bench.run(server)
                return (server, trainer.trainings, kills)
            } catch is Killed {}
            // As the end of a process does.
            (bench.store as? FolderStore)?.close()
        }
        throw Killed()
    }

    @Test(arguments: 0..<6, [false, true])
    func `counts once and trains once, wherever it was killed`(number: Int, afterwards: Bool) async throws {
        try await withFolder { folder in
            let (server, trainings, kills) = try await runKilled(at: number, afterwards: afterwards) {
                try FolderStore(folder, server: "https://fake.test", name: "a")
            }
            // Register, poll, download, upload, submit: the kill at the sixth request never comes.
            #expect(kills == (number < 5 ? 1 : 0))
            #expect(trainings == 1)
            #expect(server.submissions.count == 1)
            #expect(server.update(of: CourseTests.task) == [Float](repeating: 0.5, count: 40))
            #expect(server.state.withLock { $0.clients.count } == 1)
        }
    }

    @Test func `killed in training, it trains again`() async throws {
        let server = FakeServer()
        server.offer(CourseTests.task, model: CourseTests.model)
        let (stream, started) = AsyncStream<Void>.makeStream()
        var bench = Bench()
        bench.trainer = HalfTrainer { _ in
            started.yield()
            await untilCancelled()
            try Task.checkCancellation()
        }
        let client = bench.client(server)
        await withTaskGroup { group in
            group.addTask { try? await client.run() }
            for await _ in stream { break }
            group.cancelAll()
        }
        #expect(server.submissions.isEmpty && server.failures.isEmpty)
        var again = Bench()
        again.store = bench.store
        try await again.run(server)
        #expect(again.trainer.trainings == 1 && server.submissions.count == 1)
    }

    @Test func `an upload that broke off goes on where it was`() async throws {
        let server = FakeServer { request, _ in request == .upload(offset: 0) ? .cut(100) : nil }
        server.offer(CourseTests.task, model: CourseTests.model)
        let bench = Bench()
        try await bench.run(server)
        #expect(server.requests.contains(.uploadState))
        #expect(server.requests.contains(.upload(offset: 100)))
        #expect(server.update(of: CourseTests.task) == [Float](repeating: 0.5, count: 40))
    }

    @Test func `a result whose round is long over is given up after a restart`() async throws {
        let server = FakeServer { request, _ in if case .upload = request { .lost(Killed()) } else { nil } }
        server.offer(CourseTests.task, model: CourseTests.model)
        let bench = Bench()
        await #expect(throws: Killed.self) { try await bench.run(server) }
        bench.clock.advance(by: .seconds(1000))
        let quiet = FakeServer()
        quiet.offer("run/2/train", model: CourseTests.model)
        try await bench.run(quiet)
        #expect(bench.events.tasksOver == 1)
        #expect(quiet.submissions.keys.sorted() == ["run/2/train"])
    }

    @Test func `a submit whose answer was lost is answered as a duplicate`() async throws {
        let server = FakeServer { request, index in
            request == .call(.submit) && index == 4 ? .answerLost(offline) : nil
        }
        server.offer(CourseTests.task, model: CourseTests.model)
        let bench = Bench()
        try await bench.run(server)
        #expect(bench.events.receipts == [TaskReceipt(.accepted, isDuplicate: true)])
        #expect(server.state.withLock { $0.duplicates } == 1)
        #expect(bench.trainer.trainings == 1)
    }
}

/// Suspends until the task is cancelled.
func untilCancelled() async {
    let (stream, continuation) = AsyncStream<Void>.makeStream()
    for await _ in stream {}
    continuation.finish()
}
