import Foundation
import TributaryCore
import TributaryReports
import TributarySimulation

/// One sitting of a sweep: begins runs as there is room for them, and keeps the record.
///
/// Whatever is known is known to the sitting alone; runs are child tasks that hand back what came of them.
struct SweepSession {
    private(set) var record: SweepRecord
    /// The runs that could not be run, and why, in the order in which it turned out.
    private(set) var failures: [(name: String, failure: CommandFailure)] = []
    /// Whether it was asked to stop before all runs had ended.
    private(set) var isInterrupted = false

    private let design: SweepDesign
    private let runs: [SweepRun]
    private let folder: SweepFolder
    private let machine: SweepMachine
    private let printer: SweepPrinter
    private let stop: StopRequest
    private var lastStorage = ContinuousClock.now
    private var saidNotes: Set<String> = []

    init(target: SweepTarget, machine: SweepMachine, printer: SweepPrinter, stop: StopRequest) {
        (record, design, folder) = (target.record, target.design, target.folder)
        runs = target.design.runs
        (self.machine, self.printer, self.stop) = (machine, printer, stop)
    }

    /// Runs what has not ended yet, until all has or a stop is requested, and writes the report.
    ///
    /// - Throws: `ReportError` if the sweep's own files cannot be written. What goes wrong in a run is in `failures`.
    mutating func run() async throws {
        let plans = planPending()
        let (jobs, workers) = machine.division(among: plans.count)
        printer.began(record, jobs: jobs, workers: workers)
        let refused = record.runs.filter { $0.state == .failed }
        for (place, run) in refused.enumerated() {
            printer.runEnded(run, done: doneCount - refused.count + place + 1, of: runs.count)
        }
        await run(plans, jobs: jobs, workers: workers)
        isInterrupted = stop.isMade && record.runs.contains { $0.state == .pending }
        try folder.write(record)
        try folder.writeReport(on: record)
        printer.ended(record, folder, isInterrupted: isInterrupted)
    }

    private var doneCount: Int { record.runs.count { $0.state != .pending } }

    /// The plans of the runs that have not ended, by their places. Failed ones are tried again.
    private mutating func planPending() -> [(place: Int, plan: Plan)] {
        var plans: [(place: Int, plan: Plan)] = []
        for place in runs.indices {
            do {
                if let result = try endedBefore(place) {
                    record.runs[place].state = .completed
                    record.runs[place].result = result
                } else {
                    record.runs[place].state = .pending
                    record.runs[place].result = nil
                    plans.append((place, try design.plan(of: runs[place])))
                }
                record.runs[place].failure = nil
            } catch {
                fail(place, CommandFailure(error))
            }
        }
        return plans
    }

    /// What came of a run that ended in an earlier sitting; nil if it did not.
    private func endedBefore(_ place: Int) throws -> SweepResult? {
        let run = folder.run(runs[place].name)
        guard FileManager.default.fileExists(atPath: run.recordPath) else { return nil }
        if record.runs[place].state == .completed, let result = record.runs[place].result { return result }
        // What cannot be read may still be gone on with.
        guard let ended = try? run.readRecord(), ended.status == .completed || ended.status == .reachedTarget,
            ended.model.sha256 != nil
        else { return nil }
        guard ended.seed == runs[place].seed,
            ended.plan["run"]?["rounds"] == String(try design.plan(of: runs[place]).rounds)
        else { throw CommandFailure(.usage, "\(run.path) holds a run of another plan; move it away") }
        // The process may have been killed just before it wrote the run's report.
        let rounds = try run.readRounds()
        try run.writeReport(RunReport(record: ended, rounds: rounds).html())
        return SweepResult(ended, rounds: rounds)
    }

    private mutating func run(_ plans: [(place: Int, plan: Plan)], jobs: Int, workers: Int) async {
        var pool = DataPool(for: plans.map(\.plan))
        await withTaskGroup(of: (Int, SweepJob.Outcome).self) { group in
            var running = 0
            for (place, plan) in plans {
                if running == jobs, let (ended, outcome) = await group.next() {
                    running -= 1
                    note(outcome, of: ended)
                }
                if stop.isMade { break }
                guard let assembly = assemble(plan, place, from: &pool) else { continue }
                let job = SweepJob(folder: folder.run(runs[place].name), assembly: assembly, workers: workers)
                let (printer, stop) = (printer, stop)
                running += 1
                group.addTask { (place, await job.run(stop: stop, warn: { printer.note($0) })) }
            }
            while let (ended, outcome) = await group.next() { note(outcome, of: ended) }
        }
    }

    /// The run's data and trainer; nil if that failed.
    private mutating func assemble(_ plan: Plan, _ place: Int, from pool: inout DataPool) -> Assembly? {
        do {
            let assembly = try Assembly(plan, from: &pool)
            for note in assembly.notes where saidNotes.insert(note).inserted { printer.note("note: \(note)") }
            return assembly
        } catch {
            note(.failed(CommandFailure(error)), of: place)
            return nil
        }
    }

    /// Takes down what came of a run.
    private mutating func note(_ outcome: SweepJob.Outcome, of place: Int) {
        switch outcome {
        case .interrupted: return
        case .failed(let failure): fail(place, failure)
        case .completed(let result):
            record.runs[place].state = .completed
            record.runs[place].result = result
        }
        printer.runEnded(record.runs[place], done: doneCount, of: runs.count)
        guard lastStorage.duration(to: .now) >= .seconds(10) else { return }
        // A disk that refuses now is reported at the end; until then the runs' own folders hold what counts.
        try? folder.write(record)
        lastStorage = .now
    }

    private mutating func fail(_ place: Int, _ failure: CommandFailure) {
        record.runs[place].state = .failed
        record.runs[place].result = nil
        record.runs[place].failure = failure.message
        failures.append((runs[place].name, failure))
    }
}
