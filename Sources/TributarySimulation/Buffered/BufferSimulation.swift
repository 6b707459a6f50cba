import TributaryCore
import TributaryMath

/// Clients at work in virtual time until a step is due: plays their fates against the production `BufferMachine`.
///
/// A client trains on the model that was the newest when it began. What it makes of it follows from that alone, so it is
/// worked out, together with what comes next, when it arrives.
struct BufferSimulation<T: Trainer> {
    /// A task and how it ends.
    struct Ending: Comparable, Sendable {
        var instant: Instant
        let task: BufferMachine.Task
        /// Why nothing comes of it; nil if its update arrives.
        var loss: DropCause?
        let fate: Fate.Ending
        let partialWork: LocalSolver.Work?

        /// By time, then by number.
        static func < (left: Ending, right: Ending) -> Bool {
            (left.instant, left.task.number) < (right.instant, right.task.number)
        }
    }

    /// What training gave, while the update is on its way.
    struct Trained: Sendable {
        var outcome: UpdateOutcome
        var update: [Float]
    }

    let federation: Federation<T>
    let round: RoundNumber
    let pacing: BufferedPacing
    /// Which models clients have, if they download differences to them.
    private(set) var downloads: DownloadState?
    private let sizes: DownloadSizes
    private let start: Instant
    private(set) var now: Instant
    private(set) var machine: BufferMachine
    private(set) var endings: [Ending] = []
    private(set) var trained: [UInt64: Trained] = [:]
    private(set) var buffer: [GatheredUpdates.Kept] = []
    private(set) var contributions = Contributions()
    private var participation = RoundSummary.Participation()
    private var traffic = RoundSummary.Traffic()
    private var stalenesses: [Int] = []
    /// Σ w s(τ) and Σ w over the buffer.
    private var (scaledWeight, weight) = (0.0, 0.0)
    private var isAbandoned = false

    init(federation: Federation<T>, round: RoundNumber, pacing: BufferedPacing, sizes: DownloadSizes) {
        self.federation = federation
        (self.round, self.pacing, self.sizes) = (round, pacing, sizes)
        downloads = federation.state.downloads
        start = federation.state.now
        now = start
        let state = federation.state.buffer ?? BufferState()
        machine = BufferMachine(
            limits: BufferMachine.Limits(
                concurrency: federation.plan.goal, goal: pacing.goal, stalenessLimit: pacing.stalenessLimit),
            version: federation.state.modelVersion, tasks: state.tasks, lastNumber: state.lastTask)
    }

    /// Tasks that may end without filling the buffer before the step is given up.
    private var patience: Int { 1000 + 100 * (pacing.goal + federation.plan.goal) }

    /// Plays until a step is due, or is given up because nobody delivers.
    mutating func play() async {
        endings = machine.tasks.map { ending(of: $0) }.sorted()
        fillPlaces()
        for _ in 0..<patience where !machine.isStepDue {
            guard !endings.isEmpty else { break }
            let ending = endings.removeFirst()
            now = max(now, ending.instant)
            await happen(ending)
            // Who begins at an instant begins after all that happens at it.
            if !machine.isStepDue, endings.first?.instant != now { fillPlaces() }
        }
        guard !machine.isStepDue else { return machine.stepped() }
        isAbandoned = true
        machine.abandoned()
        // Where nobody could be asked at all, time goes by nevertheless.
        if now == start { now = start.advanced(by: federation.plan.plan.cohort.deadline) }
    }

    // --- Who works ---

    /// Has clients begin until all places are taken or nobody is free.
    private mutating func fillPlaces() {
        let selector = CohortSelector(
            selection: .uniform, populationSize: federation.plan.populationSize, inviteCount: 1)
        let population = federation.population
        // Clients without data, and numbers that nobody is there for, cost a try each.
        var tries = 100 + 10 * machine.freePlaces
        while machine.freePlaces > 0, machine.tasks.count < federation.plan.populationSize, tries > 0 {
            tries -= 1
            let number = machine.offer()
            let machine = machine
            let chosen = selector.cohort(seed: federation.seed.derived("task", number)) {
                !machine.isWorking($0) && population.isAvailable($0, in: RoundNumber(Int(number)))
            }
            guard let client = chosen.first else { continue }
            begin(client)
        }
    }

