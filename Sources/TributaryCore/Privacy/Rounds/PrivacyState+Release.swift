import TributaryMath

extension PrivacyState {
    /// What updates are clipped by in the open round.
    public func clip(under privacy: RoundPrivacy) -> UpdateClip {
        do {
            return try UpdateClip(bound: adaptiveClip?.bound ?? privacy.mechanism.clip)
        } catch {
            preconditionFailure("a bound that was checked: \(error)")
        }
    }

    /// The limits of the open round's exact sum of clipped updates, whose grid the noise is drawn on.
    ///
    /// - Parameters:
    ///   - contributions: the most that the round may have.
    ///   - populationSize: the clients there are. Noise that is taken off again in a later round needs the same grid in all.
    package func sumLimits(
        under privacy: RoundPrivacy, contributions: Int, populationSize: Int
    ) -> (bound: Float, weightLimit: Int) {
        let clip = clip(under: privacy).bound
        // Room for noise of up to 2^52 units (`GridNoise`).
        let room = Int((4 * privacy.noiseMultiplier).rounded(.up)) + 4
        switch privacy.mechanism.kind {
        case .sampled: return (Float(clip).nextUp, max(contributions, 1) + room)
        case .tree: return (Float(clip).nextUp, max(populationSize, 1) + room)
        // What a client sends has its noise: of deviation 2Cz, which 16 times that is never exceeded by.
        case .local: return (Float(clip * (1 + 32 * privacy.noiseMultiplier)).nextUp, max(contributions, 1))
        }
    }

    /// The released mean of the open round's clipped updates, each of weight 1; the state is that of the next round then.
    ///
    /// - Parameters:
    ///   - within: how many of the updates were within the bound.
    ///   - clients: who sent them.
    ///   - runKey: the secret that noise is made from. The same round has the same noise when it is played again.
    package mutating func release(
        _ sum: UpdateSum, within: Int, from clients: [ClientID], in round: RoundNumber, under privacy: RoundPrivacy,
        runKey: NoiseKey
    ) -> [Double] {
        let number = UInt64(round.rawValue)
        let denominator = Double(privacy.expectedContributions)
        switch privacy.mechanism.kind {
        case .local:
            return sum.mean() ?? []
        case .sampled:
            let noise = gridNoise(for: sum, under: privacy)
            let mean = sum.noisyMean(over: denominator) { noise.add(to: $0, key: runKey.derived("round", number)) }
            if adaptiveClip != nil {
                var stream = runKey.derived("count", number).stream()
                adaptiveClip?.advance(within: within, of: sum.contributionCount, using: &stream)
            }
            return mean
        case .tree:
            let noise = gridNoise(for: sum, under: privacy)
            for client in clients { participations[client, default: 0] += 1 }
            guard let step = tree?.advance() else { preconditionFailure("a round in a tree that is full") }
            return sum.noisyMean(over: denominator) { noise.add(step, to: $0, runKey: runKey) }
        }
    }

    private func gridNoise(for sum: UpdateSum, under privacy: RoundPrivacy) -> GridNoise {
        do {
            return try GridNoise(
                clip: clip(under: privacy),
                noiseMultiplier: adaptiveClip?.updateNoiseMultiplier ?? privacy.noiseMultiplier,
                count: sum.parameterCount,
                fractionBits: sum.fractionBits)
        } catch {
            preconditionFailure("the sum's limits leave room for the noise: \(error)")
        }
    }
}
