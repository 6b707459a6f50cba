import Foundation

/// What a run's privacy comes to, for its clients and its rounds: noise, cost and budget with all figures filled in.
public struct RoundPrivacy: Hashable, Sendable {
    /// Where noise is added, with its multiplier.
    public let mechanism: RoundMechanism
    /// z.
    public let noiseMultiplier: Double
    /// What may be spent; an ε that nothing comes to where the plan has none.
    public let budget: PrivacyBudget
    /// Whether the plan says what may be spent.
    public let isLimited: Bool
    /// m: what sums are divided by, whoever really took part.
    public let expectedContributions: Int
    /// What a round costs, or where there are trees, a tree.
    public let step: SampledGaussian
    /// The rounds that are paid for by one step.
    public let roundsPerStep: Int

    /// ε where a plan has no budget.
    static let unlimited = 1e15

    /// - Parameters:
    ///   - goal: the contributions that a round wants.
    ///   - inviteCount: the clients that it invites.
    ///   - populationSize: the clients that there are; nil where they come and go, and nothing may depend on it.
    /// - Throws: `PlanError` if the mechanism does not go with them, or no noise keeps the budget.
    init(
        _ mechanism: RoundMechanism, _ plan: Plan, goal: Int, inviteCount: Int, populationSize: Int?
    ) throws(PlanError) {
        do throws(PrivacyError) {
            // McMahan et al. 2018 take 1 / N^1.1.
            let population = populationSize ?? inviteCount
            let delta = plan.privacy.delta ?? pow(Double(max(population, 2)), -1.1)
            budget = try PrivacyBudget(epsilon: plan.privacy.epsilon ?? Self.unlimited, delta: delta)
            isLimited = plan.privacy.epsilon != nil
            let rate = Double(inviteCount) / Double(population)
            let perStep = Self.roundsPerStep(mechanism, plan)
            func step(_ noise: Double) throws(PrivacyError) -> SampledGaussian {
                try Self.step(of: mechanism, noise: noise, rate: rate, roundsPerStep: perStep)
            }
            let noise = try Self.noise(mechanism, plan, budget, steps: (plan.rounds + perStep - 1) / perStep, step)
            self.step = try step(noise)
            noiseMultiplier = noise
            roundsPerStep = perStep
            expectedContributions = goal
            var complete = mechanism
            complete.noiseMultiplier = noise
            self.mechanism = complete
            try checkSizes()
        } catch {
            throw PlanError("privacy: \(error.description)")
        }
        if let populationSize { try checkParticipations(plan, populationSize) }
        guard coveredRounds != 0 else {
            throw PlanError(
                "privacy.epsilon is \(budget.epsilon), and a single \(roundsPerStep > 1 ? "tree" : "round") costs more; "
                    + "add noise, or leave it to the budget (noise=none)")
        }
    }

    private static func roundsPerStep(_ mechanism: RoundMechanism, _ plan: Plan) -> Int {
        if case .tree(let rounds, _) = mechanism.kind { return min(rounds ?? plan.rounds, plan.rounds) }
        return 1
    }

    private static func step(
        of mechanism: RoundMechanism, noise: Double, rate: Double, roundsPerStep: Int
    ) throws(PrivacyError) -> SampledGaussian {
        switch mechanism.kind {
        case .sampled: try SampledGaussian(samplingRate: rate, noiseMultiplier: noise)
        case .local: try SampledGaussian(samplingRate: 1, noiseMultiplier: noise)
        case .tree(_, let participations):
            try TreeMechanism(
                leafLimit: roundsPerStep, noiseMultiplier: noise, participations: participations
            ).step
        }
    }

    private static func noise(
        _ mechanism: RoundMechanism, _ plan: Plan, _ budget: PrivacyBudget, steps: Int,
        _ step: (Double) throws(PrivacyError) -> SampledGaussian
    ) throws(PrivacyError) -> Double {
        if let said = mechanism.noiseMultiplier { return said }
        guard plan.privacy.epsilon != nil else {
            throw PrivacyError("how much noise there is follows from noise=… or from privacy.epsilon; give one of them")
        }
        guard let found = try budget.noiseMultiplier(for: steps, step: step) else {
            throw PrivacyError(
                "no noise keeps ε at \(budget.epsilon) over \(plan.rounds) rounds; raise privacy.epsilon")
        }
        return found
    }

    /// Refuses figures that the noise has no room for, or that contradict each other.
    private func checkSizes() throws(PrivacyError) {
        _ = try PrivacyState(self)
        if case .local = mechanism.kind, noiseMultiplier > 500 {
            throw .value("noise multiplier of local noise", noiseMultiplier, must: "500 or less")
        }
    }

    /// A cohort that would have to have clients again whom the tree has no room for is known beforehand.
    private func checkParticipations(_ plan: Plan, _ populationSize: Int) throws(PlanError) {
        guard case .tree(_, let participations) = mechanism.kind else { return }
        let places = populationSize.multipliedReportingOverflow(by: participations)
        guard !places.overflow, places.partialValue / expectedContributions < roundsPerStep else { return }
        throw PlanError(
            "privacy: \(populationSize) clients that take part \(participations) times in a tree cannot fill its "
                + "\(roundsPerStep) rounds of \(expectedContributions); lower its rounds or cohort.count, or raise "
                + "participations")
    }

    /// How many rounds the budget covers, abandoned ones included; nil without a budget.
    public var coveredRounds: Int? {
        guard isLimited else { return nil }
        let steps = budget.stepCount(of: step)
        return min(steps, PrivacyBudget.stepLimit / roundsPerStep) * roundsPerStep
    }
}
