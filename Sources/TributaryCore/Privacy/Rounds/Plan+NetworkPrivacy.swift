extension Plan {
    /// Refuses privacy that could not be kept, or not be accounted for, where clients come and go as they like: all that the
    /// promise rests on has to be known before the first round.
    func checkPrivacyOverNetwork(_ strategy: Strategy) throws(PlanError) {
        guard let mechanism = strategy.privacy else { return }
        let name = self.privacy.mechanism?.name ?? ""
        switch mechanism.kind {
        case .sampled:
            throw PlanError(
                "privacy.mechanism is \(name), whose accounting needs that every client can be drawn in every round; over a "
                    + "network clients come when they like: choose tree (with rounds=1 it is the same noise, without sampling)"
            )
        case .local:
            try checkLocalNoiseOverNetwork(name, strategy)
        case .tree:
            guard cohort.selection == .uniform, cohort.count != nil else {
                throw PlanError(
                    "privacy.mechanism divides by the clients that a round wants, a number that must not follow from who is "
                        + "there; over a network give cohort.count, and leave cohort.selection at uniform")
            }
        }
        guard privacy.delta != nil else {
            throw PlanError(
                "privacy.delta has no default over a network, where the number of clients is not known beforehand; give one "
                    + "well below 1 / the number of clients, as in 1e-5")
        }
    }

    /// Nobody is to be trusted, so nothing may leave a client but its update with noise.
    private func checkLocalNoiseOverNetwork(_ name: String, _ strategy: Strategy) throws(PlanError) {
        guard evaluation.federatedEvery == nil else {
            throw PlanError(
                "privacy.mechanism is \(name), and evaluation.federated-every has clients score models, which gets no noise; "
                    + "over a network choose none")
        }
        guard strategy.compression?.hasErrorFeedback != true else {
            throw PlanError(
                "privacy.mechanism is \(name), and strategy.error-feedback adds what was left out once to another update; "
                    + "leave it out")
        }
    }
}

extension Plan.Privacy {
    /// Says the noise multiplier with the mechanism, so that it is the same wherever the plan is read again.
    mutating func spellOut(noiseMultiplier: Double) {
        mechanism?.settings.removeAll { $0.name == "noise" }
        mechanism?.settings.append(PartText.Setting(name: "noise", value: noiseMultiplier.planText))
    }
}
