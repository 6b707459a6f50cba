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
    ///   - populationSize: the clients there are, or the most contributions that any round may have. Noise that is taken off
    ///     again in a later round needs the same grid in all.
    package func sumLimits(
        under privacy: RoundPrivacy, contributions: Int, populationSize: Int
    ) -> (bound: Float, weightLimit: Int) {
        let clip = clip(under: privacy).bound
        // Room for noise of up to 2^52 units (`GridNoise`).
        let room = Int((4 * privacy.noiseMultiplier).rounded(.up)) + 4
        switch privacy.mechanism.kind {
        case .sampled: return (Float(clip).nextUp, max(contributions, 1) + room)
        case .tree: return (Float(clip).nextUp, max(populationSize, 1) + room)
        // What a client sends has its noise.
        case .local:
            let request = NoiseRequest(clip: clip, multiplier: privacy.noiseMultiplier)
            return (request.bound, max(contributions, 1))
        }
    }

    /// The released mean of the open round's clipped updates, each of weight 1; the state is that of the next round then.
    ///
    /// - Parameters:
    ///   - within: how many of the updates were within the bound.
    ///   - clients: who sent them.
    ///   - keys: the secrets that noise is made from. The same round has the same noise when it is played again.
    package mutating func release(
        _ sum: UpdateSum, within: Int, from clients: [ClientID], in round: RoundNumber, under privacy: RoundPrivacy,
        keys: RoundKeys
    ) -> [Double] {
        if case .local = privacy.mechanism.kind { return sum.mean() ?? [] }
        let noise = noise(
            in: round, count: sum.parameterCount, fractionBits: sum.fractionBits, under: privacy, keys: keys)
        let mean = sum.noisyMean(over: Double(privacy.expectedContributions)) { noise.add(to: $0) }
        released(within: within, from: clients, in: round, under: privacy, keys: keys)
        return mean
    }

    /// The noise that the open round's sum gets. There must be some: where clients add their own, the sum gets none.
    func noise(
        in round: RoundNumber, count: Int, fractionBits: Int, under privacy: RoundPrivacy, keys: RoundKeys
    ) -> RoundNoise {
        let grid = gridNoise(count: count, fractionBits: fractionBits, under: privacy)
        switch privacy.mechanism.kind {
        case .local: preconditionFailure("noise on a sum of updates that have noise")
        case .sampled: return RoundNoise(grid, key: keys.current.derived("round", UInt64(round.rawValue)))
        case .tree:
            var next = tree
            guard let step = next?.advance() else { preconditionFailure("a round in a tree that is full") }
            return RoundNoise(grid, step, key: keys.current) { nodeKeys[$0.level] ?? keys.run }
        }
    }

    /// Notes that the open round's mean was released, with the updates of these clients in it.
    mutating func released(
        within: Int, from clients: [ClientID], in round: RoundNumber, under privacy: RoundPrivacy, keys: RoundKeys
    ) {
        switch privacy.mechanism.kind {
        case .local: break
        case .sampled:
            guard adaptiveClip != nil else { break }
            var stream = keys.current.derived("count", UInt64(round.rawValue)).stream()
            adaptiveClip?.advance(within: within, of: clients.count, using: &stream)
        case .tree:
            for client in clients { participations[client, default: 0] += 1 }
            guard let step = tree?.advance() else { break }
            for node in step.swallowed { nodeKeys[node.level] = nil }
            nodeKeys[step.completed.level] = keys.round
        }
    }

    private func gridNoise(count: Int, fractionBits: Int, under privacy: RoundPrivacy) -> GridNoise {
        do {
            return try GridNoise(
                clip: clip(under: privacy),
                noiseMultiplier: adaptiveClip?.updateNoiseMultiplier ?? privacy.noiseMultiplier,
                count: count, fractionBits: fractionBits)
        } catch {
            preconditionFailure("the sum's limits leave room for the noise: \(error)")
        }
    }
}
