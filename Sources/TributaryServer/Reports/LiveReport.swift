package import TributaryCore
package import TributaryReports

/// The output folder of a live run, written as the run goes: the same files as a simulation's.
///
/// Facts only change what is to be written; `write(at:)` brings the folder up to date and may be tried again whenever it
/// failed. Rounds are appended as they end. The files that grow with the run are written anew at most every few
/// seconds, and at the run's end.
///
/// The ledger is the truth: what an earlier process left in the folder is kept as far as the ledger says the same.
package struct LiveReport: Sendable {
    /// How often files are written anew.
    package struct Pace: Hashable, Sendable {
        /// The least time between two writings of `run.json`.
        package var record = Duration.seconds(1)
        /// The least time between two writings of `report.html`, which holds all rounds.
        package var report = Duration.seconds(5)

        package init() {}
    }

    /// The folder.
    package let folder: RunFolder
    private let pace: Pace

    private(set) var rounds: [RoundSummary] = []
    private(set) var record: RunRecord
    private var isLastScored = true
    private var exampleCounts: [ClientID: Int] = [:]
    private var model: LiveModel?

    private var log: RoundLog?
    /// Rounds that are in the log.
    private var loggedCount = 0
    private var isRecordBehind = true
    private var isReportBehind = true
    private var isModelBehind = false
    private var recordDue = Instant.start
    private var reportDue = Instant.start

    /// The folder of the run that `record` describes, whose earlier rounds the ledger has as `rounds`. Nothing is written
    /// yet. With `isLastScored` false, the last round's scores are still to come.
    package init(
        folder: RunFolder, record: RunRecord, rounds: [RoundSummary] = [], isLastScored: Bool = true,
        pace: Pace = Pace()
    ) {
        self.folder = folder
        self.pace = pace
        self.record = record
        self.rounds = rounds
        self.isLastScored = isLastScored
        for round in finalRounds { self.record.add(round) }
    }

    /// The rounds that will not change any more.
    private var finalRounds: ArraySlice<RoundSummary> { isLastScored ? rounds[...] : rounds.dropLast() }

    /// A round ended, or its scores came in. `exampleCounts` says how many examples clients trained on.
    package mutating func roundEnded(
        _ round: RoundSummary, isScored: Bool, exampleCounts: [ClientID: Int] = [:]
    ) {
        if let last = rounds.last, round.round < last.round { return }
        if !isLastScored, let last = rounds.last {
            if last.round == round.round { rounds.removeLast() } else { record.add(last) }
        } else if rounds.last?.round == round.round {
            return
        }
        rounds.append(round)
        isLastScored = isScored
        if isScored { record.add(round) }
        self.exampleCounts.merge(exampleCounts) { _, new in new }
        (isRecordBehind, isReportBehind) = (true, true)
    }

    /// The run stands so now. The newest model is written when the run is over.
    package mutating func runChanged(status: RunRecord.Status, clients: Int, model: LiveModel) {
        let isOver = status != .running
        if status != record.status || clients != record.data.clients { isRecordBehind = true }
        if status != record.status, isOver {
            (isReportBehind, isModelBehind) = (true, true)
            (recordDue, reportDue) = (.start, .start)
        }
        record.status = status
        record.data.clients = clients
        self.model = model
    }

    /// Has everything written with the next call: there may be no other.
    package mutating func hurry() {
        (recordDue, reportDue) = (.start, .start)
    }

    /// Brings the folder up to date as far as it is time to. Returns when it should be called next, even if nothing
    /// happens before; nil if nothing is left to be written. Blocks the calling thread.
    ///
    /// - Throws: `ReportError`, or `StoreError` from reading the model; what was not written stays to be written.
    package mutating func write(at now: Instant) throws -> Instant? {
        try appendRounds()
        if isModelBehind, let model {
            record.model.sha256 = try model.write(to: folder.modelPath)
            isModelBehind = false
            isRecordBehind = true
        }
        if isRecordBehind, recordDue <= now { try writeRecord(at: now) }
        if isReportBehind, reportDue <= now { try writeReport(at: now) }
        return [isRecordBehind ? recordDue : nil, isReportBehind ? reportDue : nil].compactMap(\.self).min()
    }

    private mutating func appendRounds() throws(ReportError) {
        let log = try openedLog()
        let final = finalRounds
        guard loggedCount < final.count else { return }
        while loggedCount < final.count {
            do throws(ReportError) {
                try log.append(final[loggedCount])
            } catch {
                // One file may have the round and the other not: opening the log anew mends that.
                self.log = nil
                throw error
            }
            loggedCount += 1
        }
    }

    /// Keeps of an earlier process's rounds those that the ledger has too.
    private mutating func openedLog() throws(ReportError) -> RoundLog {
        if let log { return log }
        try folder.create()
        FileAccess.removeDrafts(in: folder.path)
        try folder.removeDamagedRounds()
        let kept = zip(try folder.readRounds(), finalRounds).prefix { $0 == $1 }.count
        let log = try RoundLog(folder, energy: record.countsEnergy, personal: record.scoresOwnModels)
        try log.truncate(after: kept == 0 ? RoundNumber(0) : rounds[kept - 1].round)
        self.log = log
        loggedCount = kept
        return log
    }

    private mutating func writeRecord(at now: Instant) throws(ReportError) {
        record.data.trainExamples = exampleCounts.values.reduce(0, +)
        let sizes = exampleCounts.values.sorted()
        if let smallest = sizes.first, let largest = sizes.last {
            record.data.shardSizes = [smallest, sizes[sizes.count / 2], largest]
        }
        record.totals.peakMemoryBytes = ProcessMemory.peakBytes
        try folder.write(record)
        isRecordBehind = false
        recordDue = now.advanced(by: pace.record)
    }

    private mutating func writeReport(at now: Instant) throws(ReportError) {
        try folder.writeReport(RunReport(record: record, rounds: Array(finalRounds)).html())
        isReportBehind = false
        // A page of many rounds takes long to make: the time between two grows with it.
        reportDue = now.advanced(by: pace.report + .milliseconds(2 * rounds.count))
    }
}
