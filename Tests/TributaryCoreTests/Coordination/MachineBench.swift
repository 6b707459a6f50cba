import TributaryCore

/// A coordinator's machine on a bench: what it wants written is on disk at once, what it wants made is made, in the order
/// in which it is wanted. A test says what happens besides, and sees what came of it.
struct MachineBench {
    private(set) var machine: CoordinatorMachine
    private(set) var ledger = LedgerContents()
    private(set) var answers: [CallID: CoordinatorAnswer] = [:]
    /// What was to be done and has no answer.
    private(set) var done: [CoordinatorAction] = []
    /// Batches whose end is not told before a test does so.
    private(set) var held: [(batch: [LedgerEntry], token: PersistToken)] = []
    var now = Instant(sinceStart: .seconds(1000))
    /// Whether models cannot be made, as what they start from is damaged.
    var fails = false
    /// What is found when a model is examined in the store.
    var condition = ModelCondition.whole
    /// Whether that takes until a test says that it is found.
    var holdsExaminations = false
    private var examined: (model: TensorBlob, run: RunID)?
    /// Whether models take until a test says that they are made.
    var holdsModels = false
    /// The models that were to be made.
    private(set) var orders: [ModelOrder] = []
    /// Whether clients say that they measure losses.
    var measuresLoss = false
    /// Which batches are held.
    var holds: ([LedgerEntry]) -> Bool = { _ in false }
    private var nextCall: UInt64 = 0

    static let run = CoordinatorWorld.run

    /// A coordinator without runs and clients.
    init(_ change: (inout CoordinatorMachine.Settings) -> Void = { _ in }) {
        var settings = CoordinatorMachine.Settings()
        change(&settings)
        machine = CoordinatorMachine.recovering(LedgerImage(), settings: settings, at: now).machine
    }

    /// A coordinator that starts with what its ledger holds.
    init(_ ledger: LedgerContents) {
        self.init()
        self.ledger = ledger
        restart()
    }

    /// A run that as many clients take part in, and the clients, which wait for its tasks.
    ///
    /// - Parameters:
    ///   - carbonTrace: the table of carbon intensities that comes with the run.
    ///   - energy: what the clients say of their electricity, in their order; nothing of those who are not in it.
    mutating func begin(
        clients: Int, carbonTrace: String? = nil, energy: [EnergyStatement] = [],
        _ change: (inout Plan) -> Void = { _ in }
    ) -> [ClientID] {
        var plan = Plan()
        (plan.cohort.selection, plan.cohort.quorum, plan.live.minClients) = (.all, .count(1), clients)
        plan.cohort.fraction = nil
        change(&plan)
        var row = RunRow(
            id: Self.run, plan: plan.text, target: ClientTarget(), tensors: [TensorShape(name: "w", shape: [4])],
            initialModel: CoordinatorWorld.blob(named: 0), createdAt: now)
        row.carbonTrace = carbonTrace
        let created = row
        tell { $0.creating(created, noiseKey: CoordinatorWorld.noiseKey, call: $1, at: $2) }
        let ids = (1...UInt64(clients)).map { ClientID($0) }
        for id in ids {
            let registration = CoordinatorMachine.Registration(
                id: id, description: ClientDescription(name: "\(id.rawValue)"),
                key: CoordinatorWorld.digest(id.rawValue),
                credential: CoordinatorWorld.digest(id.rawValue))
            tell { $0.registering(registration, call: $1, at: $2) }
        }
        for (place, id) in ids.enumerated() { poll(id, place < energy.count ? energy[place] : EnergyStatement()) }
        return ids
    }

    /// Tells a fact and does what follows, within the moment after which a round is tried to be opened again; the answer to
    /// its call, if it has come.
    @discardableResult
    mutating func tell(
        _ fact: (inout CoordinatorMachine, CallID, Instant) -> [CoordinatorAction]
    ) -> CoordinatorAnswer? {
        nextCall += 1
        let call = CallID(rawValue: nextCall)
        perform(fact(&machine, call, now))
        wait(machine.settings.attemptInterval)
        return answers[call]
    }

    /// A client asks for a task, and waits for it.
    @discardableResult
    mutating func poll(_ client: ClientID, _ energy: EnergyStatement = EnergyStatement()) -> CoordinatorAnswer? {
        let abilities: TaskNeeds = measuresLoss ? .losses : []
        return tell {
            $0.polled(
                by: client, waiting: .seconds(20), abilities: abilities, energy: energy, call: $1, at: $2)
        }
    }

    /// A client says that it is at work; whether its task goes on.
    mutating func heartbeat(by client: ClientID, _ task: TaskID) -> Bool {
        machine.heartbeat(from: client, task: task, at: now).goesOn
    }

    /// A client would upload.
    mutating func upload(_ digest: BlobDigest, by client: ClientID) -> CoordinatorMachine.UploadAnswer {
        let (answer, actions) = machine.uploading(digest, byteCount: 16, by: client)
        perform(actions)
        return answer
    }

