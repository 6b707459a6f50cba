import Testing
import TributaryTorture

/// Worlds under every fault, each from one seed.
@Suite struct TortureTests {
    private func play(_ seeds: ClosedRange<UInt64>, _ options: TortureOptions = TortureOptions()) async
        -> TortureSummary
    {
        await TortureCampaign(firstSeed: seeds.lowerBound, seedCount: seeds.count, workers: 2, options: options).play()
    }

    private func expectNoFailure(_ summary: TortureSummary) {
        for failure in summary.failures {
            Issue.record(
                "\(failure.violations.joined(separator: "\n"))\nreplay with: tributary torture --seed \(failure.seed)")
        }
    }

    @Test func everythingHoldsUnderEveryFault() async {
        let summary = await play(1...2000)
        expectNoFailure(summary)
        #expect(summary.modelCount > 2000, "the worlds must do something")
        #expect(summary.acceptedCount > 20_000)
        expectReached(summary.coverage)
    }

    /// What the seeds are there to exercise is exercised, and what is said to be impossible does not happen.
    private func expectReached(_ coverage: Coverage) {
        let reached = Set(coverage.counts.keys)
        // The rarest pairs need more seeds than a test has time for.
        let missing = CoverageReport.expected.subtracting(reached).sorted()
        #expect(missing.count * 20 < CoverageReport.expected.count, "never reached: \(missing)")
        for pair in reached where CoverageReport.reasonImpossible(pair) != nil {
            Issue.record(
                "said to be impossible: the \(pair.machine.rawValue) machine told '\(pair.fact)' while \(pair.state)")
        }
    }

    @Test func worldsWithoutFaultsEndWithoutAnyLoss() async {
        var options = TortureOptions()
        options.faults = .none
        let summary = await play(1...100, options)
        expectNoFailure(summary)
        #expect(
            summary.faults.counts.values.allSatisfy { $0 == 0 }
                || summary.faults.counts.keys.allSatisfy {
                    $0.hasPrefix("blobs swept") || $0.hasPrefix("uploads forgotten") || $0.hasPrefix("disk:")
                })
    }

    @Test func aSeedReplaysItsWorld() {
        for seed in [3, 77, 412, 1729] as [UInt64] {
            let (first, second) = (Torture.play(seed: seed), Torture.play(seed: seed))
            #expect(first.trace == second.trace, "seed \(seed)")
            #expect(first.eventCount == second.eventCount, "seed \(seed)")
            #expect(first.models == second.models, "seed \(seed)")
        }
    }

    /// What a model is made of given, no crash changes a bit of it.
    @Test func modelsAreTheSameUnderEveryCrashSchedule() {
        var crashCount = 0
        for seed in 1...60 as ClosedRange<UInt64> {
            var options = TortureOptions()
            options.needsEverybody = true
            options.faults = .none
            let calm = Torture.play(seed: seed, options: options)
            options.faults = .crashes
            let crashed = Torture.play(seed: seed, options: options)
            #expect(calm.violations == [], "seed \(seed)")
            #expect(crashed.violations == [], "seed \(seed)")
            #expect(calm.models == crashed.models, "seed \(seed)")
            #expect(crashed.abandonedCount == 0, "seed \(seed)")
            crashCount += crashed.faults.counts["coordinator's machine lost power"] ?? 0
            crashCount += crashed.faults.counts["coordinator's process killed"] ?? 0
        }
        #expect(crashCount > 300)
    }

    @Test func tenThousandClientsAreOneWorld() {
        // The first seeds that draw so many clients.
        let seeds = (1...4000 as ClosedRange<UInt64>).filter { Torture.population(ofSeed: $0) >= 5000 }.prefix(2)
        #expect(seeds.count == 2)
        for seed in seeds { #expect(Torture.play(seed: seed).violations == [], "seed \(seed)") }
    }
}
