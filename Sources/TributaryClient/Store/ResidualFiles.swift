import Foundation
import TributaryCore

/// What compressed updates have left out, in files: of each run what its accepted updates have, and beside them what the run
/// of the update on its way will have once that is accepted.
struct ResidualFiles {
    let folder: String
    let disk: Disk

    private static let mark = "tributary-residual 1 "
    private static let prefix = "left-out-"
    /// Runs of which it is kept, those that were added to last.
    private static let limit = 8

    var pendingPath: String { "\(folder)/left-out" }
    private func path(_ run: RunID) -> String { "\(folder)/\(Self.prefix)\(run.rawValue)" }

    /// Keeps what a run's updates will have left out.
    func keep(_ residual: [Float]) throws { try file(pendingPath).write(residual) }

    /// The run's update was accepted. That may have been said before.
    func commit(_ run: RunID) throws {
        guard try disk.open(pendingPath) != nil else { return }
        try disk.rename(pendingPath, to: path(run))
        try forgetOldest()
    }

    /// What a run's accepted updates have left out; nil for nothing.
    func read(_ run: RunID) throws -> [Float]? { try file(path(run)).read() }

    private func file(_ path: String) -> NumberFile { NumberFile(path: path, disk: disk, mark: Self.mark) }

    private func forgetOldest() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix(Self.prefix) }
        guard names.count > Self.limit else { return }
        let dated = try names.map { name in
            let path = "\(folder)/\(name)"
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            return (path: path, date: attributes[.modificationDate] as? Date ?? .distantPast)
        }
        let oldest = dated.sorted { ($0.date, $0.path) < ($1.date, $1.path) }.prefix(names.count - Self.limit)
        try disk.remove(oldest.map(\.path))
    }
}
