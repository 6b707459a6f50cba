import Foundation
public import TributaryCore

/// The folder of a sweep: its record, its report, and a folder for each run.
///
/// ```
/// report.html     all settings, the best first, and the curves of some runs
/// settings.csv    a row a setting, the best first: mean and standard error over its seeds
/// runs.csv        a row a run, in order
/// sweep.json      what is tried, in which order, and how far it got
/// 01-…/           a run, as `tributary simulate --output` writes it
/// ```
public struct SweepFolder: Hashable, Sendable {
    private let folder: RunFolder

    /// The folder at a path, which need not exist yet.
    public init(_ path: String) {
        folder = RunFolder(path)
    }

    /// The folder's path.
    public var path: String { folder.path }
    /// The sweep's record.
    public var recordPath: String { inside("sweep.json") }
    /// The comparison of all settings.
    public var reportPath: String { folder.reportPath }
    /// The settings as a table.
    public var settingsPath: String { inside("settings.csv") }
    /// The runs as a table.
    public var runsPath: String { inside("runs.csv") }

    /// The folder of the run called `name`.
    public func run(_ name: String) -> RunFolder { RunFolder(inside(name)) }

    private func inside(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }

    /// Whether a sweep was begun here.
    public var holdsSweep: Bool { FileManager.default.fileExists(atPath: recordPath) }

    /// Makes the folder and those above it; does nothing if it is there.
    public func create() throws(ReportError) {
        try folder.create()
        FileAccess.removeDrafts(in: path)
    }

    /// Whether anything lies in the folder, but for what a process leaves that is killed before the sweep has begun. A
    /// folder that is not there is empty.
    public func isEmpty() throws(ReportError) -> Bool {
        guard FileManager.default.fileExists(atPath: path) else { return true }
        return try folder.fileNames().allSatisfy { $0.hasPrefix("sweep.json.") && $0.hasSuffix(".tmp") }
    }

    /// The content of `sweep.json`.
    public func readRecord() throws(ReportError) -> SweepRecord {
        struct Form: Decodable {
            var format: Int
        }
        let content = try FileAccess.read(recordPath)
        let format = try RecordCoding.decode(Form.self, from: content, path: recordPath).format
        guard format <= 1 else {
            throw ReportError(
                .unsupported, path: recordPath,
                "written in form \(format) by a newer Tributary; this one reads form 1")
        }
        return try RecordCoding.decode(SweepRecord.self, from: content, path: recordPath)
    }

    /// Replaces `sweep.json`.
    public func write(_ record: SweepRecord) throws(ReportError) {
        try FileAccess.replace(recordPath, with: RecordCoding.encode(record, pretty: true) + [UInt8(ascii: "\n")])
    }

    /// Replaces both tables and the report by what the record and the runs' folders say.
    public func writeReport(on record: SweepRecord) throws(ReportError) {
        let summary = SweepSummary(record)
        try FileAccess.replace(settingsPath, with: Data(SweepTables.settings(summary, record).utf8))
        try FileAccess.replace(runsPath, with: Data(SweepTables.runs(record).utf8))
        var shown: [ComparisonReport.Run] = []
        for name in SweepReport.runsToShow(summary, record) {
            let (found, rounds) = try run(name).read()
            var record = found
            // What data and model there are says nothing here; what was tried does.
            record.name = name
            shown.append(ComparisonReport.Run(record: record, rounds: rounds, folder: name))
        }
        let page = SweepReport(record: record, summary: summary, shown: shown).html()
        try FileAccess.replace(reportPath, with: Data(page.utf8))
    }
}
