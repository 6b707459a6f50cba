import TributaryBLAS
public import TributaryCore
import TributaryMath

/// A federation in virtual time: the production machines, simulated devices, and real training.
///
/// What happens is decided in virtual time by one thread; the training it asks for runs on worker threads. The result
/// depends on the plan, the seed and the data alone.
///
/// ```swift
/// var federation = try Federation(plan: plan, trainer: trainer, workers: 2)
/// while let round = await federation.next() { print(round.test?.accuracy ?? .nan) }
/// ```
public struct Federation<T: Trainer>: Sendable {
    /// The plan, fitted to the population.
    public let plan: ResolvedPlan
    /// The trainer of all clients.
    public let trainer: T
    /// All that survives from one round to the next.
    public private(set) var state: ServerState
    /// What the run does next.
    public private(set) var coordinator: CourseMachine

    let population: DevicePopulation
    let adversaries: Adversaries
    /// What of the model stays with clients.
    let head: ModelHead
    /// What a selector knows of the population from the start; nil without one.
    let known: SelectionPopulation?
    /// What counts energy; nil if nobody asks.
    let energy: EnergyModel?
    /// When rounds begin; nil: one as the last has ended.
    let schedule: SlotSchedule?
    /// The bytes of an update on its way, before it is known.
    let updateBytes: Int
    let pool: WorkerPool<T>
    let seed: Seed

    /// A federation about to begin, or to go on from `state`.
    ///
    /// - Parameter catalogue: the parts that the plan may name.
    /// - Throws: `PlanError` if the plan does not fit the trainer's population, or the state another model or another
    ///   server optimiser.
    public init(
        plan: Plan, trainer: T, workers: Int, resumingFrom state: ServerState? = nil, catalogue: Catalogue = .standard
    ) throws(PlanError) {
        precondition(workers >= 1, "training needs a worker")
        self.plan = try ResolvedPlan(plan, populationSize: trainer.clientCount, catalogue: catalogue)
        self.trainer = trainer
        let seed = Seed(plan.seed)
        let state = state ?? ServerState(initial: trainer.initialWeights(seed: seed.derived("initial-weights")))
        guard state.weights.layout == trainer.layout else {
            throw PlanError(
                "the model to go on from has \(state.weights.layout.count) parameters, but the plan and its data now "
                    + "make one of \(trainer.layout.count); give the data that the run was begun with")
        }
        self.seed = seed
        guard trainer.correctsGradients || !self.plan.strategy.method.correctsGradients else {
            throw PlanError(
                "strategy.method is \(self.plan.strategy.method.text), which adds to gradients, and this trainer does not let "
                    + "it")
        }
        head = try self.plan.strategy.personalHead(for: trainer)
        self.state = try state.ready(for: self.plan)
        population = DevicePopulation(plan: plan)
        let energy = try EnergyModel(reading: self.plan.plan)
        self.energy = energy
        schedule = plan.energy.slot.map {
            SlotSchedule(rounds: plan.rounds, slack: plan.energy.slack, slot: $0, trace: energy?.trace)
        }
        updateBytes = (self.plan.strategy.compression?.encoding ?? UpdateEncoding(.float32))
            .typicalByteCount(parameterCount: head.baseCount)
        known = SelectionPopulation(
            self.plan, trainer: trainer, devices: population,
            bytesDown: head.baseCount * MemoryLayout<Float>.size, bytesUp: updateBytes)
        adversaries = try Adversaries(plan, population: trainer.clientCount, catalogue: catalogue)
        try Self.checkPrivacy(self.plan, adversaries)
        pool = WorkerPool(trainer: trainer, workerCount: workers)
        coordinator = CourseMachine(
            course: self.plan.course, lastRound: state.lastRound, modelVersion: state.modelVersion)
        BLAS.useOneThreadPerWorker()
    }

    /// Tells a resumed run how its last round scored, so that a target reached before stays reached.
    public mutating func recall(_ lastTest: Score?) {
        coordinator.evaluated(lastTest)
    }

    /// Asks the run to end after the open round.
    public mutating func requestStop() {
        coordinator.stopRequested()
    }