    private mutating func begin(_ client: ClientID) {
        participation.invited += 1
        guard federation.trainer.exampleCount(of: client) > 0 else {
            participation.dropped[.noData, default: 0] += 1
            return
        }
        let byteCount = sizes.byteCount(having: downloads?.held[client])
        downloads?.began(client, byteCount)
        let task = machine.began(client, at: now)
        let ending = ending(of: task)
        if ending.fate != .beforeTraining {
            traffic.bytesDown += bytesDown(to: client)
            downloads?.received([client], task.version)
        }
        let place = endings.firstIndex { ending < $0 } ?? endings.endIndex
        endings.insert(ending, at: place)
    }

    /// How a task ends: it follows from who does it, its number and when it began.
    private func ending(of task: BufferMachine.Task) -> Ending {
        let (population, client, number) = (federation.population, task.client, RoundNumber(Int(task.number)))
        let solver = solver(of: task)
        let fate = population.fate(of: client, in: number)
        let timeline = InvitationTimeline(
            profile: population.profile(of: client), start: task.startedAt,
            exampleVisits: solver.exampleVisits(shardSize: federation.trainer.exampleCount(of: client)),
            bytesDown: bytesDown(to: client), bytesUp: federation.updateBytes)
        let part = population.part(of: solver.work, for: client, in: number)
        func at(_ begin: Instant, _ end: Instant) -> Instant {
            InvitationTimeline.instant(fate.progress, from: begin, to: end)
        }
        var ending = Ending(instant: timeline.trained, task: task, loss: nil, fate: fate.ending, partialWork: part)
        switch fate.ending {
        case .delivers, .sendsGarbage, .sendsNotFinite:
            if part != nil, !federation.plan.strategy.keepsPartialWork {
                ending.loss = .late
            } else {
                ending.instant = timeline.trained.advanced(by: timeline.uploadTime)
            }
        case .beforeTraining: (ending.loss, ending.instant) = (.beforeTraining, at(task.startedAt, timeline.downloaded))
        case .duringTraining:
            (ending.loss, ending.instant) = (.duringTraining, at(timeline.downloaded, timeline.trained))
        case .beforeUpload: ending.loss = .beforeUpload
        case .stalls:
            let silent = at(timeline.downloaded, timeline.trained)
            (ending.loss, ending.instant) = (.stalled, silent.advanced(by: federation.plan.plan.cohort.lease))
        }
        // Whoever takes longer than a round may take is not waited for.
        let limit = task.startedAt.advanced(by: federation.plan.plan.cohort.deadline)
        if ending.instant > limit { (ending.instant, ending.loss) = (limit, ending.loss ?? .late) }
        return ending
    }

    /// The learning rate is that of the step that the task's model was made for.
    private func solver(of task: BufferMachine.Task) -> LocalSolver {
        federation.plan.solver(for: RoundNumber(task.version.rawValue + 1), figures: [])
    }

    /// What a client that is at work was sent when it began.
    private func bytesDown(to client: ClientID) -> Int { downloads?.underWay[client] ?? sizes.whole }

    // --- What comes of it ---

    private mutating func happen(_ ending: Ending) async {
        downloads?.ended(ending.task.client)
        if let loss = ending.loss {
            machine.lost(ending.task)
            participation.dropped[loss, default: 0] += 1
            return
        }
        traffic.bytesUp += federation.updateBytes
        if trained[ending.task.number] == nil { await train(from: ending) }
        guard let result = trained.removeValue(forKey: ending.task.number) else {
            preconditionFailure("an update that arrived was not trained")
        }
        switch machine.arrived(ending.task) {
        case .discard: participation.dropped[.stale, default: 0] += 1
        case .fold(let staleness): fold(result, of: ending.task, staleness)
        }
    }

