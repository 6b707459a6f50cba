import ArgumentParser
import Foundation
import TributaryClient
import TributaryCore
import TributaryReports
import TributaryWire

/// `tributary run watch`
struct RunWatch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Print a run's rounds as they end, until the run does.",
        discussion: """
            Ends with 0 when the run has reached its last round or its target, with 1 when it was stopped or has failed. \
            A server that is restarted meanwhile is waited for.
            """)

    @Argument(help: ArgumentHelp("The run's name.", valueName: "run"))
    var name: String
    @Flag(help: "Begin with the run's first round.")
    var all = false
    @Option(help: ArgumentHelp("How long to wait for a server that does not answer, in seconds.", valueName: "seconds"))
    var patience: Int = 300
    @OptionGroup var flags: OperatorFlags

    mutating func run() async throws {
        let command = self
        try await reportingFailures {
            let name = try RunText.checked(command.name)
            let end = try await OperatorClient.with(command.flags) { client in
                var watch = RunWatching(client: client, name: name, command: command)
                return try await watch.untilEnd()
            }
            if command.flags.json {
                Console.text(try RunText.json(end))
            } else {
                Console.text((Console.redrawsLines ? "\n" : "") + RunText.line(end))
            }
            if end.state != .completed { throw ExitCode(1) }
        }
    }
}

/// A run that is being watched.
private struct RunWatching {
    let client: OperatorClient
    let name: String
    let command: RunWatch
    private var printed: UInt64?
    private var revision: UInt64 = 0
    private var progress: RunProgress?

    init(client: OperatorClient, name: String, command: RunWatch) {
        (self.client, self.name, self.command) = (client, name, command)
    }

    /// Prints rounds until there will be no more; the run as it is then.
    mutating func untilEnd() async throws -> WireRun {
        var silence = Duration.zero
        while true {
            do {
                let run = try await next()
                silence = .zero
                try await show(run)
                if [.completed, .stopped, .failed].contains(run.state) { return run }
            } catch  where Self.mayPass(error) && silence < .seconds(command.patience) {
                if silence == .zero { Console.error("note: \(CommandFailure(error).message); waiting for it") }
                let pause = Duration.seconds(2)
                try await Task.sleep(for: pause)
                silence += pause
            }
        }
    }

    private mutating func next() async throws -> WireRun {
        var request = WireWatchRunRequest()
        request.run = name
        request.knownRevision = revision
        request.waitMs = 25_000
        let run = try await client.call(.watchRun, request, wait: .seconds(25)).run
        revision = run.revision
        return run
    }

    private static func mayPass(_ error: any Error) -> Bool {
        if let error = error as? ClientError { return [.unreachable, .timedOut].contains(error.kind) }
        return (error as? CommandFailure)?.code == .unavailable
    }

    private mutating func show(_ run: WireRun) async throws {
        // Without --all it begins with the round that ended last.
        let done = printed ?? (command.all ? 0 : run.lastRound - min(run.lastRound, 1))
        printed = done
        guard run.lastRound > done else { return }
        var reports = [run.lastReport]
        if run.lastRound > done + 1 {
            var request = WireGetRunRequest()
            request.run = name
            request.withRounds = true
            reports = try await client.call(.getRun, request).rounds.filter { $0.round > done }
        }
        for report in reports { try show(report, of: run) }
        printed = run.lastRound
    }

    private mutating func show(_ report: WireRoundReport, of run: WireRun) throws {
        if command.flags.json { return Console.text(try RunText.json(report)) }
        let form: ProgressStyle.Form = Console.redrawsLines ? .bar(width: Console.width) : .lines
        var progress =
            progress
            ?? RunProgress(
                totalRounds: Int(clamping: run.plannedRounds),
                style: ProgressStyle(form, usesColor: Console.usesColour))
        Console.text(progress.roundEnded(RoundSummary(report)))
        self.progress = progress
    }
}

extension RoundSummary {
    /// What a server says of a round, as far as progress shows it.
    fileprivate init(_ report: WireRoundReport) {
        self.init(
            round: RoundNumber(Int(clamping: report.round)), outcome: report.isCommitted ? .committed : .abandoned,
            modelVersion: ModelVersion(Int(clamping: report.modelVersion)), learningRate: 0)
        participation.invited = Int(clamping: report.invited)
        participation.reported = Int(clamping: report.reported)
        for (name, count) in report.dropped {
            if let cause = DropCause(rawValue: name) { participation.dropped[cause] = Int(clamping: count) }
        }
        timing.realSeconds = report.seconds
        if report.hasPrivacyEpsilon {
            // Of the mechanism, the line shows nothing.
            privacy = PrivacySpending(
                epsilon: report.privacyEpsilon, delta: report.privacyDelta, noiseMultiplier: 0, clip: 0)
        }
        if report.hasTrainLoss { trainLoss = report.trainLoss }
        if report.hasTestLoss {
            test = Score(
                exampleCount: 0, loss: report.testLoss, accuracy: report.hasTestAccuracy ? report.testAccuracy : nil)
        } else if report.hasFederatedLoss {
            test = Score(
                exampleCount: 0, loss: report.federatedLoss,
                accuracy: report.hasFederatedAccuracy ? report.federatedAccuracy : nil)
        }
    }
}
