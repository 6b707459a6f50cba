/// A plan that fits a population: every choice that depends on the number of clients is made, and checked.
public struct ResolvedPlan: Hashable, Sendable {
    /// The plan, with every default spelt out.
    public let plan: Plan
    /// The parts that the plan names.
    public let strategy: Strategy
    /// Registered clients N.
    public let populationSize: Int
    /// The number of contributions a round wants.
    public let goal: Int
    /// The number of clients invited to a round (expected, for Poisson sampling).
    public let inviteCount: Int
    /// The fewest contributions that let a round commit.
    public let quorum: Int
    /// What privacy comes to; nil without any.
    public let privacy: RoundPrivacy?

    /// Checks that the plan's parts fit one another and a population of `populationSize` clients.
    ///
    /// - Parameter isOpen: whether clients come and go, so that these are but the clients of a moment, and nothing that has to
    ///   hold for the whole run may follow from their number.
    public init(
        _ plan: Plan, populationSize: Int, catalogue: Catalogue = .standard, isOpen: Bool = false
    ) throws(PlanError) {
        try plan.checkParts(catalogue)
        let strategy = try Strategy(plan, from: catalogue)
        if !isOpen { try plan.checkHoldsOut() }
        if let limit = strategy.method.populationLimit, populationSize > limit {
            throw PlanError(
                "strategy.method \(strategy.method.text.name) is for up to \(limit) clients, and there are "
                    + "\(populationSize); lower data.clients or choose another method")
        }
        var plan = plan.spellingOutDefaults(strategy)
        self.strategy = strategy
        self.populationSize = populationSize
        goal = try Self.goal(plan.cohort, populationSize)
        quorum = plan.cohort.quorum.count(of: goal)
        guard quorum <= goal else {
            throw PlanError(
                "cohort.quorum is \(quorum), more than the \(goal) clients a round wants; lower the quorum or raise "
                    + "cohort.fraction or cohort.count")
        }
        inviteCount =
            plan.cohort.selection == .all
            ? populationSize : min(populationSize, Int(roundingUp: plan.cohort.overSelection, of: goal))
        guard inviteCount <= Self.inviteLimit else {
            throw PlanError(
                "a round would invite \(inviteCount) clients, and \(Self.inviteLimit) is the most; give cohort.count or "
                    + "lower cohort.fraction")
        }
        var privacy: RoundPrivacy?
        if let mechanism = strategy.privacy {
            privacy = try RoundPrivacy(
                mechanism, plan, goal: goal, inviteCount: inviteCount,
                populationSize: try Self.knownPopulation(plan, mechanism, populationSize, isOpen: isOpen))
        }
        // What was spent is told by the noise: where a run may go on with another library's logarithms, it must not be found
        // anew.
        if isOpen, let noise = privacy?.noiseMultiplier { plan.privacy.spellOut(noiseMultiplier: noise) }
        self.privacy = privacy
        self.plan = plan
        // Poisson sampling may invite anybody, and any number of them.
        let most = plan.cohort.selection.hasFixedSize ? max(goal, quorum) : populationSize
        var counts = max(1, quorum)...max(1, quorum, most)
        if case .buffered(let pacing) = strategy.pacing { counts = pacing.goal...pacing.goal }
        try strategy.aggregation.check(for: counts)
        try checkSelection(isOpen: isOpen)
    }

    /// The most clients of one round: memory grows with the cohort, though not with the population.
    private static let inviteLimit = 10_000_000

    private static func goal(_ cohort: Plan.Cohort, _ populationSize: Int) throws(PlanError) -> Int {
        if cohort.selection == .all { return populationSize }
        if let count = cohort.count {
            guard count <= populationSize else {
                throw PlanError(
                    "cohort.count is \(count), but there are only \(populationSize) clients; lower cohort.count or "
                        + "raise data.clients")
            }
            return count
        }
        guard let fraction = cohort.fraction else { return populationSize }
        // McMahan 2017: max(C·N, 1), here rounded to the nearest.
        return max(1, Int((fraction * Double(populationSize)).rounded()))
    }

    /// The limits of a round with `invited` clients.
    public func limits(invited: Int) -> RoundMachine.Limits {
        // Poisson sampling and `all` wait for everybody who was invited, however many that turned out to be.
        let wanted = plan.cohort.selection.hasFixedSize ? goal : max(invited, quorum)
        return RoundMachine.Limits(
            goal: wanted, quorum: quorum, deadline: plan.cohort.deadline, lease: plan.cohort.lease)
    }

    /// How clients train in a round, with what the method changes about it by the server's figures.
    public func solver(for round: RoundNumber, figures: [Double]) -> LocalSolver {
        var solver = plainSolver(for: round)
        strategy.method.adjust(&solver, figures: figures)
        return solver
    }

    /// How clients would train in a round without a method.
    public func plainSolver(for round: RoundNumber) -> LocalSolver {
        var solver = LocalSolver()
        let local = plan.local
        if let epochs = local.epochs { solver.work = .epochs(epochs) }
        if let steps = local.steps { solver.work = .steps(steps) }
        if case .examples(let count)? = local.batchSize { solver.batchSize = count } else { solver.batchSize = nil }
        solver.learningRate = local.learningRate * local.schedule.factor(round: round, planned: plan.rounds)
        solver.momentum = local.momentum
        solver.weightDecay = local.weightDecay
        solver.clipNorm = local.clipNorm
        return solver
    }

