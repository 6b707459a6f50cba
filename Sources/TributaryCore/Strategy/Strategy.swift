/// How a federation learns: a composition of parts, each a value of its own.
///
/// Who takes part is drawn by the *selection*; each of them trains by the *local solver*; the *weighting* says how much an
/// update counts in the mean; the *aggregation* makes one update of all; the *optimiser* makes the next model of it. Published algorithms are names for
/// some of these choices (`Plan.Algorithm`), and what they leave open is free: any selection goes with any solver, any
/// weighting and any optimiser.
public struct Strategy: Sendable {
    /// How a round's clients are drawn.
    public var selection: CohortSelection
    /// The weight of an update in the mean.
    public var weighting: UpdateWeighting
    /// What makes one update of a round's.
    public var aggregation: Aggregation
    /// What makes the next model of that.
    public var optimiser: any ServerOptimiser

    /// The parts that a plan names.
    ///
    /// - Throws: `PlanError` if the catalogue has no such part, or parts contradict the plan's algorithm.
    public init(_ plan: Plan, from catalogue: Catalogue = .standard) throws(PlanError) {
        selection = plan.cohort.selection
        weighting = plan.server.weighting
        aggregation = Aggregation(
            try plan.strategy.aggregation.map { text throws(PlanError) in try catalogue.aggregation(text) }
                ?? WeightedMean())
        optimiser = try Self.optimiser(plan, catalogue)
    }

    private static func optimiser(_ plan: Plan, _ catalogue: Catalogue) throws(PlanError) -> any ServerOptimiser {
        let implied = plan.algorithm.optimiser
        guard let said = plan.strategy.optimiser else {
            return try catalogue.optimiser(PartText(name: implied ?? ServerSGD.about.name))
        }
        if let implied, implied != said.name {
            throw PlanError(
                "algorithm \(plan.algorithm.rawValue) has the server optimiser \(implied), and strategy.optimiser is "
                    + "\(said.name); leave one of them out")
        }
        return try catalogue.optimiser(said)
    }
}

extension Strategy: Hashable {
    /// Whether all parts are the same with the same parameters.
    public static func == (left: Strategy, right: Strategy) -> Bool {
        left.selection == right.selection && left.weighting == right.weighting
            && left.aggregation == right.aggregation && left.optimiser.identity == right.optimiser.identity
    }

    /// Hashes what is compared.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(selection)
        hasher.combine(weighting)
        hasher.combine(aggregation)
        hasher.combine(optimiser.identity)
    }
}
