import Foundation

/// A clipping bound that follows a quantile of the updates' norms, privately (Andrew, Thakkar, McMahan and Ramaswamy
/// 2021, *Differentially Private Learning with Adaptive Clipping*).
///
/// Each client says with its update whether its norm was within the bound; the noisy fraction of those moves the bound:
/// C ← C · exp(−η (b − γ)). The bits are released too, so a part of the noise multiplier z is theirs: the updates
/// get the slightly larger `updateNoiseMultiplier`, and both together cost what z alone would.
public struct AdaptiveClip: Hashable, Sendable {
    /// What does not change.
    public struct Settings: Hashable, Sendable, Codable {
        /// z: what a step costs in all, as the accountant counts it. With 0 there is no noise at all.
        public var noiseMultiplier: Double
        /// m, the expected number of contributions, by which the count of bits is divided. Fixed and public.
        public var expectedContributions: Double
        /// γ: the quantile of the norms that the bound tends to.
        public var quantile = 0.5
        /// η: how fast it moves.
        public var learningRate = 0.2
        /// The bound in the first round.
        public var initialBound = 0.1
        /// The bound stays within these whatever the noise does.
        public var lowestBound = 1e-6
        /// The bound stays within these whatever the noise does.
        public var highestBound = 1e6
        /// σ_b, the standard deviation of the noise on the count of bits.
        public var countDeviation: Double

        /// Settings with the usual values of what is not given; σ_b is m / 20.
        public init(noiseMultiplier: Double, expectedContributions: Double, countDeviation: Double? = nil) {
            self.noiseMultiplier = noiseMultiplier
            self.expectedContributions = expectedContributions
            self.countDeviation = countDeviation ?? expectedContributions / 20
        }
    }

    /// What does not change.
    public let settings: Settings
    /// C of the next round.
    public private(set) var bound: Double
    /// z_Δ: the noise multiplier of the updates.
    public let updateNoiseMultiplier: Double
    private let countNoise: DiscreteGaussian?

    /// The state before the first round.
    public init(_ settings: Settings) throws(PrivacyError) {
        try settings.check()
        self.settings = settings
        bound = settings.initialBound
        updateNoiseMultiplier = try settings.updateNoiseMultiplier()
        countNoise = try settings.countNoise()
    }

    /// Learns how many of a round's contributions were within the bound, and moves it.
    ///
    /// Returns the noisy fraction b, which is what was released. `generator` must give the same again
    /// when a round is replayed after a crash.
    @discardableResult
    public mutating func advance(
        within: Int, of contributions: Int, using generator: inout some RandomNumberGenerator
    ) -> Double {
        precondition(within >= 0 && within <= contributions, "more bits than contributions")
        // Σ (b − ½), in units of `Settings.countUnit`.
        var count = (Double(2 * within - contributions) / 2) / Settings.countUnit
        if let countNoise { count += Double(countNoise.sample(using: &generator)) }
        let fraction = 0.5 + count * Settings.countUnit / settings.expectedContributions
        let moved = bound * exp(-settings.learningRate * (fraction - settings.quantile))
        bound = min(max(moved, settings.lowestBound), settings.highestBound)
        return fraction
    }
}

extension AdaptiveClip.Settings {
    /// The grid of the noise on the count of bits.
    fileprivate static let countUnit = 0x1p-20

    /// Makes sure that all values are in their ranges.
    fileprivate func check() throws(PrivacyError) {
        _ = try SampledGaussian(samplingRate: 1, noiseMultiplier: noiseMultiplier)
        guard expectedContributions >= 1, expectedContributions.isFinite else {
            throw .value("expected number of contributions", expectedContributions, must: "1 or more")
        }
        guard quantile >= 0, quantile <= 1 else { throw .value("clipping quantile", quantile, must: "from 0 to 1") }
        guard learningRate >= 0, learningRate.isFinite else {
            throw .value("learning rate of the clipping bound", learningRate, must: "0 or more")
        }
        guard lowestBound > 0, lowestBound <= highestBound, highestBound.isFinite else {
            throw PrivacyError(
                "the clipping bound's limits are \(lowestBound) and \(highestBound); they must be above 0 and in this order"
            )
        }
        guard initialBound >= lowestBound, initialBound <= highestBound else {
            throw .value("initial clipping bound", initialBound, must: "from \(lowestBound) to \(highestBound)")
        }
        guard countDeviation >= 0, countDeviation <= 0x1p30 else {
            throw .value("noise on the count of clipped updates", countDeviation, must: "from 0 to 2^30")
        }
    }

    /// z_Δ = (z^−2 − (2σ_b)^−2)^−½. The bit less ½ has the sensitivity ½, hence 2σ_b.
    fileprivate func updateNoiseMultiplier() throws(PrivacyError) -> Double {
        guard noiseMultiplier > 0 else { return 0 }
        let share = noiseMultiplier / (2 * countDeviation)
        guard share < 1 else {
            throw PrivacyError(
                "the noise multiplier \(noiseMultiplier) leaves nothing for the updates when the count of clipped ones "
                    + "gets noise of deviation \(countDeviation); use a multiplier below \(2 * countDeviation), "
                    + "or more clients a round")
        }
        return noiseMultiplier / (1 - share * share).squareRoot()
    }

    fileprivate func countNoise() throws(PrivacyError) -> DiscreteGaussian? {
        guard noiseMultiplier > 0 else { return nil }
        // Rounded up to the grid: not less noise than was said.
        return try DiscreteGaussian(deviation: Int((countDeviation / Self.countUnit).rounded(.up)))
    }
}

extension AdaptiveClip: Codable {
    private enum CodingKeys: String, CodingKey {
        case version, settings, bound
    }

    /// Reads a state; one that is out of range, or of a version that is not known here, is an error.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try StateVersion.check(values, .version, of: "adaptive clip")
        try self.init(values.decode(Settings.self, forKey: .settings))
        let bound = try values.decode(Double.self, forKey: .bound)
        guard bound >= settings.lowestBound, bound <= settings.highestBound else {
            throw DecodingError.dataCorruptedError(
                forKey: .bound, in: values, debugDescription: "the clipping bound \(bound) is outside its limits")
        }
        self.bound = bound
    }

    /// Writes the state with its version.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(StateVersion.current, forKey: .version)
        try values.encode(settings, forKey: .settings)
        try values.encode(bound, forKey: .bound)
    }
}