    /// Trains what arrives now, together with the next arrivals that the buffer has room for.
    private mutating func train(from first: Ending) async {
        var wave = [first]
        let room = pacing.goal - machine.bufferedCount
        for ending in endings where wave.count < room && ending.loss == nil && trained[ending.task.number] == nil {
            wave.append(ending)
        }
        let work = wave.map { ending in
            (
                training: ClientTraining(
                    federation, round: RoundNumber(Int(ending.task.number)), solver: solver(of: ending.task),
                    global: model(ending.task.version)),
                order: ClientTraining<T>.Order(
                    client: ending.task.client, ending: ending.fate, partialWork: ending.partialWork)
            )
        }
        let results = await federation.pool.map(work.count) { index, slot in
            let made = work[index].training.make(work[index].order, on: slot)
            return Trained(outcome: made.outcome, update: slot.weights)
        }
        for (ending, result) in zip(wave, results) { trained[ending.task.number] = result }
    }

    private func model(_ version: ModelVersion) -> [Float] {
        version == federation.state.modelVersion
            ? federation.state.weights.values : federation.state.buffer?.models[version] ?? []
    }

    private mutating func fold(_ result: Trained, of task: BufferMachine.Task, _ staleness: Int) {
        switch result.outcome {
        case .refused(let refusal): participation.dropped[refusal.dropCause, default: 0] += 1
        case .folded(var entry):
            let scale = pacing.weight(staleness)
            let bound = Float(federation.plan.plan.server.updateBound)
            var update = result.update
            if let refusal = GatheredUpdates.refusal(
                of: update, weight: entry.weight, parameterCount: federation.trainer.layout.count, bound: bound)
            {
                participation.dropped[refusal.dropCause, default: 0] += 1
                return
            }
            switch pacing.use {
            case .mean: Self.scale(&update, by: scale)
            case .mixing(let alpha): mix(&update, of: model(task.version), share: alpha * scale)
            }
            if let encoded = entry.encoded { traffic.bytesUp += encoded.byteCount - federation.updateBytes }
            if case .mixing = pacing.use { entry.weight = 1 }
            buffer.append(GatheredUpdates.Kept(client: entry.client, values: update, weight: entry.weight))
            weight += Double(entry.weight)
            scaledWeight += Double(entry.weight) * scale
            stalenesses.append(staleness)
            contributions.add(entry)
            participation.reported += 1
            machine.folded()
        }
    }

    /// s(τ) Δ, rounded once, as its client would send it.
    private static func scale(_ update: inout [Float], by factor: Double) {
        guard factor != 1 else { return }
        for index in update.indices { update[index] = Float(Double(update[index]) * factor) }
    }

    /// α s(τ) (y − x): the way of the newest model to the client's.
    private func mix(_ update: inout [Float], of base: [Float], share: Double) {
        let newest = federation.state.weights.values
        let bound = federation.plan.plan.server.updateBound
        for index in update.indices {
            let way = share * (Double(base[index]) + Double(update[index]) - Double(newest[index]))
            update[index] = Float(min(max(way, -bound), bound))
        }
    }

    // --- What is left ---

    /// The mean of the buffer as the step takes it.
    func scale(_ mean: inout [Double]) {
        guard case .mean(isNormalised: true) = pacing.use, scaledWeight > 0 else { return }
        let factor = weight / scaledWeight
        for index in mean.indices { mean[index] *= factor }
    }

    /// The step as reports show it.
    mutating func summary() -> RoundSummary {
        var summary = RoundSummary(
            round: round, outcome: isAbandoned ? .abandoned : .committed, modelVersion: federation.state.modelVersion,
            learningRate: federation.plan.solver(for: round, figures: []).learningRate)
        contributions.close()
        summary.trainLoss = contributions.meanLoss
        summary.encodingError = contributions.meanEncodingError
        if let largest = stalenesses.max() {
            let mean = Double(stalenesses.reduce(0, +)) / Double(stalenesses.count)
            summary.staleness = RoundSummary.Staleness(mean: mean, largest: largest)
        }
        (summary.participation, summary.traffic) = (participation, traffic)
        summary.timing.virtualSeconds = start.duration(to: now).inSeconds
        summary.timing.virtualElapsed = now.sinceStart.inSeconds
        return summary
    }

    /// What there is to keep until the next step is played.
    func stateAfterStep() -> BufferState {
        var state = BufferState()
        (state.tasks, state.lastTask) = (machine.tasks, machine.lastNumber)
        // Those at work on what was the newest model keep it, now that there is a newer one.
        for version in Set(machine.tasks.map(\.version)) where version < machine.version {
            state.models[version] = model(version)
        }
        return state
    }
}
