/// Whole numbers y with probability proportional to exp(−y²/2σ²), drawn exactly (Canonne, Kamath and Steinke 2020, *The
/// Discrete Gaussian for Differential Privacy*).
///
/// Sums are whole numbers on a grid (`ExactSum`), so this is the noise that fits them. It protects as the continuous
/// Gaussian does: with a sensitivity of Δ grid units the Rényi divergences are at most those of N(0, σ²). With Poisson
/// sampling they are the same at whole orders, and at others up to exp(−19σ²). And nothing is rounded on the way:
/// Gaussian noise made in floating point leaves gaps in its low bits, by which sums can be told apart (Mironov 2012).
///
/// σ is a whole number of grid units, which is no loss where a grid is fine.
public struct DiscreteGaussian: Hashable, Sendable {
    /// The largest σ.
    public static let deviationLimit = 1 << 52

    /// σ.
    public let deviation: Int

    private let size: UInt64
    /// 1/σ, rounded.
    private let inverse: Double

    /// Noise with the standard deviation σ in 1 ... `deviationLimit`.
    public init(deviation: Int) throws(PrivacyError) {
        guard deviation >= 1, deviation <= Self.deviationLimit else {
            throw .value("noise's standard deviation", deviation, must: "from 1 to 2^52 units of the sum's grid")
        }
        self.deviation = deviation
        size = UInt64(deviation)
        inverse = 1 / Double(deviation)
    }

    /// One value. `generator` should be cryptographic where noise is released: `NoiseKey.stream()`, or
    /// `SystemRandomNumberGenerator`.
    public func sample(using generator: inout some RandomNumberGenerator) -> Int {
        while true {
            let (magnitude, isNegative) = laplace(using: &generator)
            // With the Laplace weight exp(−|y|/σ) this is exp(−y²/2σ²), but for a constant.
            if isAccepted(distance: magnitude > size ? magnitude - size : size - magnitude, using: &generator) {
                return isNegative ? -Int(magnitude) : Int(magnitude)
            }
        }
    }

    /// A whole number with probability proportional to exp(−|y|/σ), as its magnitude and sign (algorithm 2 of the
    /// paper).
    @inline(__always)
    private func laplace(using generator: inout some RandomNumberGenerator) -> (magnitude: UInt64, isNegative: Bool) {
        while true {
            let draw = generator.uniform(below: 2 * size)
            let (rest, isNegative) = (draw >> 1, draw & 1 == 1)
            let isKept = ExactTrials.decays(
                Double(rest) * inverse, exactly: { .init(UInt128(rest), UInt128(size)) }, using: &generator)
            guard isKept else { continue }
            var whole: UInt64 = 0
            while ExactTrials.decays(1, exactly: { .init(1, 1) }, using: &generator) { whole += 1 }
            // Zero has one sign only. What is further out than 64σ would be accepted once in e^1984 times: it is left
            // out, so that no arithmetic can overflow.
            if isNegative && whole == 0 && rest == 0 || whole >= 64 { continue }
            return (whole * size + rest, isNegative)
        }
    }

    /// True with probability exp(−distance²/2σ²): as many trials as make each one's exponent at most 1.
    @inline(__always)
    private func isAccepted(distance: UInt64, using generator: inout some RandomNumberGenerator) -> Bool {
        let deviations = Double(distance) * inverse
        let exponent = deviations * deviations / 2
        let parts = Int(exponent * (1 + 0x1p-45)) + 1
        for _ in 0..<parts {
            let isKept = ExactTrials.decays(
                exponent / Double(parts), exactly: { ratio(distance, parts: parts) }, using: &generator)
            guard isKept else { return false }
        }
        return true
    }

    /// distance²/2σ², divided by `parts`.
    private func ratio(_ distance: UInt64, parts: Int) -> ExactTrials.Ratio {
        let (wide, width) = (UInt128(distance), UInt128(size))
        return .init(wide * wide, 2 * width * width * UInt128(parts))
    }
}
