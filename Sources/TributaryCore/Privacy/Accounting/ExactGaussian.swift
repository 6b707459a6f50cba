import Foundation

/// The exact privacy of Gaussian noise without sampling (Balle and Wang 2018, *Improving the Gaussian Mechanism*).
///
/// Any number of Gaussian steps on all clients is one step with 1/σ² = Σ 1/σᵢ², so this is exact for a whole run
/// without sampling. With sampling there is no closed form; the accountant's bound is used.
public enum ExactGaussian {
    /// The smallest δ for `epsilon` ≥ 0 with the noise multiplier σ > 0.
    ///
    /// δ = Φ(1/2σ − εσ) − exp(ε) Φ(−1/2σ − εσ).
    public static func delta(epsilon: Double, noiseMultiplier sigma: Double) -> Double {
        precondition(epsilon >= 0 && sigma > 0, "ε is not negative, and there is noise")
        let scale = 0.5.squareRoot()
        let first = LogSpace.halfErfc((epsilon * sigma - 0.5 / sigma) * scale)
        let second = epsilon + LogSpace.halfErfc((epsilon * sigma + 0.5 / sigma) * scale)
        return first > second ? -exp(first) * expm1(second - first) : 0
    }

    /// The smallest ε for `delta` in (0, 1) with the noise multiplier σ > 0; never below the true one.
    public static func epsilon(delta: Double, noiseMultiplier sigma: Double) -> Double {
        precondition(delta > 0 && delta < 1, "δ lies between 0 and 1")
        guard Self.delta(epsilon: 0, noiseMultiplier: sigma) > delta else { return 0 }
        var upper = 1.0
        while Self.delta(epsilon: upper, noiseMultiplier: sigma) > delta, upper < 1e300 { upper *= 2 }
        return Bisection.least(from: upper == 1 ? 0 : upper / 2, to: upper, tolerance: 1e-12) {
            Self.delta(epsilon: $0, noiseMultiplier: sigma) <= delta
        }
    }
}
