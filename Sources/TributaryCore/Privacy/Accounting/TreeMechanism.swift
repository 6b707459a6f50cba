/// What one tree of DP-FTRL costs (Kairouz et al. 2021): Gaussian noise at every node, a bound on how often a client
/// takes part, and no sampling.
///
/// A client's update is in the nodes above its leaf, at most ⌊log₂ T⌋ + 1 of them, so one participation moves all that
/// a tree releases by at most √(⌊log₂ T⌋ + 1) · C. Several in one tree are counted as that many times as far; fewer
/// rounds to a tree, or longer pauses between a client's participations, are the better way.
public struct TreeMechanism: Hashable, Sendable {
    /// T, the rounds that a tree has room for.
    public let leafLimit: Int
    /// The noise's standard deviation at each node, divided by one update's sensitivity.
    public let noiseMultiplier: Double
    /// How often one client takes part in one tree, at most.
    public let participations: Int
    /// The whole tree as one step.
    public let step: SampledGaussian

    /// A tree of up to 2⁴⁰ rounds.
    public init(leafLimit: Int, noiseMultiplier: Double, participations: Int = 1) throws(PrivacyError) {
        let tree = try TreeAggregator(leafLimit: leafLimit)
        guard participations >= 1, participations <= leafLimit else {
            throw .value(
                "number of participations in a tree", participations, must: "from 1 to its \(leafLimit) rounds")
        }
        (self.leafLimit, self.noiseMultiplier, self.participations) = (tree.leafLimit, noiseMultiplier, participations)
        let levels = Int.bitWidth - leafLimit.leadingZeroBitCount
        step = try SampledGaussian(
            samplingRate: 1, noiseMultiplier: noiseMultiplier / (Double(participations) * Double(levels).squareRoot()))
    }
}
