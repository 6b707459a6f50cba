import TributaryCore
import TributaryMath

/// One round in virtual time: plays invited clients' fates against the production `RoundMachine`.
///
/// Training is needed only of clients whose updates the round admits, so it is done in waves: when an update arrives,
/// those of the next arrivals that the round still has places for are trained together on all workers. An update
/// that proves unusable frees its place, and another wave follows.
struct RoundSimulation<T: Trainer> {
    let federation: Federation<T>
    let round: RoundNumber
    let solver: LocalSolver
    let form: MethodForm
    let downloads: DownloadSizes
    /// Who was sent the model, if anybody will ask.
    var receivers: [ClientID] = []
    private(set) var now: Instant
    var traffic = RoundSummary.Traffic()
    /// What takes energy, if it is counted.
    var uses: [EnergyUse] = []
    let countsEnergy: Bool
    var contributions = Contributions()
    var machine: RoundMachine

    /// The invited clients in ascending order. Whatever is kept of a client is kept by its place here.
    let cohort: [ClientID]
    let start: Instant
    let deadline: Instant
    /// All that will happen, in order: everything is known when the invitations are out.
    private(set) var events: [RoundEvent] = []
    /// The first event that has not happened yet.
    private(set) var nextEvent = 0
    var members: [Member]

    /// What is known of one invited client.
    struct Member: Sendable {
        var ending = Fate.Ending.delivers
        /// The part of its work that it has time for; nil for all of it.
        var partialWork: LocalSolver.Work?
        /// Whether its update was trained, so that a repetition is not trained again.
        var isTrained = false
        /// How long its update takes to arrive.
        var uploadTime = Duration.zero
        /// What training gave, while the update is still on its way.
        var outcome: UpdateOutcome?
    }

    init(
        federation: Federation<T>, round: RoundNumber, start: Instant, invitations: Invitations,
        downloads: DownloadSizes
    ) {
        self.federation = federation
        self.round = round
        self.downloads = downloads
        solver = federation.plan.solver(for: round, figures: federation.state.method.figures)
        form = federation.plan.strategy.method.form
        (self.start, now) = (start, start)
        countsEnergy = federation.energy != nil
        let plan = federation.plan
        cohort = invitations.cohort
        members = [Member](repeating: Member(), count: cohort.count)
        machine = RoundMachine(round: round, limits: plan.limits(invited: cohort.count))
        deadline = start.advanced(by: plan.plan.cohort.deadline)
        noteAsked(invitations.asked)
    }

    /// Plays the round until it is to be committed or is abandoned.
    mutating func play() async {
        var progress = machine.cohortSelected(cohort, at: now)
        guard progress == .wait else { return }
        prepareWorkers()
        events.reserveCapacity(cohort.count + 1)
        events.append(RoundEvent(instant: deadline, place: .max, kind: .deadline))
        for place in cohort.indices where progress == .wait { progress = invite(place) }
        events.sort()
        while progress == .wait, nextEvent < events.count {
            let event = events[nextEvent]
            nextEvent += 1
            now = event.instant
            progress = await happen(event)
        }
    }

    /// Plays what happens to a client until its fate is sealed, and notes when the coordinator will learn of it.
    private mutating func invite(_ place: Int) -> RoundMachine.Progress {
        let client = cohort[place]
        let exampleCount = federation.trainer.exampleCount(of: client)
        var device = ClientMachine(patience: Self.patience)
        guard case .train = device.invited(to: round, exampleCount: exampleCount) else {
            return machine.clientLost(client, cause: .noData)
        }
        let population = federation.population
        var fate = population.fate(of: client, in: round)
        let timeline = InvitationTimeline(
            profile: population.profile(of: client), start: now,
            exampleVisits: federation.plan.strategy.exampleVisits(solver, shardSize: exampleCount),
            bytesDown: bytesDown(to: client), bytesUp: bytesUp)
        if fate.ending != .beforeTraining { noteDownload(to: client) }
        members[place].uploadTime = timeline.uploadTime
        noteWork(of: place, timeline, fate)
        // It gets through a part of its work in the time that all of it would have taken.
        members[place].partialWork = population.part(of: solver.work, for: client, in: round)
        let isLost = members[place].partialWork != nil && !federation.plan.strategy.keepsPartialWork
        switch fate.ending {
        case .sendsGarbage, .sendsNotFinite, .delivers:
            if isLost {
                lose(place, .late, at: timeline.trained)
            } else {
                upload(place, with: &device, timeline, &fate)
            }
        case .beforeTraining:
            lose(
                place, .beforeTraining,
                at: InvitationTimeline.instant(fate.progress, from: now, to: timeline.downloaded))
        case .duringTraining:
            lose(
                place, .duringTraining,
                at: InvitationTimeline.instant(fate.progress, from: timeline.downloaded, to: timeline.trained))
        case .beforeUpload:
            lose(place, .beforeUpload, at: timeline.trained)
        case .stalls:
            fallSilent(
                place, at: InvitationTimeline.instant(fate.progress, from: timeline.downloaded, to: timeline.trained))
        }
        members[place].ending = fate.ending
        return .wait
    }

