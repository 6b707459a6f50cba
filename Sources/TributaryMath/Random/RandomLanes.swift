internal import CTributaryKernels

/// Random words in bulk: eight generators side by side, as wide as vectors are.
///
/// Each is xoshiro256** like a ``RandomStream``, which draws their states. For where millions of words are wanted at a time.
package struct RandomLanes: Sendable {
    /// Words come in multiples of this.
    package static let stride = 16

    private var state: [UInt64]

    /// Generators that start where the stream says.
    package init(from stream: inout RandomStream) {
        state = (0..<32).map { _ in stream.next() }
        // A generator whose words are all zero would stay there.
        for lane in 24..<32 { state[lane] |= 1 }
    }

    /// Fills memory with random words, a multiple of the stride of them.
    package mutating func fill(_ words: UnsafeMutableBufferPointer<UInt32>) {
        fill(words, at: .best)
    }

    /// The same at a level of choice.
    package mutating func fill(_ words: UnsafeMutableBufferPointer<UInt32>, at level: VectorLevel) {
        precondition(words.count.isMultiple(of: Self.stride), "random words come by the sixteen")
        guard let base = words.baseAddress else { return }
        tributary_random_words(level.rawValue, &state, base, words.count)
    }
}
