import TributaryCore
import TributaryReports
import TributarySimulation

/// Prints a run's progress.
final class RunPrinter: RunObserver {
    private let style: OutputFlags
    private let folder: RunFolder

    init(style: OutputFlags, folder: RunFolder) {
        self.style = style
        self.folder = folder
    }

    func stopRequested() {
        if !style.quiet { Console.error("stopping after the open round; press Ctrl-C again to stop at once") }
    }

    func roundEnded(_ round: RoundSummary, in record: RunRecord) {
        if !style.quiet { Console.line("\(round.round.rawValue) \(round.test?.accuracy ?? 0) \(round.timing.realSeconds)") }
    }
}
