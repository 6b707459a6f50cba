import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryWire

/// The course of a client from registration to receipt, and what happens when it is refused.
@Suite struct CourseTests {
    static let task = "run/1/train"
    static let model: [Float] = (0..<40).map { Float($0) / 8 }

    @Test func `trains, uploads the difference and hands it in`() async throws {
        let (bench, server) = (Bench(), FakeServer())
        server.offer(Self.task, model: Self.model)
        try await bench.run(server)
        #expect(server.update(of: Self.task) == [Float](repeating: 0.5, count: 40))
        let result = try #require(server.submissions[Self.task]?.training)
        #expect(result.exampleCount == 20 && result.meanLoss == 0.25)
        #expect(bench.events.receipts == [TaskReceipt(.accepted)])
        #expect(bench.trainer.trainings == 1)
    }

    @Test(arguments: [WireEncoding.f16, .bf16])
    func `writes the update as the task asks`(encoding: WireEncoding) async throws {
        let (bench, server) = (Bench(), FakeServer())
        server.offer(Self.task, model: Self.model) { $0.updateEncoding = encoding }
        try await bench.run(server)
        let blob = try #require(server.submissions[Self.task]?.training.update)
        #expect(blob.encoding == encoding && blob.size == 80)
        let digest = try #require(BlobDigest(rawValue: blob.sha256))
        let bytes = try #require(server.state.withLock { $0.blobs[digest] })
        let wanted: TensorEncoding = encoding == .f16 ? .float16 : .bfloat16
        #expect(wanted.decoded(bytes) == [Float](repeating: 0.5, count: 40))
    }

    @Test func `claims no more examples than the task allows`() async throws {
        let (bench, server) = (Bench(), FakeServer())
        server.offer(Self.task, model: Self.model) { $0.exampleLimit = 5 }
        try await bench.run(server)
        #expect(server.submissions[Self.task]?.training.exampleCount == 5)
    }

    /// The round may close while its model or an update is on the way.
    @Test func `a model that is not given out any more is no failure`() async throws {
        let server = FakeServer { request, index in
            guard case .download = request, index < 3 else { return nil }
            return .refused(ConnectError(.permissionDenied, "not a model of a task of the caller's"))
        }
        server.offer(Self.task, model: Self.model)
        let bench = Bench()
        try await bench.run(server)
        #expect(bench.events.tasksOver == 1 && bench.events.failures.isEmpty)
        // This server gives the task once more.
        #expect(server.failures.isEmpty && server.submissions.count == 1)
    }

    @Test(arguments: [true, false])
    func `an update that is not wanted any more is handed in to hear why`(isAsked: Bool) async throws {
        let server = FakeServer { request, index in
            let error = ConnectError(.permissionDenied, "no update is expected of the caller now")
            switch request {
            case .upload(offset: 0) where index < 4: return isAsked ? .lost(offline) : .refused(error)
            case .uploadState where index < 5: return .refused(error)
            default: return nil
            }
        }
        server.offer(Self.task, model: Self.model)
        let bench = Bench()
        try await bench.run(server)
        // This server takes it all the same, and misses the bytes.
        #expect(server.count(.submit) == 2 && server.submissions.count == 1)
        #expect(bench.events.receipts == [TaskReceipt(.accepted)])
        #expect(!bench.events.failures.contains { $0.message.contains("no update is expected") })
        #expect(bench.trainer.trainings == 1)
    }
    @Test func `gives back an evaluation that the trainer does not do`() async throws {
        let (bench, server) = (Bench(), FakeServer())
        server.offer("run/1/evaluate", model: Self.model)
        server.offer(Self.task, model: Self.model)
        try await bench.run(server)
        #expect(server.failures.map(\.cause) == [.noData])
        #expect(server.submissions.count == 1)
    }

    @Test func `gives a failing task back with a line, and goes on`() async throws {
        var bench = Bench()
        let calls = Mutex(0)
        bench.trainer = HalfTrainer { _ in
            let isFirst = calls.withLock { calls in
                calls += 1
                return calls == 1
            }
            if isFirst { throw TaskFailure(.failed, "no data file") }
        }
        let server = FakeServer()
        server.offer(Self.task, model: Self.model)
        server.offer("run/2/train", model: Self.model)
        try await bench.run(server)
        #expect(server.failures.map(\.message) == ["no data file"])
        #expect(server.submissions.keys.sorted() == ["run/2/train"])
    }

    @Test func `gives back a task whose update would be refused`() async throws {
        let (bench, server) = (Bench(), FakeServer())
        server.offer(Self.task, model: Self.model) { $0.updateBound = 0.25 }
        server.offer("run/2/train", model: Self.model)
        try await bench.run(server)
        #expect(server.failures.first?.message.contains("0.25") == true)
        #expect(server.state.withLock { $0.blobs.count } == 1)
    }

