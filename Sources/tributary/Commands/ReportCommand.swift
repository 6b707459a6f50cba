import ArgumentParser
import Foundation
import TributaryCore
import TributaryReports

/// `tributary report`
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Render the report of a run again, or compare several runs on one page.",
        discussion: """
            Examples:
              tributary report runs/first                        writes runs/first/report.html
              tributary report runs/a runs/b --output ab.html    lays both runs over each other
            """)

    @Argument(help: ArgumentHelp("One run's folder, or several to compare.", valueName: "run"))
    var runs: [String]
    @Option(
        help: ArgumentHelp(
            "The page to write (default: report.html in the run, or comparison.html).", valueName: "file"))
    var output: String?
    @Option(
        help: ArgumentHelp(
            "For a comparison: the test accuracy to count rounds to (default: the highest that all reached).",
            valueName: "accuracy"))
    var targetAccuracy: String?

    mutating func run() async throws {
        let command = self
        try await reportingFailures { try command.render() }
    }

    private func render() throws {
        guard runs.count <= 12 else {
            throw CommandFailure(.usage, "\(runs.count) runs are too many for one page; compare at most 12")
        }
        if output == "" { throw CommandFailure(.usage, "--output is empty; name the page to write") }
        let loaded = try runs.map { path in
            guard FileManager.default.fileExists(atPath: RunFolder(path).recordPath) else {
                throw CommandFailure(
                    .missingInput, "\(path.isEmpty ? "''" : path): there is no run here; run.json is missing")
            }
            let (record, rounds) = try RunFolder(path).read()
            return ComparisonReport.Run(record: record, rounds: rounds, folder: path)
        }
        let target = try target()
        if loaded.count == 1 {
            let html = RunReport(record: loaded[0].record, rounds: loaded[0].rounds).html()
            try write(html, to: output ?? RunFolder(runs[0]).reportPath)
        } else {
            try write(ComparisonReport(runs: loaded, target: target).html(), to: output ?? "comparison.html")
        }
    }

    private func target() throws -> Double? {
        guard let targetAccuracy else { return nil }
        guard let value = Double(targetAccuracy), value > 0, value <= 1 else {
            throw CommandFailure(
                .usage,
                "--target-accuracy is '\(targetAccuracy)'; it must be an accuracy above 0 and at most 1, such as 0.8")
        }
        return value
    }

    private func write(_ html: String, to path: String) throws {
        try FileAccess.replace(path, with: Data(html.utf8))
        Console.line("wrote \(path)")
    }
}