    private static var patience: ClientMachine.Patience {
        var patience = ClientMachine.Patience()
        patience.answerTimeout = .seconds(5)
        return patience
    }

    /// The model, or its difference to what the client has.
    func modelBytes(to client: ClientID) -> Int {
        downloads.byteCount(having: federation.state.downloads?.held[client])
    }
    /// The same, and what the method sends beside it.
    func bytesDown(to client: ClientID) -> Int {
        modelBytes(to: client) + federation.modelBytes * form.sentCount
    }
    private var bytesUp: Int {
        let figures = form.figures.count * MemoryLayout<Double>.size
        return federation.updateBytes + federation.modelBytes * form.messages.count + figures
    }

    private mutating func lose(_ place: Int, _ cause: DropCause, at instant: Instant) {
        events.append(RoundEvent(instant: instant, place: place, kind: .lost(cause)))
    }

    /// A silent client's heartbeats end; the coordinator notices when the lease that the last one renewed runs out.
    private mutating func fallSilent(_ place: Int, at instant: Instant) {
        let lease = machine.limits.lease
        let interval = lease / 3
        let beats = (now.duration(to: instant).inSeconds / max(interval.inSeconds, 1e-9)).rounded(.down)
        let last = now.advanced(by: interval * Int(min(beats, 1e9)))
        events.append(RoundEvent(instant: last, place: place, kind: .lastHeartbeat))
        events.append(RoundEvent(instant: last.advanced(by: lease), place: place, kind: .leaseEnds))
    }

    private mutating func upload(
        _ place: Int, with device: inout ClientMachine, _ timeline: InvitationTimeline, _ fate: inout Fate
    ) {
        guard case .upload(let start, let answerBy) = device.trained(for: round, at: timeline.trained) else { return }
        let arrival = start.advanced(by: timeline.uploadTime)
        events.append(RoundEvent(instant: arrival, place: place, kind: .updateArrives))
        noteSending(of: place, from: start, to: arrival)
        guard fate.isRepeated else { return }
        let silence = max(answerBy, arrival)
        if case .upload(let again, _) = device.answerTimedOut(for: round, at: silence, stream: &fate.stream) {
            let repetition = again.advanced(by: timeline.uploadTime)
            events.append(RoundEvent(instant: repetition, place: place, kind: .updateArrives))
            noteSending(of: place, from: again, to: repetition)
        }
    }

    private mutating func happen(_ event: RoundEvent) async -> RoundMachine.Progress {
        switch event.kind {
        case .updateArrives:
            return await receive(from: event.place)
        case .lost(let cause):
            return machine.clientLost(cohort[event.place], cause: cause)
        case .lastHeartbeat:
            machine.heartbeatReceived(from: cohort[event.place], at: now)
            return .wait
        case .leaseEnds:
            return machine.leaseChecked(of: cohort[event.place], at: now)
        case .deadline:
            return machine.deadlineChecked(at: now)
        }
    }

    private mutating func receive(from place: Int) async -> RoundMachine.Progress {
        let client = cohort[place]
        noteArrival(of: place, bytes: bytesUp)
        let places = machine.openPlaces
        guard machine.updateArrived(from: client, at: now) == .fold else { return .wait }
        if !members[place].isTrained { await trainWave(from: place, openPlaces: places) }
        switch members[place].outcome.take() {
        case .folded(var entry)?:
            if let encoded = entry.encoded { noteArrival(of: place, bytes: encoded.byteCount - federation.updateBytes) }
            entry.seconds = start.duration(to: now).inSeconds
            contributions.add(entry)
            return machine.updateFolded(from: client)
        case .refused(let refusal)?:
            return machine.updateRefused(from: client, because: refusal, at: now)
        case nil:
            preconditionFailure("an admitted update was not trained")
        }
    }
}
