import Foundation
import Synchronization

/// Plays the worlds of many seeds, several at a time.
public struct TortureCampaign: Sendable {
    /// The first seed.
    public var firstSeed: UInt64
    /// How many seeds; they follow one another.
    public var seedCount: Int
    /// Worlds that are played at the same time, each in one thread.
    public var workers: Int
    /// What may be chosen of the worlds.
    public var options: TortureOptions

    /// A campaign with all its parts.
    public init(firstSeed: UInt64, seedCount: Int, workers: Int, options: TortureOptions = TortureOptions()) {
        self.firstSeed = firstSeed
        self.seedCount = seedCount
        self.workers = max(workers, 1)
        self.options = options
    }

    /// Plays all worlds and says what came of each as it ends, in no order. Ends early when `goesOn` says so.
    ///
    /// Worlds are played in threads of their own: one that never suspends would otherwise hold up what else the process
    /// has to do.
    ///
    /// - Returns: the sum of all.
    public func play(
        ended: @escaping @Sendable (TortureOutcome) -> Void = { _ in },
        goesOn: @escaping @Sendable () -> Bool = { true }
    ) async -> TortureSummary {
        let (outcomes, feed) = AsyncStream.makeStream(of: TortureOutcome.self)
        let work = Mutex((next: 0, workers: workers))
        for _ in 0..<workers {
            let thread = Thread { [self] in
                while goesOn(), let seed = takeSeed(work) { feed.yield(Torture.play(seed: seed, options: options)) }
                let isLast = work.withLock { work in
                    work.workers -= 1
                    return work.workers == 0
                }
                if isLast { feed.finish() }
            }
            thread.name = "tributary.torture"
            thread.start()
        }
        var summary = TortureSummary()
        for await outcome in outcomes {
            ended(outcome)
            summary.add(outcome)
        }
        return summary
    }

    /// The next seed to play; nil when all were given out.
    private func takeSeed(_ work: borrowing Mutex<(next: Int, workers: Int)>) -> UInt64? {
        work.withLock { work in
            guard work.next < seedCount else { return nil }
            defer { work.next += 1 }
            return firstSeed &+ UInt64(work.next)
        }
    }
}

/// What came of many seeds.
public struct TortureSummary: Sendable {
    /// Seeds played.
    public private(set) var seedCount = 0
    /// Seeds whose worlds did something that must not be, with what it was, in ascending order.
    public private(set) var failures: [(seed: UInt64, violations: [String])] = []
    /// Things that happened.
    public private(set) var eventCount = 0
    /// Seconds of virtual time.
    public private(set) var virtualSeconds = 0.0
    /// What went wrong, by kind.
    public private(set) var faults = FaultCounts()
    /// What the machines were told in which of their states.
    public private(set) var coverage = Coverage()
    /// Models that were made, rounds that were given up, and results that were accepted.
    public private(set) var modelCount = 0, abandonedCount = 0, acceptedCount = 0
    /// Those of the models whose updates were clipped and got noise.
    public private(set) var privateCount = 0

    /// The sum of nothing.
    public init() {}

    /// Adds what came of a seed.
    public mutating func add(_ outcome: TortureOutcome) {
        seedCount += 1
        if !outcome.violations.isEmpty {
            let place = failures.firstIndex { $0.seed > outcome.seed } ?? failures.count
            failures.insert((outcome.seed, outcome.violations), at: place)
        }
        eventCount += outcome.eventCount
        virtualSeconds += outcome.virtualSeconds
        faults.add(outcome.faults)
        coverage.add(outcome.coverage)
        modelCount += outcome.modelCount
        privateCount += outcome.privateCount
        abandonedCount += outcome.abandonedCount
        acceptedCount += outcome.acceptedCount
    }
}
