extension Plan {
    /// Refuses privacy that could not be kept, or not be accounted for, where clients come and go as they like: all that the
    /// promise rests on has to be known before the first round.
    func checkPrivacyOverNetwork(_ strategy: Strategy) throws(PlanError) {
        guard let mechanism = strategy.privacy else { return }
        let name = self.privacy.mechanism?.name ?? ""
        switch mechanism.kind {
        case .sampled:
            try checkSamplingOverNetwork(name, strategy)
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

    /// Each client must be drawn with a probability that is known beforehand, and what becomes of a round must not depend on who
    /// was.
    private func checkSamplingOverNetwork(_ name: String, _ strategy: Strategy) throws(PlanError) {
        guard cohort.selection == .poisson, let population = privacy.population else {
            throw PlanError(
                "privacy.mechanism is \(name), which needs to know how likely a client is to be drawn; over a network choose "
                    + "cohort.selection poisson and say with privacy.population how many clients cohort.count is drawn of, or "
                    + "choose tree (with rounds=1 it is the same noise, without sampling)")
        }
        guard cohort.count ?? 1 <= population else {
            throw PlanError(
                "cohort.count is \(cohort.count ?? 1), and privacy.population, which it is drawn of, is \(population); raise "
                    + "privacy.population or lower cohort.count")
        }
        guard cohort.quorum == Cohort().quorum else {
            throw PlanError(
                "cohort.quorum is \(cohort.quorum.planText), and whoever is in a round that met a quorum was there more "
                    + "often than privacy.mechanism \(name) counts on: its rounds commit whoever came; leave it out")
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

extension ResolvedPlan {
    /// The number of clients that privacy is counted by; nil where they come and go, and nothing may depend on it.
    static func knownPopulation(
        _ plan: Plan, _ mechanism: RoundMechanism, _ populationSize: Int, isOpen: Bool
    ) throws(PlanError) -> Int? {
        guard let said = plan.privacy.population else { return isOpen ? nil : populationSize }
        guard said == populationSize else {
            throw PlanError(
                "privacy.population is \(said), and there are \(populationSize) clients; leave it out where all clients are "
                    + "known, as in a simulation")
        }
        return said
    }
}

extension Plan.Privacy {
    /// Says the noise multiplier with the mechanism, so that it is the same wherever the plan is read again.
    mutating func spellOut(noiseMultiplier: Double) {
        mechanism?.settings.removeAll { $0.name == "noise" }
        mechanism?.settings.append(PartText.Setting(name: "noise", value: noiseMultiplier.planText))
    }
}
