import Foundation
import Logging
import Synchronization
import TributaryCore
import TributaryMath
import TributaryServer
import TributaryStore
import TributaryTesting
import TributaryWire

enum MemoryDigest {
    static let store = MemoryBlobStore()
}

/// A ledger whose process dies at a chosen commit: just before it is written, or just after. From then on nothing is
/// answered any more.
final class DyingLedger: Ledger {
    enum Death: Hashable, Sendable {
        case before(Int)
        case after(Int)
    }

    let rows: MemoryLedger
    private let death: Death?
    private let commits = Mutex(0)
    private let died: AsyncStream<Void>.Continuation
    /// Ends when the process has died.
    let deaths: AsyncStream<Void>

    init(_ rows: MemoryLedger, death: Death? = nil) {
        (self.rows, self.death) = (rows, death)
        (deaths, died) = AsyncStream.makeStream(of: Void.self)
    }

    var commitCount: Int { commits.withLock { $0 } }

    func commit(_ batch: [LedgerEntry]) async throws(StoreError) {
        let (number, isDead) = commits.withLock { count in
            count += 1
            return (count, isPast(count))
        }
        if isDead { return try await neverReturn() }
        if death == .before(number) { return try await die() }
        try await rows.commit(batch)
        if death == .after(number) { try await die() }
    }

    private func isPast(_ number: Int) -> Bool {
        switch death {
        case .before(let last)?, .after(let last)?: number > last
        case nil: false
        }
    }

    private func die() async throws(StoreError) {
        died.finish()
        try await neverReturn()
    }

    private func neverReturn() async throws(StoreError) {
        for await _ in AsyncStream<Void>(unfolding: { try? await Task.sleep(for: .seconds(3600)) }) {}
        throw StoreError(.closed, "the process has died")
    }

    func load() async throws(StoreError) -> (image: LedgerImage, damage: [String]) { try await rows.load() }
    func contribution(to task: TaskID, by client: ClientID) async throws(StoreError) -> ContributionRow? {
        try await rows.contribution(to: task, by: client)
    }
    func hasEvaluation(of task: TaskID, by client: ClientID) async throws(StoreError) -> Bool {
        try await rows.hasEvaluation(of: task, by: client)
    }
    func rounds(of run: RunID, after round: RoundNumber, limit: Int) async throws(StoreError) -> [RoundEndRow] {
        try await rows.rounds(of: run, after: round, limit: limit)
    }
    func round(_ task: TaskID) async throws(StoreError) -> (row: RoundRow, contributions: [ContributionRow])? {
        try await rows.round(task)
    }
    func contributions(
        forTasksOf run: RunID, in rounds: ClosedRange<RoundNumber>
    ) async throws(StoreError) -> [ContributionRow] {
        try await rows.contributions(forTasksOf: run, in: rounds)
    }
    func prune(_ run: RunID, before round: RoundNumber, limit: Int) async throws(StoreError) -> Int {
        try await rows.prune(run, before: round, limit: limit)
    }
    func namedBlobs() async throws(StoreError) -> Set<BlobDigest> { try await rows.namedBlobs() }
    func close() async {}
}

/// A coordinator, an operator and some clients in one process, over stores that outlive them.
struct CoordinatorWorld: Sendable {
    let store = MemoryBlobStore()
    let log = InProcessClient.ReceiptLog()
    var clientCount = 4
    var rounds = 3
    var reports: String?
    var optimiser = "sgd"
    var encoding = "f32"
    /// The run's privacy and its budget; nil for a run without.
    var privacy: (mechanism: String, epsilon: String)?
    /// Further fields of the plan.
    var fields: [String: String] = [:]
    /// The table of carbon intensities that goes with the run.
    var carbonTrace = ""

    /// Coordinators that follow one another have a clock that went on in between.
    private static let began = ContinuousClock.now

    static let token = "operator"
    static let caller = Caller(credential: token, peer: "operator")

    func setting(_ ledger: any Ledger) -> CoordinatorSetting {
        var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        var setting = CoordinatorSetting(
            ledger: ledger, store: store,
            clock: LiveClock(wallTime: 1_700_000_000 + Self.began.duration(to: .now) / .seconds(1)), logger: logger)
        setting.settings.keepsUpdates = true
        setting.reports = reports
        setting.makeNoiseKey = { Self.noiseKey }
        return setting
    }

    /// The secret of a private run's noise.
    static let noiseKey: NoiseKey = {
        var stream = Seed(11).derived("noise").stream()
        return NoiseKey.random(using: &stream)
    }()

    var request: WireCreateRunRequest {
        get throws {
            var request = WireCreateRunRequest()
            request.run = "trial"
            request.plan = [
                "rounds": "\(rounds)", "cohort.selection": "all", "live.min-clients": "\(clientCount)", "seed": "7",
                "server.learning-rate": "0.9", "strategy.optimiser": optimiser,
                "strategy.encoding": encoding,
            ]
            if let privacy {
                request.plan.merge(
                    [
                        "privacy.mechanism": privacy.mechanism, "privacy.epsilon": privacy.epsilon,
                        "privacy.delta": "1e-4", "cohort.selection": "uniform", "cohort.count": "\(clientCount)",
                        "cohort.quorum": "\(clientCount)",
                    ]) { $1 }
            }
            request.plan.merge(fields) { _, new in new }
            request.carbonTrace = carbonTrace
            var tensor = WireTensor()
            (tensor.name, tensor.shape) = ("w", [3, 7])
            request.layout = [tensor]
            return request
        }
    }

    enum End: Hashable, Sendable {
        case completed, died
    }

    private enum Event: Sendable {
        case completed, died, drained, left
    }

    /// One life of the process: until the run is completed and the process has gone down in good order, or the ledger
    /// dies.
    func live(on ledger: DyingLedger) async throws -> End {
        let coordinator = try await Coordinator.open(setting(ledger))
        let calls = CoordinatorCalls(coordinator, operatorToken: Self.token, joinToken: "join")
        return try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask {
                try await coordinator.run()
                return .drained
            }
            group.addTask {
                for await _ in ledger.deaths {}
                return Task.isCancelled ? .left : .died
            }
            for number in 0..<clientCount {
                let client = InProcessClient(name: "client-\(number)", calls: calls, store: store, log: log)
                group.addTask {
                    do {
                        try await client.work()
                    } catch let error as ConnectError where error.code == .unavailable {
                        // The process goes down.
                    }
                    return .left
                }
            }
            group.addTask { try await self.operate(calls) }
            defer { group.cancelAll() }
            while let event = try await group.next() {
                switch event {
                case .completed: coordinator.close()
                case .died: return .died
                case .drained: return .completed
                case .left: continue
                }
            }
            return .died
        }
    }

    private func operate(_ calls: CoordinatorCalls) async throws -> Event {
        var run = try await calls.createRun(try request, from: Self.caller).run
        while run.state != .completed {
            var watch = WireWatchRunRequest()
            (watch.run, watch.knownRevision, watch.waitMs) = (run.run, run.revision, 30_000)
            run = try await calls.watchRun(watch, from: Self.caller).run
        }
        return .completed
    }
}
