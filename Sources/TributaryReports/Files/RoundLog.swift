import Foundation
import Synchronization
public import TributaryCore

/// Writes rounds to `rounds.csv` and `rounds.jsonl` as they end.
///
/// Each round is one write to each file, so a process killed at any moment leaves at most one torn last line, which
/// readers pass over and the next `RoundLog` of the folder removes. Opening the log of a folder that holds rounds
/// continues it; ``truncate(after:)`` goes back to the round a checkpoint was made after.
///
/// ```swift
/// let log = try RoundLog(folder)
/// let earlier = try log.truncate(after: checkpoint.round)   // on resume
/// try log.append(summary)
/// try log.synchronise()                                      // before a checkpoint that relies on it
/// ```
public final class RoundLog: Sendable {
    private let folder: RunFolder
    private let energy: Bool
    private let personal: Bool
    private let files: Mutex<Files>

    private struct Files: ~Copyable {
        let table: Descriptor
        let rounds: Descriptor
        var last: Int
    }

    /// Opens the log of a folder, which must exist, and makes both files if they are not there.
    ///
    /// - Parameters:
    ///   - energy: whether the rounds count energy, for which the table has columns then.
    ///   - personal: whether clients' own models are scored in rounds, for which it has columns then.
    public init(_ folder: RunFolder, energy: Bool = false, personal: Bool = false) throws(ReportError) {
        (self.folder, self.energy, self.personal) = (folder, energy, personal)
        let rounds = try folder.readRounds()
        files = Mutex(try Self.open(folder, holding: rounds, energy, personal))
    }

    /// Appends a round. It must come after all rounds the log holds.
    public func append(_ round: RoundSummary) throws(ReportError) {
        let line = RecordCoding.encode(round) + [UInt8(ascii: "\n")]
        let row = Data(RoundTable.row(round, energy: energy, personal: personal).utf8)
        try files.withLock { files throws(ReportError) in
            precondition(round.round.rawValue > files.last, "a log's rounds only grow")
            try files.rounds.append(line)
            files.last = round.round.rawValue
            try files.table.append(row)
        }
    }

    /// Forgets all rounds after the given one and returns those that stay.
    @discardableResult
    public func truncate(after last: RoundNumber) throws(ReportError) -> [RoundSummary] {
        try files.withLock { files throws(ReportError) in
            let rounds = try folder.readRounds().filter { $0.round <= last }
            files = try Self.open(folder, holding: rounds, energy, personal)
            return rounds
        }
    }

    /// Returns once everything appended is on the disk.
    public func synchronise() throws(ReportError) {
        try files.withLock { files throws(ReportError) in
            try files.rounds.synchronise()
            try files.table.synchronise()
        }
    }

    /// Writes both files anew with the given rounds, then opens them for more. Writing anew mends whatever a killed
    /// process left: a torn line, or a table that lacks the last round.
    private static func open(
        _ folder: RunFolder, holding rounds: [RoundSummary], _ energy: Bool, _ personal: Bool
    ) throws(ReportError) -> Files {
        var lines = Data()
        for round in rounds { lines += RecordCoding.encode(round) + [UInt8(ascii: "\n")] }
        try FileAccess.replace(folder.roundsPath, with: lines)
        let table = RoundTable.csv(rounds, energy: energy, personal: personal)
        try FileAccess.replace(folder.tablePath, with: Data(table.utf8))
        return Files(
            table: try Descriptor(folder.tablePath, O_WRONLY | O_APPEND),
            rounds: try Descriptor(folder.roundsPath, O_WRONLY | O_APPEND),
            last: rounds.last?.round.rawValue ?? 0)
    }
}
