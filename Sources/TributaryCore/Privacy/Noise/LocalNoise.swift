import Foundation

/// Noise that a client adds to its own update before anybody else sees it (local differential privacy).
///
/// Nobody has to be trusted, but every update carries the whole noise, and the noise of a mean over m clients falls
/// only like 1/√m: it takes many clients. Two clients' updates, or two that one client might have sent, differ by up to
/// 2C after clipping, and the noise is z times that. No sampling amplifies it: the coordinator sees who sent what, so
/// each report costs a whole Gaussian step (`step`).
public struct LocalNoise: Hashable, Sendable {
    /// What the update is clipped by.
    public let clip: UpdateClip
    /// What one report costs the client that sends it.
    public let step: SampledGaussian
    private let noise: GridNoise

    /// Noise for updates of `count` coordinates, with the multiplier z relative to 2C.
    public init(clip: UpdateClip, noiseMultiplier: Double, count: Int) throws(PrivacyError) {
        self.clip = clip
        step = try SampledGaussian(samplingRate: 1, noiseMultiplier: noiseMultiplier)
        // A grid of about 2^40 units to the bound: finer than a Float32 can tell, and with room for the noise.
        noise = try GridNoise(
            clip: clip, noiseMultiplier: noiseMultiplier, count: count, fractionBits: 40 - Int(clip.bound.exponent),
            neighbours: .replace)
    }

    /// The noise's standard deviation in each coordinate.
    public var deviation: Double {
        Double(sign: .plus, exponent: -noise.fractionBits, significand: Double(noise.deviation))
    }

    /// Clips an update of the stated number of coordinates and adds the noise.
    ///
    /// `generator` must be cryptographic, and a report that is sent again must be the same as before: keep what was
    /// made, not what it was made from.
    public func protect(_ update: inout [Float], using generator: inout some RandomNumberGenerator)
        -> UpdateClip.Outcome
    {
        let outcome = clip.clip(&update)
        if case .refused = outcome { return outcome }
        let scale = Double(sign: .plus, exponent: noise.fractionBits, significand: 1)
        var units = update.map { (Double($0) * scale).rounded(.toNearestOrEven) }
        units.withUnsafeMutableBufferPointer { noise.add(to: $0, using: &generator) }
        for index in update.indices { update[index] = Float(units[index] / scale) }
        return outcome
    }
}