    /// A client hands in an update.
    @discardableResult
    mutating func submit(_ digest: BlobDigest, by client: ClientID, round: Int) -> CoordinatorAnswer? {
        let update = TrainedUpdate(
            blob: UpdateBlob(TensorBlob(digest: digest, byteCount: 16, encoding: .float32)),
            outcome: TrainingOutcome(exampleCount: 1, stepCount: 1, meanLoss: 0))
        let task = TaskID(run: Self.run, round: RoundNumber(round), kind: .train)
        return tell { $0.submitted(.trained(update), for: task, by: client, call: $1, at: $2) }
    }

    /// A client scores the model.
    @discardableResult
    mutating func score(by client: ClientID, round: Int) -> CoordinatorAnswer? {
        let task = TaskID(run: Self.run, round: RoundNumber(round), kind: .evaluate)
        let result = TaskResult.evaluated(Evaluation(exampleCount: 1, lossSum: 1, correctCount: 1), metrics: [:])
        return tell { $0.submitted(result, for: task, by: client, call: $1, at: $2) }
    }

    /// Time passes; the machine is told of each of its deadlines.
    mutating func wait(_ duration: Duration) {
        let end = now.advanced(by: duration)
        while let next = machine.nextDeadline, next <= end {
            now = max(now, next)
            perform(machine.timeAdvanced(to: now))
        }
        now = end
    }

    /// How the run is.
    var status: RunStatus? { machine.status(of: Self.run, at: now) }

    /// The rest of a batch's way to disk: of all that were held, or of some.
    mutating func release(_ isMeant: ([LedgerEntry]) -> Bool = { _ in true }) {
        for (batch, token) in takeHeld(isMeant) { write(batch, token) }
    }

    private mutating func takeHeld(
        _ isMeant: ([LedgerEntry]) -> Bool
    ) -> [(batch: [LedgerEntry], token: PersistToken)] {
        let taken = held.filter { isMeant($0.batch) }
        held.removeAll { isMeant($0.batch) }
        return taken
    }

    /// The disk has refused what was held, or some of it.
    mutating func refuse(_ isMeant: ([LedgerEntry]) -> Bool = { _ in true }) {
        for (_, token) in takeHeld(isMeant) { perform(machine.persistFailed(token, "no room", at: now)) }
    }

    /// The coordinator starts anew with what is on disk.
    mutating func restart() {
        (held, holds) = ([], { _ in false })
        let (recovered, actions) = CoordinatorMachine.recovering(ledger.image, settings: machine.settings, at: now)
        machine = recovered
        perform(actions)
    }

    /// Takes what was done since the last time.
    mutating func takeDone() -> [CoordinatorAction] {
        defer { done = [] }
        return done
    }

    mutating func perform(_ actions: [CoordinatorAction]) {
        for action in actions {
            switch action {
            case .persist(let batch, let token):
                if holds(batch) { held.append((batch, token)) } else { write(batch, token) }
            case .answer(let call, let answer): answers[call] = answer
            case .check(let check): perform(machine.updateChecked(check, .sound(norm: 1), at: now))
            case .recall(let call, let task, let client):
                let isThere = ledger.contributions(to: task).contains { $0.client == client }
                perform(machine.recalled(call, isThere: isThere))
            case .makeModel(let order):
                orders.append(order)
                if !holdsModels { make(order) }
            case .examine(let run, let model):
                done.append(action)
                examined = (model, run)
                if !holdsExaminations { finishExamination() }
            case .score(let run, let round, _): perform(machine.scored(nil, for: run, round, at: now))
            case .discard(let digests):
                done.append(action)
                machine.discarded(digests)
            case .prune(let run, let round):
                done.append(action)
                _ = ledger.prune(run, before: round, limit: .max)
            case .publish, .publishStatus, .discardUploads, .note: done.append(action)
            }
        }
    }

    /// What is found of the model that was to be examined last.
    mutating func finishExamination() {
        guard let (model, run) = examined else { return }
        examined = nil
        perform(machine.modelExamined(model, condition, for: run, at: now))
    }

    /// The model of an order is made, or cannot be.
    mutating func make(_ order: ModelOrder) {
        let made = ModelResult.made(
            CoordinatorWorld.model(from: order), state: CoordinatorWorld.state(from: order), stepNorm: 1)
        let result = fails ? ModelResult.damagedBase("the base is gone") : made
        perform(machine.modelMade(result, for: order.run, order.round, at: now))
    }

    private mutating func write(_ batch: [LedgerEntry], _ token: PersistToken) {
        do {
            try ledger.apply(batch)
        } catch {
            preconditionFailure("\(error.task) of \(error.client) was recorded twice")
        }
        perform(machine.persisted(token, at: now))
    }
}
