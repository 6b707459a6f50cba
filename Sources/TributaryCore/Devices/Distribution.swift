import Foundation
public import TributaryMath

/// A distribution of a positive quantity over the devices of a population.
public enum Distribution: Hashable, Sendable {
    /// The same everywhere.
    case constant(Double)
    /// Uniform between two values.
    case uniform(low: Double, high: Double)
    /// exp(N(log median, sigma²)).
    case logNormal(median: Double, sigma: Double)
    /// Exponential with the given mean.
    case exponential(mean: Double)
    /// Pareto: the least value and the tail index; heavier tails for smaller indices.
    case pareto(least: Double, index: Double)

    /// One draw.
    public func draw(from stream: inout RandomStream) -> Double {
        switch self {
        case .constant(let value): value
        case .uniform(let low, let high): low + (high - low) * stream.uniform()
        case .logNormal(let median, let sigma): median * stream.logNormal(mu: 0, sigma: sigma)
        case .exponential(let mean): stream.exponential(mean: mean)
        case .pareto(let least, let index): least * exp(stream.exponential(mean: 1 / index))
        }
    }
}
