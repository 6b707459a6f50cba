import Foundation

/// One step of the sampled Gaussian mechanism: every client takes part with probability q, independently of all others
/// (Poisson sampling); the sum of the clipped updates is released with Gaussian noise of standard deviation
/// σ × the sum's L2 sensitivity.
///
/// Its Rényi divergences are those of Mironov, Talwar and Zhang (2019), *Rényi Differential Privacy of the Sampled
/// Gaussian Mechanism*, for neighbours that differ by one client, added or removed.
public struct SampledGaussian: Hashable, Sendable {
    /// q, the probability with which a client takes part; 1 for a mechanism without sampling.
    public let samplingRate: Double
    /// σ: the noise's standard deviation divided by the sensitivity. With 0 nothing is protected.
    public let noiseMultiplier: Double

    /// A step with rate q in [0, 1] and a finite noise multiplier σ ≥ 0.
    public init(samplingRate: Double, noiseMultiplier: Double) throws(PrivacyError) {
        guard samplingRate >= 0, samplingRate <= 1 else {
            throw .value("sampling rate", samplingRate, must: "from 0 to 1")
        }
        guard noiseMultiplier >= 0, noiseMultiplier.isFinite else {
            throw .value("noise multiplier", noiseMultiplier, must: "0 or more, and finite")
        }
        self.samplingRate = samplingRate
        self.noiseMultiplier = noiseMultiplier
    }

    /// The Rényi divergence of `order` > 1 between what the step releases with a client and without.
    ///
    /// Exact up to rounding, at whole and at fractional orders. ∞ if nothing protects the client.
    public func renyiDivergence(order: Double) -> Double {
        precondition(order > 1 && order.isFinite, "a Rényi order is above 1 and finite")
        guard samplingRate > 0 else { return 0 }
        // Beyond these the divergence is outside what a Double can hold.
        guard order * order / noiseMultiplier / noiseMultiplier < 1e300 else { return .infinity }
        guard noiseMultiplier < 1e100 else { return 0 }
        guard samplingRate < 1 else { return order / (2 * noiseMultiplier * noiseMultiplier) }
        let isWhole = order.rounded() == order
        let logExcess = isWhole ? logExcess(wholeOrder: Int(order)) : logExcess(fractionalOrder: order)
        return LogSpace.onePlusExp(logExcess) / (order - 1)
    }

    /// log(A − 1) for a whole order α, where A = exp((α − 1) · divergence).
    ///
    /// A = Σ C(α, i) (1 − q)^(α−i) q^i exp(i(i − 1) / 2σ²). The binomial weights alone sum to 1, so A − 1 is the same
    /// sum with exp(x) − 1 in place of exp(x): no digit is lost where A is close to 1.
    private func logExcess(wholeOrder order: Int) -> Double {
        var sum = SignedLogSum()
        let (logRate, logRest) = (log(samplingRate), log1p(-samplingRate))
        let halfPrecision = 0.5 / (noiseMultiplier * noiseMultiplier)
        var logBinomial = log(Double(order))
        for index in stride(from: 2, through: order, by: 1) {
            let i = Double(index)
            logBinomial += log(Double(order - index + 1) / i)
            let weight = logBinomial + Double(order - index) * logRest + i * logRate
            sum.add(logMagnitude: weight + LogSpace.expMinusOne(i * (i - 1) * halfPrecision))
        }
        return sum.logValue
    }
}

extension SampledGaussian: Codable {
    private enum CodingKeys: String, CodingKey {
        case samplingRate, noiseMultiplier
    }

    /// Reads a step; one with parameters out of range is an error.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            samplingRate: values.decode(Double.self, forKey: .samplingRate),
            noiseMultiplier: values.decode(Double.self, forKey: .noiseMultiplier))
    }
}
