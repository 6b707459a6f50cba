internal import TributaryMath

/// Random numbers from a key: the key stream of ChaCha20 (RFC 8439), eight bytes at a time, from eight blocks in turn.
///
/// Nobody without the key can tell them from true randomness. There are 2³⁵ of them.
public struct NoiseStream: RandomNumberGenerator, Sendable {
    private let key: SIMD8<UInt32>
    private let nonce: SIMD3<UInt32>
    private var counter: UInt32
    private var numbers = [UInt64](repeating: 0, count: ChaCha20.numberCount)
    private var place = ChaCha20.numberCount

    package init(key: NoiseKey, nonce: SIMD3<UInt32>, counter: UInt32 = 0) {
        (self.key, self.nonce, self.counter) = (key.words, nonce, counter)
    }

    /// The next 64 random bits.
    @inline(__always)
    public mutating func next() -> UInt64 {
        if place == numbers.count { refill() }
        defer { place += 1 }
        return numbers[place]
    }

    @inline(never)
    private mutating func refill() {
        let (following, isOver) = counter.addingReportingOverflow(UInt32(ChaCha20.blockCount))
        precondition(!isOver, "a stream of noise has come to its end")
        let (key, nonce, counter) = (key, nonce, counter)
        numbers.withUnsafeMutableBufferPointer { ChaCha20.fill($0, key: key, nonce: nonce, counter: counter) }
        self.counter = following
        place = 0
    }
}
