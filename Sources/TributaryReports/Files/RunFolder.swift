import Foundation
public import TributaryCore

/// The output folder of a run: what each file in it is called, and how to read and write those that make a report.
///
/// ```
/// report.html         the report, one self-contained file
/// rounds.csv          a row a round; the first columns are round, test_accuracy, test_loss
/// rounds.jsonl        the same rounds in full, one JSON object a line
/// run.json            the plan, the data, the machine and the totals
/// model.safetensors   the final global model
/// checkpoints/        what a run is resumed from
/// ```
///
/// `rounds.jsonl` is what reports are made from; `rounds.csv` is for spreadsheets and data frames and can be made
/// from it again.
public struct RunFolder: Hashable, Sendable {
    /// The folder's path.
    public let path: String

    /// The folder at a path, which need not exist yet.
    public init(_ path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// The HTML report.
    public var reportPath: String { inside("report.html") }
    /// The rounds as a table.
    public var tablePath: String { inside("rounds.csv") }
    /// The rounds in full.
    public var roundsPath: String { inside("rounds.jsonl") }
    /// The run's record.
    public var recordPath: String { inside("run.json") }
    /// The final global model.
    public var modelPath: String { inside("model.safetensors") }
    /// The folder of checkpoints.
    public var checkpointsPath: String { inside("checkpoints") }

    private func inside(_ name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }
}

extension RunFolder {
    /// Makes the folder and those above it; does nothing if it is there.
    public func create() throws(ReportError) {
        try FileAccess.makeFolder(path)
    }

    /// Everything a report is made from. A run without a finished round has no rounds.
    public func read() throws(ReportError) -> (record: RunRecord, rounds: [RoundSummary]) {
        (try readRecord(), try readRounds())
    }

    /// The content of `run.json`.
    public func readRecord() throws(ReportError) -> RunRecord {
        let content = try FileAccess.read(recordPath)
        let form = try RecordCoding.decode(RecordForm.self, from: content, path: recordPath)
        guard form.format <= RecordForm.newest else {
            let version = form.version.map { " \($0)" } ?? ""
            throw ReportError(
                .unsupported, path: recordPath,
                "written in form \(form.format) by Tributary\(version); this one reads form \(RecordForm.newest)")
        }
        return try RecordCoding.decode(RunRecord.self, from: content, path: recordPath)
    }

    /// The rounds in `rounds.jsonl`; none if the file is not there. A torn last line, which a killed process leaves,
    /// is passed over; any other damage is an error that names the line.
    public func readRounds() throws(ReportError) -> [RoundSummary] {
        guard FileManager.default.fileExists(atPath: roundsPath) else { return [] }
        var reader = RoundReader(path: roundsPath)
        return try reader.read(try FileAccess.read(roundsPath))
    }

    /// The rounds of `rounds.jsonl` before its first damaged line, and what is wrong with that line.
    package func readSoundRounds() throws(ReportError) -> (rounds: [RoundSummary], damage: ReportError?) {
        guard FileManager.default.fileExists(atPath: roundsPath) else { return ([], nil) }
        var reader = RoundReader(path: roundsPath)
        return reader.readUpToDamage(try FileAccess.read(roundsPath))
    }

    /// Cuts `rounds.jsonl` off before its first damaged line.
    package func removeDamagedRounds() throws(ReportError) {
        let (rounds, damage) = try readSoundRounds()
        guard damage != nil else { return }
        var lines = Data()
        for round in rounds { lines += RecordCoding.encode(round) + [UInt8(ascii: "\n")] }
        try FileAccess.replace(roundsPath, with: lines)
    }

    /// Replaces `run.json`.
    public func write(_ record: RunRecord) throws(ReportError) {
        try FileAccess.replace(recordPath, with: RecordCoding.encode(record, pretty: true) + [UInt8(ascii: "\n")])
    }

    /// Replaces the TensorBoard event file of the run, so that `tensorboard --logdir` finds it in this folder.
    ///
    /// - Parameter wallTime: when the run began, in seconds since 1970; it also names the file.
    public func writeEvents(_ rounds: [RoundSummary], startedAt wallTime: Double) throws(ReportError) {
        let content = Data(EventFile.content(rounds, startedAt: wallTime))
        try FileAccess.replace(inside(EventFile.name(startedAt: wallTime)), with: content)
    }

    /// The names of what lies in the folder.
    package func fileNames() throws(ReportError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw ReportError(.io, path: path, "the folder cannot be listed")
        }
    }

    /// Removes a file of the folder.
    package func remove(_ name: String) throws(ReportError) {
        do {
            try FileManager.default.removeItem(atPath: inside(name))
        } catch {
            throw ReportError(.io, path: inside(name), "cannot be removed")
        }
    }

    /// Replaces `report.html`.
    public func writeReport(_ html: String) throws(ReportError) {
        try FileAccess.replace(reportPath, with: Data(html.utf8))
    }
}

/// The part of `run.json` that tells whether the rest can be read.
private struct RecordForm: Decodable {
    static let newest = 1
    let format: Int
    let version: String?
}
