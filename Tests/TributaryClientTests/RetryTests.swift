import Synchronization
import Testing
import TributaryClient
import TributaryCore
import TributaryMath
import TributaryTesting
import TributaryWire

/// When a client comes back: within the server's window, after a growing random wait, and not for ever.
@Suite struct RetryTests {
    @Test func `polls again within the server's window`() async throws {
        let server = FakeServer()
        server.state.withLock {
            $0.pollWindow.earliestMs = 2000
            $0.pollWindow.latestMs = 6000
        }
        var bench = Bench()
        bench.settings.conditions = OfferAfter(polls: 20, server)
        try await bench.run(server)
        let waits = bench.clock.waits.filter { $0 >= .seconds(1) }
        #expect(waits.count >= 19)
        #expect(waits.allSatisfy { $0 >= .seconds(2) && $0 <= .seconds(6) })
        #expect(Set(waits).count == waits.count)
    }

    @Test func `takes the window of a refusal`() async throws {
        let window = RetryWindow(earliest: .seconds(30), latest: .seconds(40))
        let server = FakeServer { request, index in
            request == .call(.poll) && index < 6
                ? .refused(ConnectError(.unavailable, "busy", retry: window)) : nil
        }
        server.offer(CourseTests.task, model: CourseTests.model)
        let bench = Bench()
        try await bench.run(server)
        let waits = bench.clock.waits.filter { $0 > .zero }
        #expect(waits.count == 5 && waits.allSatisfy { $0 >= .seconds(30) && $0 <= .seconds(40) })
    }

    @Test func `waits ever longer for a server that is away, up to a limit`() async throws {
        let server = FakeServer { _, index in index < 200 ? .lost(offline) : nil }
        server.offer(CourseTests.task, model: CourseTests.model)
        let bench = Bench()
        try await bench.run(server)
        let waits = bench.clock.waits.prefix(200)
        for (index, wait) in waits.enumerated() {
            #expect(wait <= .seconds(min(60, 1 << min(index, 6))))
        }
        // Full jitter: the later waits fill the whole range.
        let late = waits.dropFirst(10)
        #expect((late.min() ?? .zero) < .seconds(6) && (late.max() ?? .zero) > .seconds(54))
    }

    @Test func `a server that is there again is told of once each time`() async throws {
        let server = FakeServer { _, index in
            [0, 1, 2, 5, 6, 9].contains(index) ? .lost(offline) : nil
        }
        server.offer(CourseTests.task, model: CourseTests.model)
        let bench = Bench()
        try await bench.run(server)
        #expect(bench.events.failures.count == 6 && bench.events.recoveries == 3)
    }

    @Test func `two clients wait for different times`() async throws {
        func waits(_ key: UInt8) async throws -> [Duration] {
            let server = FakeServer { _, index in index < 5 ? .lost(offline) : nil }
            server.offer(CourseTests.task, model: CourseTests.model)
            var bench = Bench()
            bench.store = MemoryStore(registrationKey: [UInt8](repeating: key, count: 32))
            try await bench.run(server)
            return bench.clock.waits
        }
        let (one, other, oneAgain) = (try await waits(1), try await waits(2), try await waits(1))
        #expect(one != other)
        #expect(one == oneAgain)
    }

    /// The waits of many clients after the same failure, in seconds, in order.
    private func waits(spread: Duration, _ fail: (inout ClientSession, inout RandomStream) -> Void) -> [Double] {
        TestSeeds.first(1000).map { seed in
            var (stream, session) = (seed.stream(), ClientSession())
            let retry = RetryWindow(earliest: .zero, latest: spread)
            session.registered(credentialLifetime: .seconds(3600), retry: retry, at: .start, stream: &stream)
            fail(&session, &stream)
            guard case .wait(let instant) = session.step(at: .start) else { return 0 }
            return instant.sinceStart.inSeconds
        }.sorted()
    }

    @Test func `clients that lose their server together come back as widely spread as it wants`() {
        let idle = waits(spread: .seconds(20)) { session, stream in
            session.failed(.poll, .transient(nil), at: .start, stream: &stream)
        }
        for (index, wait) in idle.enumerated() { #expect(abs(wait - 20 * Double(index) / 1000) < 1.5) }
        let few = waits(spread: .milliseconds(100)) { session, stream in
            session.failed(.poll, .transient(nil), at: .start, stream: &stream)
        }
        #expect(few[999] <= 1 && few[500] > 0.4)
        let many = waits(spread: .seconds(3600)) { session, stream in
            session.failed(.poll, .transient(nil), at: .start, stream: &stream)
        }
        #expect(many[999] <= 60 && many[500] > 24)
        // Who has a task in hand is one of few, and expected.
        let busy = waits(spread: .seconds(20)) { session, stream in
            session.given(.sample(round: 1), at: .start)
            session.failed(.download, .transient(nil), at: .start, stream: &stream)
        }
        #expect(busy[999] <= 1)
    }

    @Test func `a client that never reached its server gives up if told to`() async throws {
        let server = FakeServer { _, _ in .lost(offline) }
        var bench = Bench()
        bench.settings.patience.registrationAttempts = 3
        let error = await #expect(throws: ClientError.self) { try await bench.run(server) }
        #expect(error == offline)
        #expect(server.requests.count == 3)
    }

    @Test func `an update is given up when its round is long over`() async throws {
        let server = FakeServer { request, _ in
            switch request {
            case .upload, .uploadState: .lost(offline)
            default: nil
            }
        }
        server.offer(CourseTests.task, model: CourseTests.model)
        let box = Mutex<FederatedClient?>(nil)
        var bench = Bench(taskLimit: nil)
        bench.trainer = HalfTrainer { _ in box.withLock { $0 }?.stop() }
        let client = bench.client(server)
        box.withLock { $0 = client }
        try await client.run()
        #expect(bench.events.tasksOver == 1)
        let grace = Duration.seconds(600) + bench.settings.patience.afterClose
        #expect(bench.clock.now.sinceStart == grace)
        box.withLock { $0 = nil }
    }

    /// Whatever fails whenever, the session always says what to do next, and never turns back from a finished result.
    @Test(arguments: TestSeeds.first(200))
    func `a session comes to an end under random failures`(seed: Seed) {
        var world = RandomWorld(seed: seed)
        world.run()
        #expect(world.steps < 5000, "the session does not end")
        #expect(world.workedTwice == false, "worked on the same task again after its result was finished")
        #expect(world.answered == 5 || world.hasFailed)
    }
}

/// Puts a task on offer once the client has polled so often.
private final class OfferAfter: Conditions {
    private let limit: Int
    private let server: FakeServer
    private let polls = Mutex(0)

