import Foundation

extension RandomStream {
    /// A standard normal deviate, by Marsaglia's polar method (Marsaglia and Bray 1964).
    public mutating func normal() -> Double {
        if let spare = spareNormal {
            spareNormal = nil
            return spare
        }
        while true {
            let u = 2 * uniform() - 1
            let v = 2 * uniform() - 1
            let s = u * u + v * v
            if s > 0, s < 1 {
                let factor = (-2 * log(s) / s).squareRoot()
                spareNormal = v * factor
                return u * factor
            }
        }
    }

    /// A normal deviate with the given mean and standard deviation.
    public mutating func normal(mean: Double, deviation: Double) -> Double {
        mean + deviation * normal()
    }

    /// exp(N(μ, σ²)): `mu` and `sigma` are the mean and standard deviation of the logarithm.
    public mutating func logNormal(mu: Double, sigma: Double) -> Double {
        exp(mu + sigma * normal())
    }

    /// An exponential deviate with the given mean.
    public mutating func exponential(mean: Double) -> Double {
        -mean * log(1 - uniform())
    }

    /// A gamma deviate with the given shape and scale 1 (Marsaglia and Tsang 2000). `shape` must be positive.
    public mutating func gamma(shape: Double) -> Double {
        exp(logGamma(shape: shape))
    }

    /// The logarithm of a gamma deviate with the given shape and scale 1.
    ///
    /// For small shapes the deviate itself underflows to zero, while its logarithm stays usable.
    public mutating func logGamma(shape: Double) -> Double {
        precondition(shape > 0 && shape.isFinite, "a gamma shape is positive and finite")
        if shape < 1 {
            // Below 1e-300 the quotient would overflow to −∞ and say nothing any more.
            let boost = log(1 - uniform()) / max(shape, 1e-300)
            return logGamma(shape: shape + 1) + boost
        }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let cube = 1 + c * x
            if cube <= 0 { continue }
            let v = cube * cube * cube
            if log(1 - uniform()) < 0.5 * x * x + d - d * v + d * log(v) { return log(d * v) }
        }
    }

    /// A point of the simplex from Dirichlet(`concentrations`): non-negative shares that sum to 1.
    ///
    /// Works in logarithms, so that very small concentrations give a one-hot point instead of 0/0.
    public mutating func dirichlet(_ concentrations: [Double]) -> [Double] {
        guard !concentrations.isEmpty else { return [] }
        let logs = concentrations.map { $0 > 0 ? logGamma(shape: $0) : -.infinity }
        let peak = logs.max() ?? 0
        precondition(peak > -.infinity, "a Dirichlet needs a positive concentration")
        let shares = logs.map { exp($0 - peak) }
        let total = shares.reduce(0, +)
        return shares.map { $0 / total }
    }

    /// The number of failures before the first success in Bernoulli(`probability`) trials.
    ///
    /// Skipping this many members between picks draws a Poisson sample in time proportional to the sample.
    public mutating func geometric(_ probability: Double) -> Int {
        precondition(probability > 0 && probability <= 1, "a probability is in (0, 1]")
        if probability == 1 { return 0 }
        let skip = (log(1 - uniform()) / log1p(-probability)).rounded(.down)
        return skip < 0x1p62 ? Int(skip) : Int.max / 2
    }

    /// `count` distinct members of 0 ..< `population` in random order, uniform over all such sequences.
    ///
    /// A Fisher–Yates shuffle that stores only the places it touched: O(`count`) time and memory for any population.
    public mutating func sample(_ count: Int, of population: Int) -> [Int] {
        let count = max(0, min(count, population))
        var sampler = DistinctSampler(population: population, expectedCount: count)
        return (0..<count).compactMap { _ in sampler.next(from: &self) }
    }
}
