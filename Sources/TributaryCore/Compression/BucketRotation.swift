package import TributaryMath

/// A random rotation of buckets: signs that follow from a seed, then a Walsh–Hadamard transform W.
///
/// A rotation spreads every bucket's numbers alike, whatever they were, so that few bits serve all of them well. Of a bucket v of
/// n numbers it makes W D v / n, where D flips the sign of coordinate i of the update where bit i mod 64 of word ⌊i / 64⌋ of
/// the seed is set; the way back is D W. Both directions have powers of two as their only factors, so nothing but
/// additions rounds. Buckets have a power of two of numbers; an update's last is filled up with zeros.
package struct BucketRotation: Hashable, Sendable {
    /// What the signs follow from.
    package let words: SeededWords

    /// The rotation of a seed.
    package init(seed: UInt64) {
        words = SeededWords(seed: seed)
    }

    /// The numbers of a bucket that has to hold so many.
    package static func paddedCount(_ count: Int) -> Int {
        count <= 1 ? count : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
    }

    /// Rotates a bucket of finite numbers that begins at a coordinate of the update, a multiple of 64, and returns the
    /// factor that the result is still to be multiplied by: a power of two, left out so that no sum overflows. `largest`
    /// is the largest magnitude.
    package func rotate(
        _ bucket: UnsafeMutableBufferPointer<Float>, at coordinate: Int, largest: Float
    ) -> Double {
        let exponent = Self.exponent(above: largest)
        flip(bucket, at: coordinate, scale: Float(sign: .plus, exponent: -exponent, significand: 1))
        VectorLevel.best.hadamard(bucket)
        return Double(sign: .plus, exponent: exponent, significand: 1) / Double(bucket.count)
    }

    /// Rotates back: numbers that a power of two was left out of, as `scale`.
    package func rotateBack(_ bucket: UnsafeMutableBufferPointer<Float>, at coordinate: Int, scale: Float) {
        VectorLevel.best.hadamard(bucket)
        flip(bucket, at: coordinate, scale: scale)
    }

    private func flip(_ bucket: UnsafeMutableBufferPointer<Float>, at coordinate: Int, scale: Float) {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: (bucket.count + 63) / 64) { signs in
            words.write(from: coordinate / 64, into: signs)
            VectorLevel.best.flipSigns(of: bucket, by: UnsafeBufferPointer(signs), scale: scale)
        }
    }

    /// An exponent such that 2 to it is above a finite magnitude or near it, and that 2 to its negative is a number, too.
    package static func exponent(above magnitude: Float) -> Int {
        magnitude == 0 ? 0 : max(-126, min(126, Int(magnitude.exponent) + 1))
    }
}