    init(polls limit: Int, _ server: FakeServer) {
        self.limit = limit
        self.server = server
    }

    func check(_ task: TaskDescription?) async -> Readiness {
        let count = polls.withLock { polls in
            if task == nil { polls += 1 }
            return polls
        }
        if task == nil, count == limit + 1 { server.offer(CourseTests.task, model: CourseTests.model) }
        return .proceed
    }
}

/// A session whose every step may fail in any way.
private struct RandomWorld {
    var stream: RandomStream
    var session: ClientSession
    var now = Instant.start
    var steps = 0
    var round = 0
    var finishedRounds: Set<Int> = []
    var workedTwice = false
    var answered = 0
    var hasFailed = false

    init(seed: Seed) {
        stream = seed.stream()
        session = ClientSession(taskLimit: 5)
    }

    mutating func run() {
        while steps < 5000 {
            steps += 1
            let step = session.step(at: now)
            if case .end(let end) = step {
                hasFailed = end == .failed
                return
            }
            now = now.advanced(by: .seconds(stream.uniform() * 5))
            carryOut(step)
            answered = session.answeredTasks
        }
    }

    private mutating func failure() -> CallFailure? {
        switch stream.uniform(below: 12) {
        case 0, 1: .transient(nil)
        case 2: .transient(RetryWindow(earliest: .seconds(1), latest: .seconds(9)))
        case 3: .damaged
        case 4: .missing
        case 5: .unauthenticated
        case 6: .hopeless
        default: nil
        }
    }

    private mutating func carryOut(_ step: ClientSession.Step) {
        let window = RetryWindow(earliest: .zero, latest: .seconds(3))
        let failure = failure()
        func call(_ step: ClientSession.Step) -> ClientCall? {
            switch step {
            case .register: .register
            case .renew: .renew
            case .poll: .poll
            case .download: .download
            case .upload: .upload
            case .submit: .submit
            case .giveBack: .giveBack
            case .wait, .work, .forget, .end: nil
            }
        }
        if let failure, let call = call(step), call != .register || failure == .transient(nil),
            call != .poll || failure != .missing && failure != .damaged
        {
            return session.failed(call, failure, at: now, stream: &stream)
        }
        switch step {
        case .wait(let instant): now = max(now, instant)
        case .register:
            session.registered(credentialLifetime: .seconds(50), retry: window, at: now, stream: &stream)
        case .renew: session.renewed(credentialLifetime: .seconds(50), at: now)
        case .poll:
            if stream.bernoulli(0.3) { return session.nothingToDo(retry: window, at: now, stream: &stream) }
            round += 1
            session.given(.sample(round: round), at: now)
        case .download(let task): session.downloaded(for: task.id)
        case .work(let task):
            if stream.bernoulli(0.2) { return session.gaveUp(on: task.id, TaskFailure(.failed, "no")) }
            workedTwice = workedTwice || !finishedRounds.insert(task.id.round.rawValue).inserted
            session.worked(.sample(task))
        case .upload(let finished):
            if stream.bernoulli(0.1) { return session.leaseLost(for: finished.id) }
            session.uploaded(for: finished.id)
        case .submit(let finished): session.answered(for: finished.id, retry: window, at: now, stream: &stream)
        case .giveBack(let id, _): session.answered(for: id, retry: window, at: now, stream: &stream)
        case .forget, .end: break
        }
    }
}

extension TaskDescription {
    /// A task of a model with two weights.
    static func sample(round: Int) -> TaskDescription {
        let blob = TensorBlob(digest: sha256([]), byteCount: 8, encoding: .float32)
        guard let run = RunID(rawValue: "run") else { preconditionFailure() }
        return TaskDescription(
            id: TaskID(run: run, round: RoundNumber(round), kind: .train), model: blob,
            modelVersion: ModelVersion(0), modelName: "", layout: TensorLayout([("w", [2])]), solver: LocalSolver(),
            algorithm: "fedavg", evaluationLimit: nil, seed: 1, updateEncoding: .float32, updateBound: 8,
            exampleLimit: 100, lease: .seconds(30), timeLeft: .seconds(120))
    }
}

extension FinishedTask {
    static func sample(_ task: TaskDescription) -> FinishedTask {
        let outcome = TrainingOutcome(exampleCount: 1, stepCount: 1, meanLoss: 0)
        let update = TrainedUpdate(blob: UpdateBlob(task.model), outcome: outcome)
        return FinishedTask(id: task.id, result: .trained(update))
    }
}
