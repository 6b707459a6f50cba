internal import TributaryCore

extension NoiseRequest {
    /// Reads what a task asks for, or a result has. Throws `invalid_argument` for figures that no noise is made of: a client
    /// that cannot do what is asked does not do the task.
    init(_ message: WireLocalNoise, at field: WireField) throws(ConnectError) {
        let clip = try field["clip"].finite(message.clip, atLeast: Self.clips.lowerBound)
        guard clip <= Self.clips.upperBound else {
            throw field["clip"].error("is \(clip); must be at most \(Self.clips.upperBound)")
        }
        let multiplier = try field["noise_multiplier"].finite(
            message.noiseMultiplier, atLeast: Self.multipliers.lowerBound)
        guard multiplier <= Self.multipliers.upperBound else {
            throw field["noise_multiplier"].error("is \(multiplier); must be at most \(Self.multipliers.upperBound)")
        }
        self.init(clip: clip, multiplier: multiplier)
    }
}

extension WireLocalNoise {
    init(_ request: NoiseRequest) {
        self.init()
        clip = request.clip
        noiseMultiplier = request.multiplier
    }
}
