import ArgumentParser
import Foundation
import TributaryCore
import TributaryReports
import TributarySimulation

/// `tributary simulate`
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Train a federation of simulated clients on real data and report accuracy per round.",
        discussion: """
            Examples:
              tributary simulate --dataset fashion-mnist --rounds 20 --output runs/first
              tributary simulate --dataset mnist --model mlp:200,200 --clients 100 \\
                --partition shards:2 --fraction 0.1 --epochs 1 --batch-size 10
              tributary simulate --dataset patients.csv --label outcome \\
                --client-column hospital
              tributary simulate --resume runs/first

            Ctrl-C finishes the open round, saves the state and says how to go on.
            The output folder holds report.html, rounds.csv, rounds.jsonl, run.json, model.safetensors and checkpoints/.
            """)

    @OptionGroup var flags: PlanFlags

    @Option(help: ArgumentHelp("Worker threads (default: one for each processor).", valueName: "count"))
    var workers: Int?
    @Option(help: ArgumentHelp("The output folder (default: a new folder under runs/).", valueName: "folder"))
    var output: String?
    @Flag(help: "Go on with the run in the output folder.")
    var resume = false
    @Flag(help: "Replace the run in the output folder.")
    var overwrite = false
    @Flag(help: "Also write TensorBoard event files into the output folder.")
    var tensorboard = false
    @Flag(help: "Print the effective plan as a plan file and stop.")
    var printPlan = false
    @OptionGroup var style: OutputFlags

    @Argument(help: ArgumentHelp("With --resume: the run's folder, in place of --output.", valueName: "run"))
    var runFolder: String?

    mutating func run() async throws {
        let command = self
        try await reportingFailures { try await command.simulate() }
    }

    private func simulate() async throws {
        try check()
        let target = try RunTarget(folder: output ?? runFolder, resumes: resume, overwrites: overwrite)
        let plan = try target.plan(from: flags)
        let assembly = try Assembly(plan)
        if printPlan { return Console.text(PlanTemplate.text(of: assembly.plan)) }
        if !style.quiet { for note in assembly.notes { Console.error("note: \(note)") } }
        let record = assembly.makeRecord(version: ToolVersion.text, workers: workerCount)
        let folder = try target.prepareFolder(for: assembly.plan, record)
        do {
            try await start(assembly.trainer, record, assembly.plan, target, folder)
        } catch {
            target.discard(folder)
            throw error
        }
    }

    private func check() throws {
        if runFolder != nil, !resume {
            throw CommandFailure(
                .usage, "unexpected argument '\(runFolder ?? "")'; a folder is given with --output or after --resume")
        }
        if runFolder != nil, output != nil {
            throw CommandFailure(
                .usage, "--output and the folder after --resume both say where the run is; give one of them")
        }
        if let workers, !(1...1024).contains(workers) {
            throw CommandFailure(.usage, "--workers is \(workers); it must be a whole number from 1 to 1024")
        }
        if resume, overwrite {
            throw CommandFailure(.usage, "--resume goes on with a run and --overwrite replaces it; give one of them")
        }
    }

    private var workerCount: Int { workers ?? ProcessInfo.processInfo.activeProcessorCount }

    private func start(
        _ trainer: some PoolableTrainer, _ record: RunRecord, _ plan: Plan, _ target: RunTarget, _ folder: RunFolder
    ) async throws {
        let setting = SimulationSetting(
            folder: folder, record: record, workers: workerCount, checkpoint: target.earlier?.checkpoint,
            writesTensorBoard: tensorboard, wallTime: Date().timeIntervalSince1970)
        var run = try SimulationRun(plan: plan, trainer: trainer, setting: setting)
        let printer = RunPrinter(plan: plan, style: style, folder: folder)
        let interrupts = Interrupts { printer.stopRequested() }
        let finished = try await run.run(observer: printer, stop: interrupts.stop)
        if finished.status == .interrupted { throw ExitCode(CommandFailure.Code.interrupted.rawValue) }
    }
}

/// How a command prints.
struct OutputFlags: ParsableArguments {
    @Flag(help: "Print nothing but errors.")
    var quiet = false
    @Flag(help: "Print one JSON object a line: each round as it ends, then the run's record.")
    var json = false
}
