/// Looks over an update, piece by piece, for its L2 norm.
///
/// The squares of Float32 are exact in Float64, and what rounding takes off their sum is added up beside it, so that
/// the norm is known to all its digits, for any number of coordinates and whether it is above or below a bound.
public struct ClipScan: Sendable {
    private var sums = SIMD8<Double>.zero
    private var corrections = SIMD8<Double>.zero

    /// Nothing seen yet.
    public init() {}

    /// Looks at the next piece.
    public mutating func see(_ piece: UnsafeBufferPointer<Float>) {
        var (sums, corrections) = (sums, corrections)
        let whole = piece.count & ~7
        let bytes = UnsafeRawBufferPointer(piece)
        for start in stride(from: 0, to: whole, by: 8) {
            let lanes = bytes.loadUnaligned(fromByteOffset: start * MemoryLayout<Float>.size, as: SIMD8<Float>.self)
            Self.add(SIMD8<Double>(lanes), to: &sums, &corrections)
        }
        var rest = SIMD8<Double>.zero
        for index in whole..<piece.count { rest[index - whole] = Double(piece[index]) }
        Self.add(rest, to: &sums, &corrections)
        (self.sums, self.corrections) = (sums, corrections)
    }

    /// Adds squares and what is lost by adding them (Knuth's two-sum).
    @inline(__always)
    private static func add(
        _ values: SIMD8<Double>, to sums: inout SIMD8<Double>, _ corrections: inout SIMD8<Double>
    ) {
        let squares = values * values
        let next = sums + squares
        let part = next - sums
        corrections += (sums - (next - part)) + (squares - part)
        sums = next
    }

    /// The sum of the squares as the sum of two numbers, the second far smaller than the first.
    private var squares: (high: Double, low: Double) {
        var (high, low) = (0.0, corrections.sum())
        for lane in 0..<8 {
            let next = high + sums[lane]
            let part = next - high
            low += (high - (next - part)) + (sums[lane] - part)
            high = next
        }
        return (high + low, low - ((high + low) - high))
    }

    /// The L2 norm of what was seen; not finite if a coordinate is not.
    public var norm: Double { squares.high.squareRoot() }

    /// What becomes of the update that was seen.
    public func outcome(for clip: UpdateClip) -> UpdateClip.Outcome {
        let (high, low) = squares
        // An infinite coordinate makes the correction NaN.
        guard high.isFinite, low.isFinite else { return .refused(.notFinite) }
        // C² as two numbers as well. It may overflow, and then is above any norm there is; or vanish.
        let limit = clip.bound * clip.bound
        let limitRest = (-limit).addingProduct(clip.bound, clip.bound)
        let excess = (high - limit) + (low - (limitRest.isFinite ? limitRest : 0))
        return excess <= 0 ? .unchanged(norm: norm) : .clipped(norm: norm)
    }

    /// What every coordinate of an update that is above the bound is to be multiplied by.
    public func factor(for clip: UpdateClip) -> Double {
        // A little less than C / norm: the roundings of the norm, of this quotient and of each product together are
        // less than that.
        clip.bound / norm * (1 - 0x1p-48)
    }
}
