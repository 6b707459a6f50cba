internal import CTributaryKernels

/// The key stream of ChaCha20 (RFC 8439): numbers that nobody without the key can tell from random ones.
package enum ChaCha20 {
    /// The 256 bits of a key.
    package typealias Key = SIMD8<UInt32>

    /// The blocks that are made at a time, and the numbers they come to.
    package static let blockCount = TRIBUTARY_CHACHA_BLOCKS
    /// The numbers that are made at a time.
    package static let numberCount = TRIBUTARY_CHACHA_NUMBERS

    /// Writes `numberCount` numbers, from the blocks `counter` and following: the first of every block, then the second
    /// of every block, and so on. The counter of none of them may exceed 32 bits.
    package static func fill(
        _ numbers: UnsafeMutableBufferPointer<UInt64>, key: Key, nonce: SIMD3<UInt32>, counter: UInt32
    ) {
        precondition(numbers.count == numberCount, "blocks are made eight at a time")
        let words = (0..<8).map { key[$0] }
        tributary_chacha(numbers.baseAddress, words, [nonce[0], nonce[1], nonce[2]], counter)
    }
}
