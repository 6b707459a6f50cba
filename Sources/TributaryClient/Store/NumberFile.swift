import Crypto
import TributaryCore
import TributaryWire

/// A file of numbers of a client's state: a line with the digest of the rest, then the numbers (float32, little-endian).
/// Replaced as a whole or not at all. A damaged one is as good as none.
struct NumberFile {
    let path: String
    let disk: Disk
    /// What the line begins with.
    let mark: String

    func write(_ values: [Float]) throws {
        let bytes = TensorBytes(values, encoding: .float32)
        let content = bytes[0..<bytes.count]
        let draft = try disk.makeDraft(of: path)
        try Array("\(mark)\(Self.digest(of: content))\n".utf8).withUnsafeBytes { try draft.append($0) }
        try content.withUnsafeBytes { try draft.append($0) }
        try draft.publish()
    }

    func read() throws -> [Float]? {
        guard let file = try disk.open(path) else { return nil }
        var content = [UInt8](repeating: 0, count: try file.byteCount)
        try content.withUnsafeMutableBytes { try file.read(at: 0, into: $0) }
        guard let end = content.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let numbers = Array(content[(end + 1)...])
        let line = String(decoding: content[..<end], as: UTF8.self)
        guard line == mark + Self.digest(of: numbers) else { return nil }
        return TensorEncoding.float32.decoded(numbers)
    }

    private static func digest(of content: [UInt8]) -> String {
        BlobDigest(bytes: Array(SHA256.hash(data: content)))?.rawValue ?? ""
    }
}
