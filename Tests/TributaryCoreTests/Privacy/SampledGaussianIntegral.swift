import Foundation
import TributaryCore

/// Rényi divergences of the sampled Gaussian by numerical integration: slower than any formula, and independent of it.
struct SampledGaussianIntegral {
    private let rate, sigma: Double

    init(_ step: SampledGaussian) {
        (rate, sigma) = (step.samplingRate, step.noiseMultiplier)
    }

    /// log(A)/(α − 1), where A − 1 is the integral over N(0, σ²) of (1 + x)^α − 1 − αx ≥ 0 with x = q(r − 1), whose own
    /// integral is zero. The trapezoidal rule converges exponentially for such functions.
    func divergence(order: Double) -> Double {
        let width = sigma / 50
        let (first, last) = (-12 * sigma, order + 12 * sigma)
        let count = Int((last - first) / width)
        let values = (0...count).map { logIntegrand(first + Double($0) * width, order) }
        let peak = values.max() ?? 0
        let logExcess = peak + log(values.reduce(0) { $0 + exp($1 - peak) } * width)
        return (logExcess > 30 ? logExcess + exp(-logExcess) : log1p(exp(logExcess))) / (order - 1)
    }

    private func logIntegrand(_ z: Double, _ order: Double) -> Double {
        let logDensity = -0.5 * z * z / (sigma * sigma) - log(sigma * (2 * Double.pi).squareRoot())
        let logRatio = (2 * z - 1) / (2 * sigma * sigma)
        return logDensity + logExcess(logRatio, order)
    }

    private func logExcess(_ logRatio: Double, _ order: Double) -> Double {
        if logRatio > 300 { return order * (log(rate) + logRatio) }
        let x = rate * expm1(logRatio)
        if abs(x) > 0.01 {
            let power = order * log1p(x)
            return power > 300 ? power : log(expm1(power) - order * x)
        }
        var (sum, term) = (0.0, order * x)
        for index in 2..<60 {
            term *= (order - Double(index) + 1) / Double(index) * x
            sum += term
        }
        return log(max(sum, 0))
    }
}
