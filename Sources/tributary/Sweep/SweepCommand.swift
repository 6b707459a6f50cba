import ArgumentParser
import Foundation
import TributaryCore
import TributaryReports

/// `tributary sweep`
struct SweepCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Try many settings of a plan, several at a time, and compare them in one report.",
        discussion: """
            Examples:
              tributary sweep --dataset fashion-mnist --rounds 20 --seeds 3 \\
                --axis local.learning-rate=0.01,0.03,0.1 --output runs/rates
              tributary sweep --plan plan.yaml --samples 40 \\
                --axis local.learning-rate=0.001..0.1:log --axis local.epochs=1..5 \\
                --output runs/search
              tributary sweep --output runs/rates            goes on with it

            The plan is what tributary simulate takes, as a file and as flags. Every --axis names one of its fields and the \
            values it takes; all combinations are tried, or with --samples so many drawn at random. The same command goes \
            on where the last one ended, however it ended: finished runs are kept, interrupted ones go on from their \
            checkpoints. The folder holds report.html, settings.csv, runs.csv, sweep.json and a folder for each run, as \
            tributary simulate writes it.
            """)

    @OptionGroup(title: "Sweep") var flags: SweepFlags
    @Option(help: ArgumentHelp("The sweep's folder.", valueName: "folder"))
    var output: String?
    @Option(
        help: ArgumentHelp(
            "Runs at a time (default: as many as the processors have room for with --workers).", valueName: "count"))
    var jobs: Int?
    @Option(
        help: ArgumentHelp(
            "Worker threads of each run (default: the processors, shared among the runs at a time).",
            valueName: "count"))
    var workers: Int?
    @Flag(help: "List the runs and stop.")
    var dryRun = false
    @Flag(help: "Print nothing but errors.")
    var quiet = false
    @Flag(help: "Print one JSON object a line: each run as it ends, then all settings, the best first.")
    var json = false
    @OptionGroup var plan: PlanFlags

    mutating func run() async throws {
        let command = self
        try await reportingFailures { try await command.sweep() }
    }

    private func sweep() async throws {
        for (flag, count) in [("jobs", jobs), ("workers", workers)] {
            guard let count, !(1...1024).contains(count) else { continue }
            throw CommandFailure(.usage, "--\(flag) is \(count); it must be a whole number from 1 to 1024")
        }
        let printer = SweepPrinter(isQuiet: quiet, isJSON: json)
        if dryRun { return printer.list(try SweepTarget.design(flags, plan, folder: output)) }
        guard let output else {
            throw CommandFailure(.usage, "--output names the sweep's folder, as in --output runs/sweep")
        }
        let target = try SweepTarget(folder: output, flags, plan)
        let interrupts = Interrupts { printer.stopRequested() }
        var session = SweepSession(
            target: target, machine: SweepMachine(jobs: jobs, workers: workers), printer: printer, stop: interrupts.stop
        )
        try await session.run()
        withExtendedLifetime((target, interrupts)) {}
        try end(session)
    }

    /// Says by the exit code what became of the sweep.
    private func end(_ session: SweepSession) throws {
        if session.isInterrupted { throw ExitCode(CommandFailure.Code.interrupted.rawValue) }
        guard let first = session.failures.first else { return }
        throw CommandFailure(
            first.failure.code,
            "\(session.failures.count) of \(session.record.runs.count) runs failed; the first, \(first.name): "
                + first.failure.message)
    }
}

/// How many runs at a time, and how many workers each has.
struct SweepMachine {
    var jobs: Int?
    var workers: Int?
    var processors = ProcessInfo.processInfo.activeProcessorCount

    /// The division for so many runs: unless both numbers were given, no more workers in all than processors.
    func division(among runs: Int) -> (jobs: Int, workers: Int) {
        let jobs = max(1, min(jobs ?? max(1, processors / (workers ?? 1)), runs))
        return (jobs, workers ?? max(1, processors / jobs))
    }
}
