import Synchronization
import TributaryCore
import TributaryReports
import TributarySimulation

/// Prints how a run goes: a bar at a terminal, lines in a log, JSON for programs, nothing if so asked.
final class RunPrinter: RunObserver {
    private let style: OutputFlags
    private let folder: RunFolder
    private let progress: Mutex<RunProgress>
    private let advice: Mutex<RunAdvice>

    init(plan: Plan, style: OutputFlags, folder: RunFolder) {
        self.style = style
        self.folder = folder
        advice = Mutex(RunAdvice(plan: plan))
        let form: ProgressStyle.Form = style.json ? .json : Console.redrawsLines ? .bar(width: Console.width) : .lines
        progress = Mutex(
            RunProgress(totalRounds: plan.rounds, style: ProgressStyle(form, usesColor: Console.usesColour)))
    }

    /// Says that the request to stop was heard.
    func stopRequested() {
        guard !style.quiet else { return }
        Console.error(
            "\(Console.redrawsLines ? "\n" : "")stopping after the open round; press Ctrl-C again to stop at once")
    }

    func runBegan(_ record: RunRecord, earlier: [RoundSummary]) {
        if let last = earlier.last { progress.withLock { $0.goesOn(after: last) } }
        guard !style.quiet, !style.json else { return }
        let data = record.data
        Console.line(
            "\(data.set): \(data.trainExamples) examples, \(data.partition) over \(data.clients) clients; \(record.model.name): "
                + "\(record.model.parameters) parameters; \(record.machine.workers) workers")
        if let last = earlier.last { Console.line("going on after round \(last.round.rawValue)") }
    }

    func roundEnded(_ round: RoundSummary, in record: RunRecord) {
        advice.withLock { $0.add(round) }
        guard !style.quiet else { return }
        Console.text(progress.withLock { $0.roundEnded(round) })
    }

    func baselineBegan(_ kind: RunRecord.Baseline.Kind) {
        guard !style.quiet, !style.json else { return }
        Console.line(kind == .personal ? "scoring clients' own models" : "training the \(kind.rawValue) baseline")
    }

    func runEnded(_ record: RunRecord) {
        guard !style.quiet else { return }
        Console.text(progress.withLock { $0.runEnded(record, report: folder.reportPath) })
        for line in advice.withLock({ $0.lines }) { Console.error("note: \(line)") }
        guard record.status == .interrupted else { return }
        let hint = "interrupted; go on with: tributary simulate --resume \(folder.path)"
        if style.json { Console.error(hint) } else { Console.line(hint) }
    }
}
