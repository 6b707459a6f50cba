/// The grid of numbers that weighted sums are computed on: integers q that stand for q · 2^−s.
///
/// Integers below 2^53 and their sums are exact in Float64, so as long as a sum stays below that, neither the order of
/// its terms, nor blocking, nor fused multiply-add, nor the number of threads changes a bit of it.
public struct FixedPointGrid: Hashable, Sendable {
    /// Largest magnitude of a coordinate.
    public let bound: Float
    /// Largest sum of the weights.
    public let weightLimit: Int
    /// s: a coordinate x is held as rint(x · 2^s).
    public let fractionBits: Int

    /// The finest grid on which any weighted sum within the limits is exact.
    ///
    /// `bound` must be positive and finite and `weightLimit` in 1 ... 2^52; nil if the two leave no grid at all.
    public init?(bound: Float, weightLimit: Int) {
        guard bound > 0, bound.isFinite, weightLimit >= 1, weightLimit <= 1 << 52 else { return nil }
        let boundBits = Self.bitsAbove(Double(bound))
        let weightBits = Self.bitsAbove(Double(weightLimit))
        // n·|q| stays below 2^53 for the whole sum, and |q| below 2^51, where rounding by addition still works.
        // Beyond 149 bits there is nothing left to resolve in a Float32.
        let bits = min(53 - boundBits - max(weightBits, 2), 149)
        guard bits >= -126 else { return nil }
        self.bound = bound
        self.weightLimit = weightLimit
        fractionBits = bits
    }

    /// 2^s.
    public var scale: Double { Double(sign: .plus, exponent: fractionBits, significand: 1) }

    /// The smallest e with value ≤ 2^e.
    private static func bitsAbove(_ value: Double) -> Int {
        value.significand == 1 ? Int(value.exponent) : Int(value.exponent) + 1
    }
}