    @Test func `asks the conditions before it asks for a task and when one is there`() async throws {
        var bench = Bench()
        let moody = Moody()
        bench.settings.conditions = moody
        let server = FakeServer()
        server.offer(Self.task, model: Self.model)
        server.offer("run/2/train", model: Self.model)
        try await bench.run(server)
        #expect(moody.asked.withLock { $0 } == [false, false, true, false, true])
        #expect(server.failures.map(\.cause) == [.declined])
        #expect(server.failures.map(\.message) == ["on battery"])
        #expect(server.submissions.keys.sorted() == ["run/2/train"])
        let long = bench.clock.waits.filter { $0 > .seconds(50) }
        #expect(long.count == 2 && long.allSatisfy { $0 >= .seconds(100) && $0 <= .seconds(200) })
    }

    @Test func `a wrong join token ends the client with the fix`() async throws {
        let (bench, server) = (Bench(), FakeServer())
        server.state.withLock { $0.joinToken = "secret" }
        let error = await #expect(throws: ClientError.self) { try await bench.run(server) }
        #expect(error?.kind == .denied)
        #expect(error?.description.contains("join token is wrong; ask the operator") == true)
        // What ends a client is thrown, and not told as well.
        #expect(bench.events.failures.isEmpty)
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [
        (ConnectCode.alreadyExists, "choose another name"),
        (.failedPrecondition, "does not take this client's software"),
        (.unimplemented, "is it a coordinator?"),
    ])
    func `a registration refused for good ends the client`(code: ConnectCode, line: String) async throws {
        let server = FakeServer { _, _ in .refused(ConnectError(code, "no")) }
        let error = await #expect(throws: ClientError.self) { try await Bench().run(server) }
        #expect(error?.description.contains(line) == true)
        #expect(error?.description.contains("\n") == false)
    }

    @Test func `an untrusted server ends the client`() async throws {
        let server = FakeServer { _, _ in .lost(ClientError(.untrusted, "fake: its certificate is not vouched for")) }
        let error = await #expect(throws: ClientError.self) { try await Bench().run(server) }
        #expect(error?.kind == .untrusted)
        #expect(server.requests.count == 1)
    }

    @Test func `registers again by the same key when the credential is refused`() async throws {
        let (bench, server) = (Bench(taskLimit: 2), FakeServer())
        server.offer(Self.task, model: Self.model)
        try await Bench(taskLimit: 1).run(server)
        server.state.withLock { $0.credentials = [] }
        server.offer("run/2/train", model: Self.model)
        var again = bench
        again.settings.taskLimit = 1
        try await again.run(server)
        #expect(server.state.withLock { $0.clients.count } == 1)
        #expect(server.submissions.count == 2)
    }

    @Test func `keeps its task when the credential is refused in the middle of it`() async throws {
        let revoked = Mutex(false)
        let box = Mutex<FakeServer?>(nil)
        let server = FakeServer { request, _ in
            guard case .upload = request else { return nil }
            let isFirst = revoked.withLock { revoked in
                defer { revoked = true }
                return !revoked
            }
            if isFirst { box.withLock { $0 }?.state.withLock { $0.credentials = [] } }
            return nil
        }
        box.withLock { $0 = server }
        server.offer(Self.task, model: Self.model)
        let bench = Bench()
        try await bench.run(server)
        #expect(bench.trainer.trainings == 1)
        #expect(server.count(.register) == 2)
        #expect(server.submissions.count == 1)
        box.withLock { $0 = nil }
    }

    @Test func `gives up when every fresh credential is refused`() async throws {
        let server = FakeServer { request, _ in
            request == .call(.poll) ? .refused(ConnectError(.unauthenticated, "no")) : nil
        }
        let bench = Bench()
        await #expect(throws: ClientError.self) { try await bench.run(server) }
        #expect(server.count(.register) == 1 + bench.settings.patience.credentialAttempts)
    }

    @Test func `renews the credential before it ends`() async throws {
        var bench = Bench()
        bench.trainer = HalfTrainer { [clock = bench.clock] _ in clock.advance(by: .seconds(81)) }
        let server = FakeServer()
        server.state.withLock { $0.credentialLifetime = 100_000 }
        server.offer(Self.task, model: Self.model)
        try await bench.run(server)
        #expect(server.count(.renew) == 1)
        #expect(server.count(.register) == 1)
        #expect(server.submissions.count == 1)
    }
}

/// Declines before the first poll, and the first task.
private final class Moody: Conditions {
    let asked = Mutex<[Bool]>([])

    func check(_ task: TaskDescription?) async -> Readiness {
        asked.withLock { asked in
            asked.append(task != nil)
            let window = RetryWindow(earliest: .seconds(100), latest: .seconds(200))
            return [1, 3].contains(asked.count) ? .decline("on battery", retry: window) : .proceed
        }
    }
}
