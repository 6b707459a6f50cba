import TributaryCore
import TributaryReports

/// Prints how a sweep goes: lines for people, JSON for programs, nothing if so asked.
struct SweepPrinter: Sendable {
    private let isQuiet: Bool
    private let isJSON: Bool
    private let progress: SweepProgress

    init(isQuiet: Bool, isJSON: Bool) {
        (self.isQuiet, self.isJSON) = (isQuiet, isJSON)
        progress = SweepProgress(style: ProgressStyle(isJSON ? .json : .lines, usesColor: Console.usesColour))
    }

    /// Lists the runs of a design, with the reasons why some would be refused.
    func list(_ design: SweepDesign) {
        let runs = design.runs
        for run in runs { Console.text(progress.planned(run, of: design)) }
        if !isJSON { Console.line("\(runs.count) runs") }
    }

    /// Says that the request to stop was heard.
    func stopRequested() {
        guard !isQuiet else { return }
        Console.error("stopping after the open rounds; press Ctrl-C again to stop at once")
    }

    func began(_ record: SweepRecord, jobs: Int, workers: Int) {
        guard !isQuiet, !isJSON else { return }
        let (settings, seeds) = (record.settings.count, record.seeds.count)
        Console.line(
            "\(record.runs.count) runs: \(settings) \(settings == 1 ? "setting" : "settings") with \(seeds) "
                + "\(seeds == 1 ? "seed" : "seeds"); \(jobs) at a time with \(workers) \(workers == 1 ? "worker" : "workers")"
        )
        let done = record.runs.count { $0.state == .completed }
        if done > 0 { Console.line("going on; \(done) of \(record.runs.count) are done") }
    }

    func note(_ text: String) {
        if !isQuiet { Console.error(text) }
    }

    func runEnded(_ run: SweepRecord.Run, done: Int, of total: Int) {
        if !isQuiet { Console.text(progress.runEnded(run, done: done, of: total)) }
    }

    func ended(_ record: SweepRecord, _ folder: SweepFolder, isInterrupted: Bool) {
        guard !isQuiet else { return }
        Console.text(progress.ended(SweepSummary(record), record, report: folder.reportPath))
        guard isInterrupted else { return }
        let hint = "interrupted; go on with: tributary sweep --output \(folder.path)"
        if isJSON { Console.error(hint) } else { Console.line(hint) }
    }
}