    /// Runs the next round; nil when the run is over (`coordinator.nextAction()` says why).
    public mutating func next() async -> RoundSummary? {
        guard case .openRound(let round) = coordinator.nextAction() else { return nil }
        let clock = ContinuousClock()
        let begin = clock.now
        var summary = await run(round)
        let due = coordinator.roundEnded(round, summary.outcome)
        summary.modelVersion = coordinator.modelVersion
        state.modelVersion = coordinator.modelVersion
        state.lastRound = round
        if due.test { summary.test = await testScore(state.weights.values) }
        coordinator.evaluated(summary.test)
        // Asked now that the test has shown whether the run ends with this round.
        if coordinator.evaluationsDue(after: round).federated {
            summary.federated = await federatedScore(round: round)
        }
        summary.timing.realSeconds = begin.duration(to: clock.now).inSeconds
        return summary
    }

    /// Plays a round in virtual time and makes the next model from it.
    private mutating func run(_ round: RoundNumber) async -> RoundSummary {
        if case .buffered(let pacing) = plan.strategy.pacing { return await runBuffered(round, pacing) }
        let start = schedule.map { max(state.now, $0.start(of: round)) } ?? state.now
        if let privacy = plan.privacy { state.privacy?.begin(round, under: privacy) }
        let clip = privacyClip
        let invitations = await invitations(to: round, at: start)
        let downloads = await downloadSizes(for: invitations)
        var simulation = RoundSimulation(
            federation: self, round: round, start: start, invitations: invitations, downloads: downloads)
        await simulation.play()
        state.received(simulation.receivers)
        let isCommitted = simulation.machine.phase == .committing
        var summary = RoundSummary(
            round: round, outcome: isCommitted ? .committed : .abandoned, modelVersion: state.modelVersion,
            learningRate: simulation.solver.learningRate)
        simulation.contributions.close()
        summary.privacy = spending(clip, simulation.contributions)
        summary.trainLoss = simulation.contributions.meanLoss
        summary.encodingError = simulation.contributions.meanEncodingError
        if isCommitted {
            state.modelFollows(keep: plan.plan.checkpoint.keep)
            let step = commit(round, simulation.contributions)
            summary.updateNorms = simulation.contributions.norms(aggregate: step)
            simulation.machine.modelCommitted()
        }
        noteParticipation(in: round, simulation.cohort, simulation.contributions)
        summary.energy = energy?.energy(of: simulation.uses, from: start, to: simulation.now)
        summary.participation = simulation.machine.participation
        summary.traffic = simulation.traffic
        state.now = simulation.now
        summary.timing.virtualSeconds = start.duration(to: simulation.now).inSeconds
        summary.timing.virtualElapsed = simulation.now.sinceStart.inSeconds
        return summary
    }

    /// Lets clients work until a step is due, and takes it.
    private mutating func runBuffered(_ round: RoundNumber, _ pacing: BufferedPacing) async -> RoundSummary {
        var simulation = BufferSimulation(
            federation: self, round: round, pacing: pacing, sizes: await downloadSizes())
        await simulation.play()
        var summary = simulation.summary()
        state.downloads = simulation.downloads
        if summary.outcome == .committed { state.modelFollows(keep: plan.plan.checkpoint.keep) }
        if summary.outcome == .committed, var mean = combination(of: simulation.buffer, in: round) {
            simulation.scale(&mean)
            let step = plan.serverStep(for: round, making: state.modelVersion.next)
            let norm = step.advance(&state.weights.values, state: &state.optimiser, along: mean)
            summary.updateNorms = simulation.contributions.norms(aggregate: norm)
        }
        state.buffer = simulation.stateAfterStep()
        state.now = simulation.now
        return summary
    }

    /// Notes who was invited to a round and what came of it, if anybody will ask.
    private mutating func noteParticipation(
        in round: RoundNumber, _ cohort: [ClientID], _ contributions: Contributions
    ) {
        guard state.selection != .none else { return }
        state.selection.roundEnded(
            round, selectionFacts(of: cohort, contributions), selector: plan.strategy.selector)
    }

    /// Makes the next model from what the workers gathered; returns the L2 norm of the step.
    private mutating func commit(_ round: RoundNumber, _ contributions: Contributions) -> Double {
        let update =
            plan.privacy == nil ? aggregate(of: round) : released(in: round, contributions, &state.privacy)
        guard var mean = update else { return 0 }
        if !plan.strategy.form.isEmpty { advanceMethod(&state.method, &mean, contributions) }
        let step = plan.serverStep(for: round, making: state.modelVersion.next)
        return step.advance(&state.weights.values, state: &state.optimiser, along: mean)
    }
}
