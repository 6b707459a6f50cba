import Crypto
import Foundation
import TributaryCore

/// A small file of a client's state: a line with the digest of the rest, then JSON. Replaced as a whole or not at all.
struct StateFile {
    let path: String
    let disk: Disk

    private static let mark = "tributary-client 1 "
    /// No file of state is nearly that long.
    private static let sizeLimit = 1 << 20

    /// What reading found.
    enum Content<Value: Sendable>: Sendable {
        case none
        case value(Value)
        case damaged
    }

    func write(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let body = try encoder.encode(value)
        let digest = BlobDigest(bytes: SHA256.hash(data: body).map { $0 })?.rawValue ?? ""
        let content = Data("\(Self.mark)\(digest)\n".utf8) + body
        let draft = try disk.makeDraft(of: path)
        try content.withUnsafeBytes { try draft.append($0) }
        try draft.publish()
    }

    func read<Value: Decodable & Sendable>(_ type: Value.Type) throws -> Content<Value> {
        guard let file = try disk.open(path) else { return .none }
        let count = try file.byteCount
        guard count <= Self.sizeLimit else { return .damaged }
        var content = Data(count: count)
        try content.withUnsafeMutableBytes { try file.read(at: 0, into: $0) }
        guard let end = content.firstIndex(of: 10),
            let line = String(data: content[..<end], encoding: .utf8), line.hasPrefix(Self.mark)
        else { return .damaged }
        let body = content[(end + 1)...]
        let digest = BlobDigest(bytes: SHA256.hash(data: body).map { $0 })
        guard digest?.rawValue == String(line.dropFirst(Self.mark.count)),
            let value = try? JSONDecoder().decode(type, from: body)
        else { return .damaged }
        return .value(value)
    }

    /// Puts a damaged file out of the way, for whoever wants to look into it.
    func setAside() throws -> String {
        let place = path + ".damaged"
        try disk.rename(path, to: place)
        return "\(path): is damaged; set aside as \(place)"
    }
}
