import ArgumentParser
import Foundation
import Synchronization
import TributaryLearning

/// `tributary datasets fetch`
struct DatasetsFetch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Download data sets' files, or find them on this machine.",
        discussion: """
            Example:
              tributary datasets fetch fashion-mnist

            Files go to the cache folder (~/.cache/tributary/datasets), where every command finds them. An interrupted \
            download goes on where it was; every file's content is checked against the published one. Without \
            internet, the error says what to do instead.
            """)

    @Argument(help: ArgumentHelp("The data sets' names.", valueName: "dataset"))
    var names: [String]
    @Option(help: "The folder to store into, in place of the cache folder.")
    var dataDir: String?
    @Flag(help: "Print nothing but errors.")
    var quiet = false

    mutating func run() async throws {
        let command = self
        try await reportingFailures { try await command.fetch() }
    }

    private func fetch() async throws {
        let manifests = try names.map { try DatasetCatalogue.manifest(named: $0) }
        let fetcher = DatasetFetcher(
            downloader: HTTPDownloader(), environment: ProcessInfo.processInfo.environment, directory: dataDir)
        for manifest in manifests {
            let printer = FetchPrinter(isQuiet: quiet)
            _ = try await fetcher.fetch(manifest) { printer.show($0) }
        }
    }
}

/// Prints a download's progress: one line that is overwritten at a terminal, a line a file in a log.
private final class FetchPrinter: Sendable {
    private let isQuiet: Bool
    private let lastShare = Mutex(-1)

    init(isQuiet: Bool) {
        self.isQuiet = isQuiet
    }

    func show(_ progress: FetchProgress) {
        guard !isQuiet else { return }
        switch progress.stage {
        case .receiving(let bytes, let total):
            if Console.isTerminal { show(progress.file, received: bytes, of: total) }
        case .present(let path): Console.line("\(progress.set): here already: \(path)")
        case .stored(let path): Console.line("\(progress.set): fetched and verified: \(path)")
        case .failed(let url, let reason): Console.error("\(progress.set): \(url): \(reason)")
        }
    }

    private func show(_ file: String, received: Int, of total: Int?) {
        guard let total, total > 0 else { return }
        let share = min(100, received * 100 / total)
        let isNews = lastShare.withLock { last in
            defer { last = share }
            return last != share
        }
        guard isNews else { return }
        let line = "\(file)  \(share) %  of \(total / 1024) KiB"
        Console.text("\r" + line.padding(toLength: max(0, Console.width - 1), withPad: " ", startingAt: 0))
        if share == 100 { Console.text("\n") }
    }
}
