/// Trials whose success has exactly the stated probability, as long as the generator's bits are random: no probability
/// is ever rounded.
///
/// A trial compares a random real number, of which only the first 64 binary digits are drawn, with the probability.
/// That is decided in floating point where the two are clearly apart, and otherwise, about once in 2⁴⁸ trials, by long
/// division with as many more digits as it takes.
package enum ExactTrials {
    /// A quotient of whole numbers.
    package struct Ratio {
        package var numerator, denominator: UInt128

        package init(_ numerator: UInt128, _ denominator: UInt128) {
            (self.numerator, self.denominator) = (numerator, denominator)
        }
    }

    /// More than all roundings of a comparison together.
    private static let margin = 0x1p-48

    /// True with probability exp(−ratio), where 0 ≤ ratio ≤ 1 (algorithm 1 of Canonne, Kamath and Steinke 2020).
    ///
    /// `estimate` is the ratio to within 2⁻⁵⁰ of itself; the ratio is asked for when that is not enough.
    @inline(__always)
    static func decays(
        _ estimate: Double, exactly ratio: () -> Ratio, using generator: inout some RandomNumberGenerator
    ) -> Bool {
        let scaled = estimate * 0x1p64
        var round = 1
        while isBelow(scaled, round, ratio, using: &generator) { round += 1 }
        return round & 1 == 1
    }

    /// True with probability ratio / divisor; `scaled` is 2⁶⁴ · ratio, rounded.
    @inline(__always)
    private static func isBelow(
        _ scaled: Double, _ divisor: Int, _ ratio: () -> Ratio, using generator: inout some RandomNumberGenerator
    ) -> Bool {
        let digits = generator.next()
        let (lowest, factor) = (Double(digits), Double(divisor))
        if (lowest + 1) * factor < scaled * (1 - margin) { return true }
        if lowest * factor > scaled * (1 + margin) { return false }
        var exact = ratio()
        exact.denominator *= UInt128(divisor)
        return isBelow(exact, first: digits, using: &generator)
    }

    /// Whether a random number that begins with `first` is below a ratio, digit by digit in base 2⁶⁴.
    @inline(never)
    package static func isBelow(
        _ ratio: Ratio, first: UInt64, using generator: inout some RandomNumberGenerator
    ) -> Bool {
        var (remainder, random) = (ratio.numerator, first)
        while true {
            guard remainder < ratio.denominator else { return true }
            let (digit, rest) = ratio.denominator.dividingFullWidth((remainder >> 64, remainder << 64))
            if digit != UInt128(random) { return random < digit }
            if rest == 0 { return false }
            remainder = rest
            random = generator.next()
        }
    }
}

extension RandomNumberGenerator {
    /// Uniform in 0 ..< `bound` without bias (Lemire 2019). `bound` must be positive.
    @inline(__always)
    mutating func uniform(below bound: UInt64) -> UInt64 {
        var (high, low) = next().multipliedFullWidth(by: bound)
        if low < bound {
            let threshold = (0 &- bound) % bound
            while low < threshold { (high, low) = next().multipliedFullWidth(by: bound) }
        }
        return high
    }
}
