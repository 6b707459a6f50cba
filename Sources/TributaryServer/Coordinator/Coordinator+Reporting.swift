import Logging
import Synchronization
import TributaryCore
import TributaryReports
import TributaryStore

/// What a report is to show.
enum ReportEvent: Hashable, Sendable {
    case roundEnded(RunID, RoundEndRow)
    case changed(RunID)

    var run: RunID {
        switch self {
        case .roundEnded(let run, _), .changed(let run): run
        }
    }
}

extension Coordinator {
    /// Keeps the reports up to date. A report that cannot be written is tried again, and stops nothing.
    func reportLoop() async {
        var due: Instant?
        while !Task.isCancelled {
            await reporting.wait(until: due)
            due = await writeReports()
        }
    }

    /// Writes what is new to the reports; returns when to come back, even if nothing happens.
    @discardableResult
    func writeReports(isLast: Bool = false) async -> Instant? {
        let events = state.withLock { state in
            defer { state.reportEvents = [] }
            return state.reportEvents
        }
        guard let folder = setting.reports else { return nil }
        var due: Instant?
        for event in events where await !note(event, in: folder) {
            // The ledger has what the event said, and is read again.
            state.withLock { $0.reportEvents.append(.changed(event.run)) }
            due = setting.clock.now().advanced(by: setting.reportRetry)
        }
        for run in reports.withLock({ $0.keys.sorted() }) {
            guard let next = await writeReport(of: run, isLast: isLast) else { continue }
            due = due.map { min($0, next) } ?? next
        }
        return due
    }

    /// Whether the event is in the report now.
    private func note(_ event: ReportEvent, in folder: String) async -> Bool {
        let run = event.run
        guard let status = consult({ $0.status(of: run, at: $1) }) else { return true }
        guard var report = await report(of: status, in: folder) else { return false }
        if case .roundEnded(_, let end) = event {
            let contributions = await contributions(to: end)
            let counts = contributions.map { ($0.client, $0.update.outcome.exampleCount) }
            report.roundEnded(
                end.summary, isScored: end.isScored, exampleCounts: Dictionary(counts) { _, last in last })
        }
        report.runChanged(
            status: Self.recordStatus(of: status), clients: status.registeredCount, model: model(of: status))
        reports.withLock { $0[run] = report }
        return true
    }

    /// Updates that have come in with a round: for the sizes of their clients' data.
    private func contributions(to end: RoundEndRow) async -> [ContributionRow] {
        // Where updates may have started from older models, the tasks of those rounds.
        let last = end.summary.round
        let first = RoundNumber(max(1, last.rawValue - (end.summary.staleness?.largest ?? 0)))
        return (try? await setting.ledger.contributions(forTasksOf: end.run, in: first...last)) ?? []
    }

    /// Takes the run's report out of those that are kept, so that to change it copies none of its rounds.
    private func report(of status: RunStatus, in folder: String) async -> LiveReport? {
        let run = status.row.id
        if let report = reports.withLock({ $0.removeValue(forKey: run) }) { return report }
        do throws(StoreError) {
            let ends = try await allRounds(of: run)
            let plan = try? Plan(text: status.row.plan)
            let record = RunRecord(
                live: status.row, version: setting.version, machine: setting.machine,
                test: status.row.isTestedHere ? plan.flatMap { setting.scorer?.testSet(for: $0) } : nil)
            let report = LiveReport(
                folder: RunFolder("\(folder)/\(run.rawValue)"), record: record, rounds: ends.map(\.summary),
                isLastScored: ends.last?.isScored ?? true, pace: setting.pace)
            return report
        } catch {
            setting.logger.warning("\(run): its rounds could not be read for the report: \(error)")
            return nil
        }
    }

    /// The rounds of a run that have ended.
    func allRounds(of run: RunID) async throws(StoreError) -> [RoundEndRow] {
        var ends: [RoundEndRow] = []
        while true {
            let after = ends.last?.summary.round ?? RoundNumber(0)
            let page = try await setting.ledger.rounds(of: run, after: after, limit: 1000)
            ends += page
            if page.count < 1000 { return ends }
        }
    }

    private func writeReport(of run: RunID, isLast: Bool) async -> Instant? {
        guard var report = reports.withLock({ $0[run] }) else { return nil }
        if isLast { report.hurry() }
        let (now, logger) = (setting.clock.now(), setting.logger)
        let retry = now.advanced(by: setting.reportRetry)
        let waiting = report
        let outcome: (LiveReport, Instant?)? = await blocking {
            var report = waiting
            do {
                // Not in one expression: the report to keep is the one that knows what it has written.
                let due = try report.write(at: now)
                return (report, due)
            } catch {
                logger.warning("\(run): its report could not be written: \(error)")
                return (report, retry)
            }
        }
        guard let outcome else { return retry }
        reports.withLock { $0[run] = outcome.0 }
        return outcome.1
    }

    private func model(of status: RunStatus) -> LiveModel {
        let row = status.row
        let record = RunRecord(live: row, version: setting.version, machine: setting.machine)
        return LiveModel(
            store: setting.store, blob: status.model,
            layout: TensorLayout(row.tensors.map { (name: $0.name, shape: $0.shape) }), name: record.model.name,
            dataset: record.data.set, round: status.lastRound?.round ?? RoundNumber(0), version: status.modelVersion)
    }

    private static func recordStatus(of status: RunStatus) -> RunRecord.Status {
        switch status.row.status {
        case .active, .paused: .running
        case .completed where status.row.ending != nil: status.row.ending ?? .completed
        case .completed: (status.lastRound?.round.rawValue ?? 0) < status.plannedRounds ? .reachedTarget : .completed
        case .stopped, .failed: .interrupted
        }
    }
}
