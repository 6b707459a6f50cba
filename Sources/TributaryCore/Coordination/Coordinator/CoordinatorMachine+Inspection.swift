/// What tests look at: where the machine is, and how much it keeps.
extension CoordinatorMachine {
    /// Where a run is between two facts.
    package struct RunPlace: Sendable {
        /// The stage of the run.
        package var stage: String
        /// The phase of its open round; nil without one.
        package var phase: RoundMachine.Phase?
        /// What the open round asks of clients; nil without one.
        package var kind: TaskKind?
        /// When the open round closes; nil while its row is on its way to disk, or without one.
        package var closesAt: Instant?
        /// How many clients it waits for, and the instant until which the last of them may stay silent; nil if it waits for
        /// none, or for too many to look at each.
        package var working: (count: Int, latestLease: Instant)?
        /// The run's status as the machine has it.
        package var status: RunRow.Status
        /// How many clients are at work where the model moves as updates come; nil in other runs.
        package var busyCount: Int?
    }

    /// Where a run is; nil for one that is not known.
    package func place(of run: RunID) -> RunPlace? {
        guard let machine = runs[run] else { return nil }
        return RunPlace(
            stage: machine.stage.rawValue, phase: machine.open?.machine.phase, kind: machine.open?.row.id.kind,
            closesAt: machine.open?.machine.closesAt, working: machine.open?.machine.working,
            status: machine.row.status,
            busyCount: machine.work?.busyCount)
    }

    /// How many things are kept of each kind. None may grow without bound.
    package struct Footprint: Hashable, Sendable {
        /// Instants that are waited for.
        package var timers = 0
        /// Batches on their way to disk.
        package var batches = 0
        /// Calls that wait for a task, a change or a receipt.
        package var waitingCalls = 0
        /// Results that are being looked at or written down.
        package var pendingResults = 0
        /// Blobs on their way out.
        package var discards = 0
    }

    /// How much is kept now.
    package var footprint: Footprint {
        var sum = Footprint()
        sum.timers =
            deadlines.count + openTimers.count
            + runs.values.reduce(0) {
                $0 + $1.deadlines.count + ($1.work?.timers.count ?? 0)
            }
        sum.batches = changes.count + runs.values.reduce(0) { $0 + $1.purposes.count }
        sum.waitingCalls = registry.waitingCount + watchers.values.reduce(0) { $0 + $1.count }
        for run in runs.values {
            for pending in [run.open?.pending, run.work?.pending].compactMap(\.self) {
                sum.pendingResults += pending.count
                sum.waitingCalls += pending.values.reduce(0) { $0 + $1.calls.count }
            }
        }
        sum.discards = discarding.count
        return sum
    }
}

extension RoundMachine {
    fileprivate var working: (count: Int, latestLease: Instant)? {
        guard workingCount > 0, members.count <= 64 else { return nil }
        var latest = Instant.start
        for case .working(let leaseEnds) in members.values { latest = max(latest, leaseEnds) }
        return (workingCount, latest)
    }
}
