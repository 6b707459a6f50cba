internal import CTributaryKernels

/// The two steps of a random rotation.
extension VectorLevel {
    /// Multiplies all numbers by `scale` and flips the sign of number i where bit i mod 64 of word ⌊i / 64⌋ is set.
    package func flipSigns(
        of values: UnsafeMutableBufferPointer<Float>, by words: UnsafeBufferPointer<UInt64>, scale: Float
    ) {
        precondition(words.count * 64 >= values.count, "a sign for each number")
        tributary_flip_signs(rawValue, values.baseAddress, values.count, words.baseAddress, scale)
    }

    /// The Walsh–Hadamard transform in place, in its natural order and without a factor: applied twice it multiplies by the
    /// length, which is a power of two. Butterflies (x, y) → (x + y, x − y) go over distances 1, 2, 4 … in this order.
    package func hadamard(_ values: UnsafeMutableBufferPointer<Float>) {
        precondition(values.count.nonzeroBitCount == 1, "a Walsh–Hadamard transform has a power of two of numbers")
        tributary_hadamard(rawValue, values.baseAddress, values.count)
    }
}
