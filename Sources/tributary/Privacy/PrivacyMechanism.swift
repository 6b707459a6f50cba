import TributaryCore

/// How noise gets into a run, as the command line says it.
enum PrivacyMechanism {
    /// A sample of the clients in every round, noise on their sum (DP-FedAvg).
    case sampled(rate: Double)
    /// Noise by the nodes of trees over rounds (DP-FTRL); without a number of rounds, one tree for all.
    case tree(treeRounds: Int?, participations: Int)
    /// Noise that every client adds itself.
    case local

    /// Rounds of a mechanism and what they come to for the accountant.
    struct Spending {
        var mechanism: PrivacyMechanism
        var noiseMultiplier: Double
        var rounds: Int
        /// What is counted, and how often.
        var step: SampledGaussian
        var stepCount: Int
    }

    /// What a number of rounds comes to.
    func spending(noiseMultiplier: Double, rounds: Int) throws -> Spending {
        let (step, count) = try steps(noiseMultiplier: noiseMultiplier, rounds: rounds)
        return Spending(
            mechanism: self, noiseMultiplier: noiseMultiplier, rounds: rounds, step: step, stepCount: count)
    }

    /// The least noise multiplier for a number of rounds; nil if there is none.
    func noiseMultiplier(for budget: PrivacyBudget, rounds: Int) throws -> Double? {
        let (_, count) = try steps(noiseMultiplier: 1, rounds: rounds)
        return try budget.noiseMultiplier(for: count) { multiplier throws(PrivacyError) in
            try steps(noiseMultiplier: multiplier, rounds: rounds).step
        }
    }

    /// How many rounds a budget covers.
    func rounds(within budget: PrivacyBudget, noiseMultiplier: Double) throws -> Int {
        guard case .tree(let treeRounds, let participations) = self else {
            return budget.stepCount(of: try steps(noiseMultiplier: noiseMultiplier, rounds: 1).step)
        }
        guard let treeRounds else {
            throw PrivacyError("how many rounds a tree has is not said; give it with --tree-rounds")
        }
        let tree = try TreeMechanism(
            leafLimit: treeRounds, noiseMultiplier: noiseMultiplier, participations: participations)
        return min(budget.stepCount(of: tree.step), PrivacyBudget.stepLimit / treeRounds) * treeRounds
    }

    private func steps(
        noiseMultiplier: Double, rounds: Int
    ) throws(PrivacyError) -> (step: SampledGaussian, count: Int) {
        switch self {
        case .sampled(let rate):
            return (try SampledGaussian(samplingRate: rate, noiseMultiplier: noiseMultiplier), rounds)
        case .local:
            return (try SampledGaussian(samplingRate: 1, noiseMultiplier: noiseMultiplier), rounds)
        case .tree(let treeRounds, let participations):
            let leaves = treeRounds ?? max(rounds, 1)
            let tree = try TreeMechanism(
                leafLimit: leaves, noiseMultiplier: noiseMultiplier, participations: participations)
            // The last tree is counted whole even if the run ends in it.
            return (tree.step, rounds / leaves + (rounds % leaves > 0 ? 1 : 0))
        }
    }
}
