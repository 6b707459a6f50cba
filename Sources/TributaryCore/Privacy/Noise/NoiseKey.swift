/// The secret that a run's privacy noise is made from: 256 random bits.
///
/// Noise that is drawn again for the same sum, after a crash, could be averaged away. So every release has a key of its
/// own, derived from the run's by what is released, and the same noise comes out of it whenever and wherever it is
/// made:
///
/// ```swift
/// var generator = SystemRandomNumberGenerator()
/// let runKey = NoiseKey.random(using: &generator)       // stored, readable by the coordinator only
/// let roundKey = runKey.derived("round", 17)
/// ```
///
/// No two different sums may be released with one key: their difference would be free of noise. Where a replay may sum
/// other contributions than the first try did, their digest belongs among the indices.
///
/// Whoever has the key can take the noise off. It is not `Codable` and prints as `<redacted>`, so that it gets nowhere
/// by accident.
public struct NoiseKey: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The length of a key in bytes.
    public static let byteCount = 32

    /// The key as the words of ChaCha20's state.
    let words: SIMD8<UInt32>

    init(words: SIMD8<UInt32>) {
        self.words = words
    }

    /// A key from its 32 bytes; nil if there are not 32.
    public init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        var words = SIMD8<UInt32>.zero
        for (index, byte) in bytes.enumerated() { words[index / 4] |= UInt32(byte) << UInt32(8 * (index % 4)) }
        self.words = words
    }

    /// A new key. `generator` must be cryptographic, except in tests and in simulations that are to be repeatable.
    public static func random(using generator: inout some RandomNumberGenerator) -> NoiseKey {
        var words = SIMD8<UInt32>.zero
        for index in 0..<8 { words[index] = UInt32(truncatingIfNeeded: generator.next()) }
        return NoiseKey(words: words)
    }

    /// The key's 32 bytes, for storing it where only its owner can read.
    public var bytes: [UInt8] {
        (0..<Self.byteCount).map { UInt8(truncatingIfNeeded: words[$0 / 4] >> UInt32(8 * ($0 % 4))) }
    }

    /// The key for one purpose (`label`) and one place (`indices`). It tells nothing of this key or of its siblings.
    public func derived(_ label: StaticString, _ indices: UInt64...) -> NoiseKey {
        var key = self
        label.withUTF8Buffer { bytes in
            for byte in bytes { key = key.child(UInt64(byte), kind: .letter) }
        }
        key = key.child(0, kind: .end)
        for index in indices { key = key.child(index, kind: .index) }
        return key
    }

    /// 64 bits for one of many places, for less work than a key of its own would be. They tell nothing of this key, of the
    /// others, or of what is derived from it.
    func word(at index: UInt64) -> UInt64 {
        var stream = NoiseStream(key: self, nonce: Self.nonce(index, kind: .word))
        return stream.next()
    }

    /// The random numbers that this key stands for.
    public func stream() -> NoiseStream { NoiseStream(key: self, nonce: SIMD3(Kind.stream.rawValue, 0, 0)) }

    /// What a block of the cipher is used for; the first word of its nonce, so that no two uses meet.
    private enum Kind: UInt32 {
        case stream, letter, end, index, word
    }

    private func child(_ value: UInt64, kind: Kind) -> NoiseKey {
        var stream = NoiseStream(key: self, nonce: Self.nonce(value, kind: kind))
        return NoiseKey.random(using: &stream)
    }

    private static func nonce(_ value: UInt64, kind: Kind) -> SIMD3<UInt32> {
        SIMD3(kind.rawValue, UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32))
    }

    /// Not the key.
    public var description: String { "<redacted>" }

    /// Not the key either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
