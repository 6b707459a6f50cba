import ArgumentParser
import Foundation
import Synchronization
import TributaryCore
import TributaryTorture

/// `tributary torture`
struct TortureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "torture",
        abstract: "Play the coordinator, its disk and its clients under every fault there is a name for.",
        discussion: """
            Examples:
              tributary torture --seeds 2000
              tributary torture --seed 1729

            Each seed is a world of its own on virtual time: messages are lost, doubled and delayed, connections cut, \
            processes killed, disks full and forgetful, clocks wrong, clients false. The code that decides is the server's \
            and the client's own. Everything that must hold is checked as it happens, every model is computed again \
            by other means, and when the faults have ceased every run must come to its end.

            A seed replays its world exactly. Ends with 0 if all held, with 70 if something did not; then the line to replay \
            it is printed.
            """)

    @Option(help: "Play this seed alone, and print what came of it in full.")
    var seed: UInt64?
    @Option(help: "How many seeds to play.")
    var seeds: Int?
    @Option(name: .customLong("from"), help: "The first of the seeds.")
    var first: UInt64 = 1
    @Option(help: "Stop beginning new seeds after so many seconds.")
    var seconds: Double?
    @Option(help: "Worlds to play at the same time (the machine's processors).")
    var workers: Int?
    @Option(help: "The most clients of a world.")
    var clients = TortureOptions().largestPopulation
    @Flag(help: "Let nothing go wrong.")
    var withoutFaults = false
    @Flag(help: "Print which facts each machine was told in which of its states.")
    var coverage = false
    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() async throws {
        let command = self
        try await reportingFailures { try await command.play() }
    }

    private func play() async throws {
        try check()
        let start = ContinuousClock.now
        let limit = seconds
        let progress = TortureProgress(isQuiet: json)
        let summary = await campaign.play(ended: { progress.show($0) }) {
            limit.map { (ContinuousClock.now - start).inSeconds < $0 } ?? true
        }
        progress.clear()
        let text = TortureText(summary: summary, seconds: (ContinuousClock.now - start).inSeconds)
        Console.text(json ? try text.json(withCoverage: coverage) : text.plain(withCoverage: coverage))
        if let failure = summary.failures.first {
            throw CommandFailure(
                .ourFault,
                "\(summary.failures.count) of \(summary.seedCount) seeds failed; replay the first with: tributary torture "
                    + "--seed \(failure.seed)\(replayFlags)")
        }
    }

    private var campaign: TortureCampaign {
        var options = TortureOptions()
        options.largestPopulation = clients
        options.faults = withoutFaults ? .none : .all
        return TortureCampaign(
            firstSeed: seed ?? first, seedCount: seed == nil ? seeds ?? 100 : 1,
            workers: workers ?? ProcessInfo.processInfo.activeProcessorCount, options: options)
    }

    /// Flags that a world depends on besides its seed.
    private var replayFlags: String {
        let population = clients == TortureOptions().largestPopulation ? "" : " --clients \(clients)"
        return population + (withoutFaults ? " --without-faults" : "")
    }

    private func check() throws {
        if seed != nil, seeds != nil {
            throw CommandFailure(.usage, "--seed plays one seed, --seeds so many; give one of them")
        }
        if let seeds, !(1...1_000_000_000).contains(seeds) {
            throw CommandFailure(.usage, "--seeds is \(seeds); it must be a whole number from 1 to 1000000000")
        }
        if let workers, !(1...1024).contains(workers) {
            throw CommandFailure(.usage, "--workers is \(workers); it must be a whole number from 1 to 1024")
        }
        if !(1...1_000_000).contains(clients) {
            throw CommandFailure(.usage, "--clients is \(clients); it must be a whole number from 1 to 1000000")
        }
        if let seconds, !(seconds > 0) { throw CommandFailure(.usage, "--seconds is \(seconds); it must be above 0") }
    }
}

/// A line that counts the seeds as they end, at a terminal; failures in any case.
private final class TortureProgress: Sendable {
    private let isQuiet: Bool
    private let count = Mutex(0)

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
    }

    func show(_ outcome: TortureOutcome) {
        let number = count.withLock { count in
            count += 1
            return count
        }
        guard !isQuiet else { return }
        if !outcome.violations.isEmpty { Console.line("seed \(outcome.seed) failed: \(outcome.violations[0])") }
        if Console.redrawsLines, number % 10 == 0 { Console.text("\r\(number) seeds") }
    }

    func clear() {
        if !isQuiet, Console.redrawsLines { Console.text("\r\u{1B}[K") }
    }
}
