public import TributaryMath

/// Passes clients over whose region has more carbon than another at the moment, before a round's clients are chosen.
///
/// A client k in region r is passed over with probability 1 − exp(−w x), where x is the intensity of r above that of the cleanest
/// region, over the mean of the trace. Whatever chooses clients then goes by what it always goes by, among fewer: with w = 0,
/// and where all regions are alike, among all.
public struct CarbonFilter: Sendable {
    private let model: EnergyModel
    private let seed: Seed
    /// w x of each region, and of a client whose region is not known: that of their mean.
    private let excess: [Double]
    private let meanExcess: Double

    /// The filter of a round that begins at an instant; nil if nobody is passed over.
    ///
    /// - Parameter seed: that of the round's draw.
    public init?(_ model: EnergyModel?, weight: Double, at instant: Instant, seed: Seed) {
        guard weight > 0, let model, let trace = model.trace, trace.overallMean > 0 else { return nil }
        let seconds = model.seconds(at: instant)
        let least = trace.least(at: seconds)
        excess = trace.names.indices.map {
            weight * (trace.intensity(in: $0, at: seconds) - least) / trace.overallMean
        }
        guard excess.contains(where: { $0 > 0 }) else { return nil }
        meanExcess = excess.reduce(0, +) / Double(excess.count)
        (self.model, self.seed) = (model, seed.derived("carbon"))
    }

    /// How far a client is beyond being considered: passed over if above 0. Where too few are left, those with the least come
    /// back first.
    public func lateness(of client: ClientID) -> Double {
        lateness(of: client, in: model.region(of: client))
    }

    /// The same of a client that says where it is; nil for one whose region is not known.
    package func lateness(of client: ClientID, in region: Int?) -> Double {
        var stream = seed.derived("patience", client.rawValue).stream()
        return (region.map { excess[$0] } ?? meanExcess) - stream.exponential(mean: 1)
    }
}
