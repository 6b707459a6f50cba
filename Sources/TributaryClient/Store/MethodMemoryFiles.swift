import Foundation
import TributaryCore

/// What methods have a client remember, in files: of each run, by the round whose update came with it. There are two of a run at
/// most: what the client went on from last, and what it made of that.
struct MethodMemoryFiles {
    let folder: String
    let disk: Disk

    private static let prefix = "memory-"
    /// Runs of which it is kept, those that were added to last.
    private static let limit = 8

    private func file(_ run: RunID, _ round: RoundNumber) -> NumberFile {
        // A run's name has no full stop in it.
        NumberFile(
            path: "\(folder)/\(Self.prefix)\(run.rawValue).\(round.rawValue)", disk: disk, mark: "tributary-memory 1 ")
    }

    /// What a run's method has the client remember since its update of a round; nil if it is not there.
    func read(_ run: RunID, since round: RoundNumber) throws -> [Float]? { try file(run, round).read() }

    /// Keeps what goes with the update of a round, beside that of the round it was made from. All else of the run is forgotten.
    func keep(_ memory: [Float], of run: RunID, in round: RoundNumber, beside base: RoundNumber?) throws {
        try file(run, round).write(memory)
        let kept = Set([round, base].compactMap { $0.map { file(run, $0).path } })
        let own = try paths().filter { Self.run(of: $0) == run.rawValue && !kept.contains($0) }
        // The new file is on disk before anything of the run goes.
        try disk.remove(own)
        try forgetOldest()
    }

    private func forgetOldest() throws {
        var newest: [Substring: Date] = [:]
        let paths = try paths()
        for path in paths {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            let date = attributes[.modificationDate] as? Date ?? .distantPast
            newest[Self.run(of: path)] = max(date, newest[Self.run(of: path)] ?? .distantPast)
        }
        guard newest.count > Self.limit else { return }
        let oldest = newest.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.prefix(newest.count - Self.limit)
        let runs = Set(oldest.map(\.key))
        try disk.remove(paths.filter { runs.contains(Self.run(of: $0)) })
    }

    private func paths() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasPrefix(Self.prefix) && !$0.hasSuffix(".next") }.sorted().map { "\(folder)/\($0)" }
    }

    /// The run that a file is of.
    private static func run(of path: String) -> Substring {
        let name = path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...]
        return name.dropFirst(prefix.count).prefix { $0 != "." }
    }
}
