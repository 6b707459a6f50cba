/// The SHA-256 of some bytes, which is also their name in a blob store.
public struct BlobDigest: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public let rawValue: String

    /// The digest of the given digits; nil if they are not 64 lower-case hexadecimal ones.
    public init?(rawValue: String) {
        let isHexadecimal = rawValue.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        guard rawValue.utf8.count == 64, isHexadecimal else { return nil }
        self.rawValue = rawValue
    }

    /// The digest of the given 32 bytes; nil for another number of bytes.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        let digits = Array("0123456789abcdef".utf8)
        rawValue = String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The 32 bytes.
    public var bytes: [UInt8] {
        let digits = Array(rawValue.utf8)
        func value(_ digit: UInt8) -> UInt8 { digit < 58 ? digit - 48 : digit - 87 }
        return (0..<32).map { value(digits[2 * $0]) << 4 | value(digits[2 * $0 + 1]) }
    }

    /// The digits.
    public var description: String { rawValue }

    /// Whether one digest comes first in the order of its digits.
    public static func < (left: BlobDigest, right: BlobDigest) -> Bool { left.rawValue < right.rawValue }
}

/// How the numbers of a model or an update are written as bytes: little-endian, tensor after tensor, without gaps.
public enum TensorEncoding: String, Hashable, Sendable, Codable, CaseIterable {
    /// IEEE 754 single precision.
    case float32 = "f32"
    /// IEEE 754 half precision: 11 significant bits, magnitudes up to 65,504.
    case float16 = "f16"
    /// The upper half of single precision: 8 significant bits, its whole range.
    case bfloat16 = "bf16"

    /// Bytes a number takes.
    public var bytesPerElement: Int { self == .float32 ? 4 : 2 }
}

/// A model or an update in a blob store.
public struct TensorBlob: Hashable, Sendable, Codable {
    /// The digest of its bytes.
    public var digest: BlobDigest
    /// The number of its bytes.
    public var byteCount: Int
    /// How its numbers are written.
    public var encoding: TensorEncoding

    /// A blob with all its parts.
    public init(digest: BlobDigest, byteCount: Int, encoding: TensorEncoding) {
        self.digest = digest
        self.byteCount = byteCount
        self.encoding = encoding
    }
}

/// An update in a blob store, as its client sent it.
public struct UpdateBlob: Hashable, Sendable, Codable {
    /// The digest of its bytes.
    public var digest: BlobDigest
    /// The number of its bytes.
    public var byteCount: Int
    /// How it is written.
    public var encoding: UpdateEncoding

    /// A blob with all its parts.
    public init(digest: BlobDigest, byteCount: Int, encoding: UpdateEncoding) {
        self.digest = digest
        self.byteCount = byteCount
        self.encoding = encoding
    }

    /// Numbers that lie one after another.
    public init(_ numbers: TensorBlob) {
        self.init(
            digest: numbers.digest, byteCount: numbers.byteCount, encoding: UpdateEncoding(numbers.encoding))
    }

    /// The same where its numbers lie one after another; nil for one that is compressed.
    public var numbers: TensorBlob? {
        encoding.plain.map { TensorBlob(digest: digest, byteCount: byteCount, encoding: $0) }
    }
}

/// A compressed update as numbers, which its coordinator has stored beside what came.
public struct DecodedUpdate: Hashable, Sendable {
    /// The numbers (float32).
    public var numbers: TensorBlob
    /// Their L2 norm.
    public var norm: Double

    /// A decoded update with both its parts.
    public init(numbers: TensorBlob, norm: Double) {
        self.numbers = numbers
        self.norm = norm
    }
}