    /// The server's step at the end of a round, which makes the model of the given version.
    public func serverStep(for round: RoundNumber, making version: ModelVersion) -> ServerStep {
        let rate = plan.server.learningRate ?? strategy.optimiser.defaultLearningRate
        let factor = plan.server.schedule.factor(round: round, planned: plan.rounds)
        // Every commit makes a version: the first step makes version 1.
        return ServerStep(
            strategy.stepOptimiser, StepContext(learningRate: rate * factor, number: version.rawValue))
    }

    /// The run's course.
    public var course: CourseMachine.Course {
        CourseMachine.Course(
            rounds: plan.rounds, testEvery: plan.evaluation.every, federatedEvery: plan.evaluation.federatedEvery,
            stopAccuracy: plan.stop.accuracy, budgetRounds: privacy?.coveredRounds)
    }
}

extension Plan {
    /// The plan with the choices spelt out that a field left to another's absence: what records and checkpoints hold.
    fileprivate func spellingOutDefaults(_ strategy: Strategy) -> Plan {
        var plan = self
        if let selector = strategy.selector { plan.cohort.selection = .selector(selector.text) }
        plan.energy = energy.spellingOutDefaults
        plan.strategy.optimiser = strategy.optimiser.text
        plan.strategy.aggregation = strategy.aggregation.part.text
        plan.strategy.errorFeedback = strategy.compression?.hasErrorFeedback
        plan.strategy.method = strategy.method.text
        plan.server.weighting = strategy.weighting
        plan.local.partialWork = strategy.keepsPartialWork ? .keep : .drop
        if server.learningRate == nil { plan.server.learningRate = strategy.optimiser.defaultLearningRate }
        if local.epochs == nil, local.steps == nil { plan.local.epochs = 1 }
        let isFull = algorithm == .fedSGD || strategy.method is FairGradient
        if local.batchSize == nil { plan.local.batchSize = isFull ? .full : .examples(10) }
        if cohort.fraction == nil, cohort.count == nil, cohort.selection != .all {
            plan.cohort.fraction = Cohort.defaultFraction
        }
        return plan
    }

    /// Refuses fields that contradict one another.
    package func checkParts(_ catalogue: Catalogue = .standard) throws(PlanError) {
        try checkFields()
        _ = try Strategy(self, from: catalogue)
        if cohort.fraction != nil, cohort.count != nil {
            throw PlanError(
                "cohort.fraction and cohort.count both say how many clients a round wants; give one of them")
        }
        if local.epochs != nil, local.steps != nil {
            throw PlanError("local.epochs and local.steps both say how long a client trains; give one of them")
        }
        if algorithm == .fedSGD {
            guard local.isOneFullStep, local.momentum == 0 else {
                throw PlanError(
                    "algorithm fedsgd is one full-batch gradient step a round; leave out local.epochs, local.steps, "
                        + "local.batch-size and local.momentum, or choose fedavg")
            }
        }
        if data.validation + data.test >= 1 {
            throw PlanError(
                "data.validation and data.test together leave nothing to train on; they must sum to less than 1")
        }
        // Shares such as 0.7, 0.1 and 0.2 need not add up to exactly 1.
        if faults.total > 1 + 1e-9 {
            throw PlanError(
                "the probabilities under faults sum to \(faults.total); without faults.duplicate they must not exceed 1"
            )
        }
        if let attack = faults.attack { _ = try catalogue.attack(attack) }
        if (faults.attack == nil) != (faults.adversaries == 0) {
            throw PlanError(
                "faults.attack says what adversaries do and faults.adversaries how many there are; give both or neither"
            )
        }
        if faults.straggler > 0, (local.steps ?? local.epochs ?? 1) < 2 {
            throw PlanError(
                "faults.straggler has clients do a part of their epochs or steps, and there is only one; raise local.epochs"
            )
        }
        if !cohort.selection.hasFixedSize, cohort.overSelection > 1 {
            throw PlanError(
                "cohort.over-selection needs a cohort.selection that invites a fixed number, not "
                    + cohort.selection.planText)
        }
        try energy.check(self)
    }

    /// Refuses what only a simulation can do, which knows all clients and their data: promises that would not hold where clients
    /// come and go, and parts whose updates cannot be sent as the plan says.
    package func checkRunsOverNetwork() throws(PlanError) {
        let strategy = try Strategy(self)
        try checkPersonalisationOverNetwork(strategy)
        try checkPrivacyOverNetwork(strategy)
        try checkMethodOverNetwork(strategy)
    }

    /// Refuses values that their fields do not allow: a plan made in code has not been read from text.
    private func checkFields() throws(PlanError) {
        var copy = self
        for field in PlanField.all { try copy.set(field.path, to: field.text(in: self)) }
    }
}

extension Plan.Local {
    /// Whether local work is, or may be taken to be, one full-batch step.
    var isOneFullStep: Bool { (epochs ?? 1) == 1 && steps == nil && (batchSize ?? .full) == .full }
}
