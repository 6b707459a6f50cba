import Crypto
import Foundation
import TributaryCore
import TributaryWire

/// What compressed updates have left out, in files: of each run what its accepted updates have, and beside them what the run
/// of the update on its way will have once that is accepted.
///
/// A file is a line with the digest of the rest, then the numbers (float32, little-endian). A damaged one is as good as none.
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
    func keep(_ residual: [Float]) throws {
        let bytes = TensorBytes(residual, encoding: .float32)
        let content = bytes[0..<bytes.count]
        let draft = try disk.makeDraft(of: pendingPath)
        try Array("\(Self.mark)\(Self.digest(of: content))\n".utf8).withUnsafeBytes { try draft.append($0) }
        try content.withUnsafeBytes { try draft.append($0) }
        try draft.publish()
    }

    /// The run's update was accepted. That may have been said before.
    func commit(_ run: RunID) throws {
        guard try disk.open(pendingPath) != nil else { return }
        try disk.rename(pendingPath, to: path(run))
        try forgetOldest()
    }

    /// What a run's accepted updates have left out; nil for nothing.
    func read(_ run: RunID) throws -> [Float]? {
        guard let file = try disk.open(path(run)) else { return nil }
        var content = [UInt8](repeating: 0, count: try file.byteCount)
        try content.withUnsafeMutableBytes { try file.read(at: 0, into: $0) }
        guard let end = content.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let numbers = Array(content[(end + 1)...])
        let line = String(decoding: content[..<end], as: UTF8.self)
        guard line == Self.mark + Self.digest(of: numbers) else { return nil }
        return TensorEncoding.float32.decoded(numbers)
    }

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

    private static func digest(of content: [UInt8]) -> String {
        BlobDigest(bytes: Array(SHA256.hash(data: content)))?.rawValue ?? ""
    }
}
