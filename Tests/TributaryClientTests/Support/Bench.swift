import Foundation
import Synchronization
import TributaryClient
import TributaryCore

/// A clock that stands still but for those who wait to try again: for them it jumps to the instant they wait for.
/// Heartbeats come only when they are let through.
final class JumpingClock: ClientClock {
    private struct State {
        var now = Instant.start
        var waits: [Duration] = []
        /// Heartbeats that were let through before anybody waited for them.
        var beats = 0
        var waiter: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())

    var now: Instant { state.withLock { $0.now } }
    var secondsSince1970: Double { 1_000_000 + now.sinceStart.inSeconds }
    /// How long each wait was.
    var waits: [Duration] { state.withLock { $0.waits } }

    func advance(by duration: Duration) { state.withLock { $0.now = $0.now.advanced(by: duration) } }

    /// Lets a heartbeat through.
    func beat() {
        state.withLock { state in
            if let waiter = state.waiter {
                waiter.finish()
                state.waiter = nil
            } else {
                state.beats += 1
            }
        }
    }

    func sleep(until instant: Instant, for pause: ClientPause) async throws {
        try Task.checkCancellation()
        switch pause {
        case .retry:
            state.withLock { state in
                state.waits.append(state.now.duration(to: instant))
                state.now = max(state.now, instant)
            }
        case .heartbeat:
            let (stream, continuation) = AsyncStream<Void>.makeStream()
            state.withLock { state in
                if state.beats > 0 {
                    state.beats -= 1
                    continuation.finish()
                } else {
                    state.waiter = continuation
                }
            }
            for await _ in stream {}
            try Task.checkCancellation()
            state.withLock { $0.now = max($0.now, instant) }
        }
    }
}

/// Adds a half to every weight, and counts how often it was asked to.
final class HalfTrainer: LocalTrainer {
    private let count = Atomic<Int>(0)
    private let hook: @Sendable (TaskProgress) async throws -> Void
    private let score: Evaluation?

    init(score: Evaluation? = nil, _ hook: @escaping @Sendable (TaskProgress) async throws -> Void = { _ in }) {
        (self.score, self.hook) = (score, hook)
    }

    var trainings: Int { count.load(ordering: .relaxed) }

    func train(_ task: TaskDescription, from weights: [Float], progress: TaskProgress) async throws -> LocalUpdate {
        count.add(1, ordering: .relaxed)
        try await hook(progress)
        return LocalUpdate(weights: weights.map { $0 + 0.5 }, exampleCount: 20, meanLoss: 0.25)
    }

    func evaluate(
        _ task: TaskDescription, weights: [Float], progress: TaskProgress
    ) async throws -> LocalEvaluation {
        guard let score else { throw TaskFailure(.noData, "this client does not evaluate models") }
        try await hook(progress)
        return LocalEvaluation(score)
    }
}

/// Remembers what a client did.
final class Events: ClientObserver {
    private let events = Mutex<[ClientEvent]>([])

    func observed(_ event: ClientEvent) { events.withLock { $0.append(event) } }

    var receipts: [TaskReceipt] {
        events.withLock { $0.compactMap { if case .receipt(_, let receipt, _) = $0 { receipt } else { nil } } }
    }
    var failures: [ClientError] {
        events.withLock { $0.compactMap { if case .failed(_, let error) = $0 { error } else { nil } } }
    }
    var setAside: [String] {
        events.withLock { $0.compactMap { if case .stateSetAside(let line) = $0 { line } else { nil } } }
    }
    var recoveries: Int {
        events.withLock { $0.count { if case .recovered = $0 { true } else { false } } }
    }
    var notKept: [ClientError] {
        events.withLock { $0.compactMap { if case .stateNotKept(let error) = $0 { error } else { nil } } }
    }
    /// The bytes of each model that came.
    var downloads: [Int] {
        events.withLock { $0.compactMap { if case .downloaded(_, let count, _) = $0 { count } else { nil } } }
    }
    var tasksOver: Int {
        events.withLock { $0.count { if case .taskOver = $0 { true } else { false } } }
    }
}

/// A client and all that it needs, for one test.
struct Bench {
    var trainer = HalfTrainer()
    var clock = JumpingClock()
    var events = Events()
    var store: any ClientStore = MemoryStore(registrationKey: Array(1...32))
    var settings = ClientSettings(server: "https://fake.test")

    init(taskLimit: Int? = 1) { settings.taskLimit = taskLimit }

    func client(_ server: FakeServer) -> FederatedClient {
        FederatedClient(
            trainer, settings: settings, transport: server, store: store, observer: events, models: nil, clock: clock)
    }

    /// Runs a client to its end.
    func run(_ server: FakeServer) async throws { try await client(server).run() }
}

/// A folder that is gone afterwards.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}
