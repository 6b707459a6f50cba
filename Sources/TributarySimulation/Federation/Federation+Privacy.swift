import TributaryCore
import TributaryMath

extension Federation {
    /// What updates are clipped by in the open round; nil without privacy.
    var privacyClip: UpdateClip? {
        plan.privacy.flatMap { state.privacy?.clip(under: $0) }
    }

    /// The secret of all noise. A simulation that is to be repeated makes it of its seed, which is none.
    var noiseKey: NoiseKey {
        var stream = seed.derived("privacy-noise").stream()
        return NoiseKey.random(using: &stream)
    }

    /// Refuses adversaries who would have to see all updates, which are summed as they arrive.
    static func checkPrivacy(_ plan: ResolvedPlan, _ adversaries: Adversaries) throws(PlanError) {
        guard plan.privacy != nil, adversaries.needHonestUpdates else { return }
        throw PlanError(
            "faults.attack looks at the honest updates of a round, which privacy.mechanism has no place for; choose another "
                + "attack, or leave out one of the two")
    }

    /// The round's clipped updates with noise: all that may be known of them.
    func released(
        in round: RoundNumber, _ contributions: Contributions, _ state: inout PrivacyState?
    ) -> [Double]? {
        guard let privacy = plan.privacy, let sum = gatheredSum() else { return nil }
        let entries = contributions.entries
        return state?.release(
            sum, within: entries.count { $0.isWithinClip == true }, from: entries.map(\.client), in: round,
            under: privacy, keys: RoundKeys(run: noiseKey))
    }

    /// What an ended round did for privacy. Whatever came of it, it has been paid for.
    func spending(_ clip: UpdateClip?, _ contributions: Contributions) -> RoundSummary.PrivacySpending? {
        guard let privacy = plan.privacy, let clip else { return nil }
        let spent = state.privacy?.spent
        let entries = contributions.entries
        let clipped = entries.count { $0.isWithinClip == false }
        return RoundSummary.PrivacySpending(
            epsilon: spent.flatMap { $0.epsilon.isFinite ? $0.epsilon : nil }, delta: privacy.budget.delta,
            noiseMultiplier: privacy.noiseMultiplier, clip: clip.bound,
            clippedShare: entries.isEmpty ? nil : Double(clipped) / Double(entries.count))
    }
}

/// What a client, or the coordinator where it sees the update first, does to an update for privacy.
struct UpdateProtection: Sendable {
    let clip: UpdateClip
    /// The largest magnitude of a coordinate before that.
    let updateBound: Float
    /// Nil where noise is added to the sum.
    let local: (noise: LocalNoise, key: NoiseKey)?

    /// Clips an update, and adds the client's own noise where there is any; why it cannot be used, else whether it was within
    /// the bound.
    func protect(_ update: inout [Float], of client: ClientID, in round: RoundNumber) -> Result {
        guard update.allSatisfy({ !(abs($0) > updateBound) }) else {
            return .refused(update.allSatisfy(\.isFinite) ? .outOfBound : .notFinite)
        }
        let outcome: UpdateClip.Outcome
        if let local {
            var stream = local.key.derived("local", UInt64(round.rawValue), client.rawValue).stream()
            outcome = local.noise.protect(&update, using: &stream)
        } else {
            outcome = clip.clip(&update)
        }
        if case .refused(let refusal) = outcome { return .refused(refusal) }
        return .protected(isWithin: outcome.wasWithinBound == true)
    }

    /// What became of an update.
    enum Result: Sendable {
        case refused(UpdateRefusal)
        case protected(isWithin: Bool)
    }
}

extension UpdateProtection {
    /// The protection of the open round; nil without privacy.
    init?(_ federation: Federation<some Trainer>) {
        guard let privacy = federation.plan.privacy, let clip = federation.privacyClip else { return nil }
        self.clip = clip
        updateBound = Float(federation.plan.plan.server.updateBound)
        guard case .local = privacy.mechanism.kind else {
            local = nil
            return
        }
        do {
            let noise = try LocalNoise(
                clip: clip, noiseMultiplier: privacy.noiseMultiplier, count: federation.trainer.layout.count)
            local = (noise, federation.noiseKey)
        } catch {
            preconditionFailure("noise that was checked: \(error)")
        }
    }
}
