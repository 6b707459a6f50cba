import Foundation
import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryWire

/// A client whose disk is full goes on: it is told of, and things are kept again once there is room.
@Suite struct FullDiskTests {
    private static let task = CourseTests.task
    private static let model = CourseTests.model

    @Test func `a credential that cannot be kept does not end the training under way`() async throws {
        var bench = Bench()
        let (server, store) = (FakeServer(), FailingStore())
        bench.store = store
        server.state.withLock { $0.credentialLifetime = 100_000 }
        bench.trainer = HalfTrainer { [clock = bench.clock] _ in
            store.fail([.save])
            clock.advance(by: .seconds(81))
            // The first heartbeat renews the credential.
            for beats in 1...3 {
                clock.beat()
                while server.state.withLock({ $0.beats.count < beats }) { await Task.yield() }
            }
            try Task.checkCancellation()
        }
        server.offer(Self.task, model: Self.model)
        try await bench.run(server)
        #expect(server.count(.renew) == 1 && server.count(.register) == 1)
        #expect(bench.trainer.trainings == 1 && server.submissions.count == 1)
        #expect(bench.events.notKept.count == 1)
        #expect(bench.events.notKept.first?.message.contains("no space?left") == true)
    }

    @Test func `a credential is kept once there is room again`() async throws {
        var bench = Bench(taskLimit: 3)
        let (server, store) = (FakeServer(), FailingStore())
        bench.store = store
        store.fail([.save])
        let rounds = Mutex(0)
        bench.trainer = HalfTrainer { [clock = bench.clock] _ in
            let round = rounds.withLock { rounds in
                rounds += 1
                return rounds
            }
            if round == 2 { store.fail([]) }
            clock.advance(by: .seconds(50))
        }
        for round in 1...3 { server.offer("run/\(round)/train", model: Self.model) }
        try await bench.run(server)
        #expect(server.submissions.count == 3)
        // At once, and after a minute.
        #expect(bench.events.notKept.count == 1)
        let credential = try #require(store.load().identity?.membership?.credential)
        #expect(server.state.withLock { $0.credentials.contains(credential) })
    }

    @Test(arguments: [[.makeUpdate], [.append], [.keep], Set(FailingStore.Call.allCases)] as [Set<FailingStore.Call>])
    func `an update that cannot be kept is handed in all the same`(calls: Set<FailingStore.Call>) async throws {
        var bench = Bench()
        let store = FailingStore()
        bench.store = store
        bench.trainer = HalfTrainer { _ in store.fail(calls) }
        let server = FakeServer { request, _ in request == .upload(offset: 0) ? .cut(100) : nil }
        server.offer(Self.task, model: Self.model)
        try await bench.run(server)
        #expect(bench.trainer.trainings == 1 && server.failures.isEmpty)
        #expect(server.requests.contains(.upload(offset: 100)))
        #expect(server.update(of: Self.task) == [Float](repeating: 0.5, count: 40))
        #expect(!bench.events.notKept.isEmpty && store.load().result == nil)
    }

    @Test func `a score that cannot be kept is handed in all the same`() async throws {
        var bench = Bench()
        let store = FailingStore()
        bench.store = store
        bench.trainer = HalfTrainer(score: Evaluation(exampleCount: 10, lossSum: 5, correctCount: 4)) { _ in
            store.fail([.keep])
        }
        let server = FakeServer()
        server.offer("run/1/evaluate", model: Self.model)
        try await bench.run(server)
        #expect(server.submissions["run/1/evaluate"]?.evaluation.exampleCount == 10)
        #expect(bench.events.notKept.count == 1)
    }

    @Test func `a result that cannot be forgotten is handed in again after a restart`() async throws {
        let (server, store) = (FakeServer(), FailingStore())
        for round in 1...2 { server.offer("run/\(round)/train", model: Self.model) }
        var bench = Bench()
        bench.store = store
        store.fail([.forgetResult])
        try await bench.run(server)
        #expect(bench.events.receipts == [TaskReceipt(.accepted)])
        store.fail([])
        var again = Bench(taskLimit: 2)
        again.store = store
        try await again.run(server)
        #expect(again.events.receipts == [TaskReceipt(.accepted, isDuplicate: true), TaskReceipt(.accepted)])
        #expect(again.trainer.trainings == 1 && server.submissions.count == 2)
    }

    @Test func `a registration key that cannot be kept ends the client before the server sees it`() async throws {
        let server = FakeServer()
        let error = await #expect(throws: ClientError.self) {
            try await withFolder { folder in
                var bench = Bench()
                bench.store = try FolderStore(folder, server: "https://a", name: "n", calls: .full)
                try await bench.run(server)
            }
        }
        #expect(error?.kind == .state && error?.message.contains("make room on the disk") == true)
        #expect(server.requests.isEmpty)
    }

    @Test func `drafts leave no room taken`() async throws {
        try await withFolder { folder in
            let isFull = Mutex(false)
            var calls = DiskCalls()
            calls.write = { [write = calls.write] file, bytes in
                isFull.withLock { $0 } ? DiskCalls.full.write(file, bytes) : write(file, bytes)
            }
            var bench = Bench()
            bench.store = try FolderStore(folder, server: "https://a", name: "n", calls: calls)
            bench.trainer = HalfTrainer { _ in isFull.withLock { $0 = true } }
            let server = FakeServer()
            server.offer(Self.task, model: Self.model)
            try await bench.run(server)
            #expect(server.submissions.count == 1)
            #expect(bench.events.notKept.allSatisfy { $0.message.contains("make room on the disk") })
            let inner = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
            let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(inner)")
            #expect(Set(names) == ["key", "lock", "membership"])
        }
    }
}

extension DiskCalls {
    /// Those of a disk on which nothing has room.
    static var full: DiskCalls {
        var calls = DiskCalls()
        calls.write = { _, _ in
            errno = ENOSPC
            return -1
        }
        return calls
    }
}
