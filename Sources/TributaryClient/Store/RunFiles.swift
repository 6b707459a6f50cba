import Foundation
import TributaryCore

/// Files of which there are some for each run, named `PREFIXRUN.ROUND`: those of the runs that were written to last are kept. A
/// run's name has no full stop in it.
struct RunFiles {
    let folder: String
    let disk: Disk
    let prefix: String

    /// Runs of which there are any.
    private static let limit = 8

    func path(_ run: RunID, _ round: RoundNumber) -> String { "\(folder)/\(prefix)\(run.rawValue).\(round.rawValue)" }

    /// The files of a run.
    func paths(of run: RunID) throws -> [String] { try paths().filter { self.run(of: $0) == run.rawValue } }

    /// The round that a file is of.
    func round(of path: String) -> RoundNumber? {
        Int(path[(path.lastIndex(of: ".").map { path.index(after: $0) } ?? path.endIndex)...]).map { RoundNumber($0) }
    }

    /// Forgets the files of a run but for some, and those of the runs that were longest without a new one.
    func keepOnly(_ kept: Set<String>, of run: RunID) throws {
        try disk.remove(try paths(of: run).filter { !kept.contains($0) })
        try forgetOldest()
    }

    private func forgetOldest() throws {
        var newest: [Substring: Date] = [:]
        let paths = try paths()
        for path in paths {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            let date = attributes[.modificationDate] as? Date ?? .distantPast
            newest[run(of: path)] = max(date, newest[run(of: path)] ?? .distantPast)
        }
        guard newest.count > Self.limit else { return }
        let oldest = newest.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.prefix(newest.count - Self.limit)
        let runs = Set(oldest.map(\.key))
        try disk.remove(paths.filter { runs.contains(run(of: $0)) })
    }

    private func paths() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasPrefix(prefix) && !$0.hasSuffix(".next") }.sorted().map { "\(folder)/\($0)" }
    }

    /// The run that a file is of.
    private func run(of path: String) -> Substring {
        let name = path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]
        return name.dropFirst(prefix.count).prefix { $0 != "." }
    }
}
