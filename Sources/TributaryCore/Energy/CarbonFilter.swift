public import TributaryMath

/// Passes clients over whose region has more carbon than another at the moment, before a round's clients are chosen.
///
/// A client k in region r is passed over with probability 1 − exp(−w x), where x is the intensity of r above that of the cleanest
/// region, over the mean of the trace. Whatever chooses clients then goes by what it always goes by, among fewer: with w = 0,
/// and where all regions are alike, among all.
public struct CarbonFilter: Sendable {
    private let model: EnergyModel
    private let seed: Seed
    /// w x of each region.
    private let excess: [Double]

    /// The filter of a round that begins at an instant; nil if nobody is passed over.
    ///
    /// - Parameter seed: that of the round's draw.
    public init?(_ model: EnergyModel?, weight: Double, at instant: Instant, seed: Seed) {
        guard weight > 0, let model, let trace = model.trace, trace.overallMean > 0 else { return nil }
        let seconds = instant.sinceStart.inSeconds
        let least = trace.least(at: seconds)
        excess = trace.names.indices.map {
            weight * (trace.intensity(in: $0, at: seconds) - least) / trace.overallMean
        }
        guard excess.contains(where: { $0 > 0 }) else { return nil }
        (self.model, self.seed) = (model, seed.derived("carbon"))
    }

    /// How far a client is beyond being considered: passed over if above 0. Where too few are left, those with the least come
    /// back first.
    public func lateness(of client: ClientID) -> Double {
        var stream = seed.derived("patience", client.rawValue).stream()
        return excess[model.region(of: client)] - stream.exponential(mean: 1)
    }
}
