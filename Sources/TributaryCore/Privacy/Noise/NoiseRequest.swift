/// The noise that a task asks of a client: to be added to its own update before anybody else sees anything of it.
///
/// All figures follow from the run's plan, so that each round of a client costs the same (`LocalNoise.step`).
public struct NoiseRequest: Hashable, Sendable, Codable {
    /// C: the L2 norm that the update is clipped to.
    public var clip: Double
    /// z: the noise's standard deviation over 2C.
    public var multiplier: Double

    /// The clips and multipliers that are taken for what they say, as in plans.
    public static let clips = 1e-6...1e6
    /// More noise than this leaves nothing of an update.
    public static let multipliers = 0.0...500.0

    /// A request with both its parts.
    public init(clip: Double, multiplier: Double) {
        (self.clip, self.multiplier) = (clip, multiplier)
    }

    /// The largest magnitude of a coordinate of an update with its noise: of deviation 2Cz, which 16 times that is never
    /// exceeded by.
    public var bound: Float { Float(clip * (1 + 32 * multiplier)).nextUp }

    /// The noise for updates of `count` coordinates. Throws if clip or multiplier are none that noise can be made for.
    public func noise(count: Int) throws(PrivacyError) -> LocalNoise {
        try LocalNoise(clip: UpdateClip(bound: clip), noiseMultiplier: multiplier, count: count)
    }
}

extension RoundPrivacy {
    /// What is asked of clients; nil where the coordinator adds the noise.
    public var noiseRequest: NoiseRequest? {
        guard case .local = mechanism.kind else { return nil }
        return NoiseRequest(clip: mechanism.clip, multiplier: noiseMultiplier)
    }
}
