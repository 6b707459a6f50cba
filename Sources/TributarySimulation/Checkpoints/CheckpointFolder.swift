import Foundation
public import TributaryCore
import TributaryReports

/// The checkpoints of a run: one file a checkpoint, named by its round, the newest few kept.
public struct CheckpointFolder: Hashable, Sendable {
    /// The folder's path.
    public let path: String
    /// The number of checkpoints that stay when a new one is written.
    public let keep: Int

    /// The checkpoints in the folder at `path`, which need not exist yet.
    public init(_ path: String, keep: Int) {
        self.path = path
        self.keep = keep
    }

    /// Stores a checkpoint durably, then removes those beyond the number to keep.
    ///
    /// - Throws: `ReportError` if the file system refuses.
    public func write(_ checkpoint: Checkpoint) throws {
        try FileAccess.makeFolder(path)
        let name = Self.name(of: checkpoint.state.lastRound)
        try FileAccess.replace("\(path)/\(name)", with: try checkpoint.encoded())
        for old in names().filter({ $0 < name }).dropLast(keep - 1) {
            try? FileManager.default.removeItem(atPath: "\(path)/\(old)")
        }
    }

    /// The newest checkpoint that can be read, and a line for each newer one that could not; nil if there is none.
    ///
    /// - Parameter limit: the last round that counts; nil for any.
    public func newest(notAfter limit: RoundNumber? = nil) -> (checkpoint: Checkpoint?, damaged: [String]) {
        var damaged: [String] = []
        let last = limit.map(Self.name)
        for name in names().reversed() where last.map({ name <= $0 }) ?? true {
            let file = "\(path)/\(name)"
            do {
                return (try Checkpoint(decoding: try FileAccess.read(file)), damaged)
            } catch let error as ReportError {
                damaged.append(error.description)
            } catch {
                damaged.append("\(file): \(error)")
            }
        }
        return (nil, damaged)
    }

    /// Removes every checkpoint after `round`: they belong to a future that is computed anew.
    func remove(after round: RoundNumber) {
        let last = Self.name(of: round)
        for name in names() where name > last { try? FileManager.default.removeItem(atPath: "\(path)/\(name)") }
    }

    /// The names of the checkpoints, oldest first. Temporary files of a killed process do not count.
    private func names() -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return all.filter { $0.hasPrefix("round-") && $0.hasSuffix(".safetensors") }.sorted()
    }

    private static func name(of round: RoundNumber) -> String {
        let digits = String(round.rawValue)
        return "round-" + String(repeating: "0", count: max(0, 7 - digits.count)) + digits + ".safetensors"
    }
}
