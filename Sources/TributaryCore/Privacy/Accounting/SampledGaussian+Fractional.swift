import Foundation

extension SampledGaussian {
    /// log(A − 1) for an order α that is not whole, where A = exp((α − 1) · divergence).
    ///
    /// A is the mean of (1 − q + q·r(z))^α over z ~ N(0, σ²), where r is the ratio of the densities N(1, σ²) and N(0,
    /// σ²). The power is a binomial series that converges on either side of z₀, where both terms are equal (Mironov,
    /// Talwar and Zhang 2019, section 3.3); integrated, it is one series of error functions for each side. Behind k = α
    /// its terms alternate in sign and fall only like k^(−α−2), so the tails are summed as `AlternatingSeries` does.
    ///
    /// What A has beyond 1 + αq·E[r − 1] = 1 is of the second order in q. The two terms that hold the 1 are
    /// written without it, so that small divergences keep their digits.
    func logExcess(fractionalOrder order: Double) -> Double {
        let series = FractionalSeries(order: order, rate: samplingRate, deviation: noiseMultiplier)
        var sum = SignedLogSum()
        series.addConstants(to: &sum)
        let tailStart = Int(order) + 1
        var logBinomial = 0.0
        for k in 0..<(tailStart + AlternatingSeries.length) {
            if k > 0 { logBinomial += log(abs(order - Double(k - 1)) / Double(k)) }
            // Up to the order all coefficients are positive; then they alternate, beginning with a positive one.
            let weight = k < tailStart ? 1 : AlternatingSeries.weights[k - tailStart]
            let scale = logBinomial + log(abs(weight))
            let isNegative = weight < 0
            if k > 1 { sum.add(logMagnitude: scale + series.logLower(k), isNegative: isNegative) }
            sum.add(logMagnitude: scale + series.logUpper(k), isNegative: isNegative)
        }
        return sum.logValue
    }
}

/// The terms of the two-sided series, without their binomial coefficients.
private struct FractionalSeries {
    let order, rate, deviation: Double
    let logRate, logRest: Double
    /// z₀: below it 1 − q is the larger of (1 − q, q·r), above it q·r.
    let crossing: Double
    let halfPrecision: Double
    /// The exponent that all terms share where the error function is in its tail.
    let logShared: Double

    init(order: Double, rate: Double, deviation: Double) {
        (self.order, self.rate, self.deviation) = (order, rate, deviation)
        logRate = log(rate)
        logRest = log1p(-rate)
        crossing = 0.5 + deviation * deviation * (logRest - logRate)
        halfPrecision = 0.5 / (deviation * deviation)
        let ratio = crossing / deviation
        logShared = order * logRest - 0.5 * ratio * ratio
    }

    /// log of (1 − q)^(α−k) q^k times the integral of r^k below z₀.
    func logLower(_ k: Int) -> Double {
        logTerm(power: Double(k), argument: (Double(k) - crossing) / (deviation * 2.0.squareRoot()))
    }

    /// log of (1 − q)^k q^(α−k) times the integral of r^(α−k) above z₀.
    func logUpper(_ k: Int) -> Double {
        let power = order - Double(k)
        return logTerm(power: power, argument: (crossing - power) / (deviation * 2.0.squareRoot()))
    }

    /// log of (1 − q)^(α−power) q^power exp(power(power − 1)/2σ²) erfc(argument)/2. In the error function's tail that
    /// is a product of a huge and a tiny number, of which only what does not cancel is computed.
    private func logTerm(power: Double, argument: Double) -> Double {
        guard argument <= 0 else { return logShared + LogSpace.halfErfcScaled(argument) }
        return (order - power) * logRest + power * logRate + power * (power - 1) * halfPrecision
            + LogSpace.halfErfc(argument)
    }

    /// Adds the lower terms of k = 0 and 1, and takes off 1 + αq(r − 1) on both sides of z₀.
    func addConstants(to sum: inout SignedLogSum) {
        let scale = deviation * 2.0.squareRoot()
        let zeroth = expm1(order * logRest) + order * rate
        sum.add(zeroth, times: LogSpace.halfErfc(-crossing / scale))
        sum.add(order * rate * expm1((order - 1) * logRest), times: LogSpace.halfErfc((1 - crossing) / scale))
        sum.add(order * rate - 1, times: LogSpace.halfErfc(crossing / scale))
        sum.add(-order * rate, times: LogSpace.halfErfc((crossing - 1) / scale))
    }
}

/// Sums Σ (−1)^k a(k), k = 0, 1, …, from its first terms, where a(k) are the moments of a positive measure on [0, 1]:
/// algorithm 1 of Cohen, Rodriguez Villegas and Zagier (2000), *Convergence Acceleration of Alternating Series*.
///
/// With n terms the error is below a(0) · 2 · 5.8^−n. The tails of `FractionalSeries` are of that kind: the binomial
/// coefficients are values of the beta integral, and x ↦ exp(x²) erfc(x) is completely monotone.
private enum AlternatingSeries {
    /// Enough for all the digits of a Double.
    static let length = 24

    /// The weights of a(0), a(1), …, with their signs.
    static let weights: [Double] = {
        let n = Double(length)
        let root = pow(3 + 8.0.squareRoot(), n)
        let total = (root + 1 / root) / 2
        var (b, c) = (-1.0, -total)
        return (0..<length).map { index in
            let k = Double(index)
            c = b - c
            b *= (k + n) * (k - n) / ((k + 0.5) * (k + 1))
            return c / total
        }
    }()
}
