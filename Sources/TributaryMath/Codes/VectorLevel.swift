internal import CTributaryKernels

/// An instruction set that the passes over compressed updates are compiled for. All give the same bits.
package enum VectorLevel: Int32, CaseIterable, Sendable {
    /// Any processor.
    case portable = 0
    /// Vectors of 32 bytes.
    case avx2 = 1
    /// Vectors of 64 bytes.
    case avx512 = 2

    /// The levels that this processor can run.
    package static let supported = allCases.filter { tributary_level_is_supported($0.rawValue) != 0 }

    /// The widest level that this processor can run.
    package static let best = supported.last ?? .portable
}

/// What one pass over a vector tells.
package struct VectorSummary: Hashable, Sendable {
    /// The smallest number, never a negative zero; 0 for no numbers.
    package var least: Float
    /// The largest number, never a negative zero; 0 for no numbers.
    package var greatest: Float
    /// The sum of the squares; not finite exactly if a number is not.
    package var squares: Double
    /// The sum of the magnitudes.
    package var magnitudes: Double

    /// Whether all numbers are finite.
    package var isFinite: Bool { squares.isFinite }

    /// The largest magnitude.
    package var largest: Float { max(-least, greatest) }
}

extension VectorLevel {
    /// Looks a vector over.
    package func summary(of values: UnsafeBufferPointer<Float>) -> VectorSummary {
        let seen = tributary_summary(rawValue, values.baseAddress, values.count)
        return VectorSummary(
            least: seen.least, greatest: seen.greatest, squares: seen.squares, magnitudes: seen.magnitudes)
    }

    /// The inner product of two vectors of one length.
    package func dot(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Double {
        precondition(a.count == b.count, "an inner product of vectors of different lengths")
        return tributary_dot(rawValue, a.baseAddress, b.baseAddress, a.count)
    }
}
