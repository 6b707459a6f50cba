public import TributaryCore
import TributaryMath

/// What came of a seed.
public struct TortureOutcome: Sendable {
    /// The seed.
    public var seed: UInt64
    /// What did not hold, most telling first; empty if all did.
    public var violations: [String]
    /// Things that happened.
    public var eventCount: Int
    /// Seconds of virtual time.
    public var virtualSeconds: Double
    /// What went wrong, by kind.
    public var faults: FaultCounts
    /// What the machines were told in which of their states.
    public var coverage: Coverage
    /// Models that were made, rounds that were given up, and results that were accepted.
    public var modelCount, abandonedCount, acceptedCount: Int
    /// Those of the models whose updates were clipped and got noise.
    public var privateCount: Int
    /// A digest of all that happened: a replay has the same.
    public var trace: UInt64
    /// The model of each run in the end, by name.
    public var models: [String: BlobDigest]
}

/// Plays worlds.
public enum Torture {
    /// Plays the world of a seed from its beginning to its end.
    ///
    /// The same seed and options give the same outcome, on every machine.
    public static func play(seed: UInt64, options: TortureOptions = TortureOptions()) -> TortureOutcome {
        let world = World(seed: seed, options: options)
        world.play(options)
        return world.outcome
    }

    /// How many clients the world of a seed has.
    public static func population(ofSeed seed: UInt64, options: TortureOptions = TortureOptions()) -> Int {
        Scenario(seed: seed, options: options).clientCount
    }
}

extension World {
    /// Plays both phases.
    func play(_ options: TortureOptions) {
        let healing = now + .seconds(scenario.troubledSeconds)
        while let next = events.next, next < healing, goesOn(options) { _ = step() }
        now = max(now, healing)
        guard checks.violations.isEmpty else { return }
        heal()
        let end = now + .seconds(patience)
        while !isOver, let next = events.next, next < end, goesOn(options) { _ = step() }
        guard checks.violations.isEmpty else { return }
        checkLiveness()
    }

    private func goesOn(_ options: TortureOptions) -> Bool {
        guard checks.violations.isEmpty else { return false }
        if eventCount >= options.eventLimit {
            checks.violated("liveness", "\(eventCount) events, and no end is in sight")
            return false
        }
        return true
    }

    /// How many seconds all runs may take to come to their ends once nothing goes wrong any more: their rounds one after
    /// the other, each as long as it may be, after everybody has cooled down.
    private var patience: Double {
        let rounds = scenario.runs.reduce(0) { sum, run in
            let perRound = run.plan.cohort.deadline.inSeconds * 2 + scenario.settings.scoringPatience.inSeconds + 60
            return sum + Double(run.plan.rounds + 1) * perRound * turns(of: run)
        }
        return rounds + 2 * scenario.settings.longestCoolDown.inSeconds + 8000
    }

    /// How many tasks one after the other it may take to fill a buffer: 1 for rounds, whose clients work side by side.
    private func turns(of run: Scenario.Run) -> Double {
        guard case .buffered(let pacing)? = try? Strategy(run.plan).pacing else { return 1 }
        return 1 + Double(pacing.goal) / Double(max(run.plan.cohort.count ?? 1, 1))
    }

    /// Whether every run that can is over, and everybody has been answered.
    private var isOver: Bool {
        scenario.runs.allSatisfy { run in
            guard let record = checks.runs[run.id] else { return false }
            return record.status == .completed || record.status == .stopped || isExcused(run.id)
        } && clients.allSatisfy { $0.answersSinceHealing > 0 }
    }

    /// A run whose model a fault has destroyed has failed, and cannot go on: an operator would have to bring it back.
    private func isExcused(_ run: RunID) -> Bool {
        guard let record = checks.runs[run] else { return false }
        let needed = [record.blob] + record.stateBlobs + record.methodBlobs
        return record.status == .failed && needed.contains { checks.isDestroyed($0.digest, self) }
    }

    private func checkLiveness() {
        for run in scenario.runs {
            guard let record = checks.runs[run.id] else {
                checks.violated("liveness", "\(run.id) was never created")
                continue
            }
            let isDone = record.status == .completed || record.status == .stopped || isExcused(run.id)
            let place = coordinator.process?.machine.place(of: run.id)
            let status = coordinator.process?.machine.status(of: run.id, at: coordinator.instant(at: now))
            checks.require(
                isDone, "liveness",
                "\(run.id) has not come to its end: \(record.status), \(record.lastRound) of "
                    + "\(run.plan.rounds), \(place.map { "\($0)" } ?? "the coordinator is down"); "
                    + "\(status.map { "\($0.activity), \($0.presentCount) of \($0.registeredCount) present" } ?? "")")
        }
        let forgotten = clients.filter { $0.answersSinceHealing == 0 }.map(\.index)
        checks.require(forgotten.isEmpty, "liveness", "clients \(forgotten) got no answer after healing")
    }

    var outcome: TortureOutcome {
        var models: [String: BlobDigest] = [:]
        for (id, run) in checks.runs { models[id.rawValue] = run.blob.digest }
        var faults = counts
        for fault in DiskFault.allCases { faults.note("disk: \(fault)", coordinator.disk.counts[fault]) }
        return TortureOutcome(
            seed: seed, violations: checks.violations, eventCount: eventCount,
            virtualSeconds: Double(now - .seconds(1_000_000)) / 1e9, faults: faults, coverage: coverage,
            modelCount: checks.modelCount, abandonedCount: checks.abandonedCount,
            acceptedCount: checks.acceptedCount, privateCount: checks.privateCount, trace: trace.value, models: models)
    }
}
