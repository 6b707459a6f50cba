import TributaryCore
import TributaryMath

/// A coordinator's machine with everything around it played: disk, clients, calls, crashes, in virtual time from one seed.
///
/// What is checked, is checked at every step against what the disk holds, which the machine cannot see.
struct CoordinatorWorld {
    struct Faults {
        var crash = 0.0
        var storageFailure = 0.0
        var lostAnswer = 0.0
        var silentClient = 0.0
        var badUpdate = 0.0
        var failedTask = 0.0
    }

    enum Event {
        case act(CoordinatorAction, epoch: Int)
        case poll(ClientID)
        case submit(ClientID, TaskDescription)
        case heartbeat(ClientID, TaskID)
        case watch(UInt64)
        case time
    }

    private(set) var machine: CoordinatorMachine
    private(set) var ledger = LedgerContents()
    private(set) var now = Instant(sinceStart: .seconds(1000))
    private(set) var violations: [String] = []
    private(set) var crashes = 0
    private var stream: RandomStream
    private var faults: Faults
    private var queue: [(instant: Instant, order: Int, event: Event)] = []
    private var order = 0
    /// Crashes so far: what was begun before the last one is lost.
    private var epoch = 0
    private var nextCall: UInt64 = 0
    private var calls: [CallID: Call] = [:]
    private(set) var accepted: Set<Contribution> = []
    private(set) var published: [RoundEndRow] = []
    private var nextTime: Instant?
    /// What the plan names.
    let optimiser: any ServerOptimiser
    private var lastShown: Shown?
    let settings: CoordinatorMachine.Settings

    struct Contribution: Hashable {
        var task: TaskID
        var client: ClientID
    }

    struct Shown: Equatable {
        var row: RunRow
        var round: RoundNumber?
    }

    enum Call {
        case poll(ClientID)
        case submit(ClientID, TaskDescription)
        case register(ClientID)
        case watch
        case other
    }

    init(
        seed: UInt64, clients: Int, plan: Plan, faults: Faults = Faults(),
        _ change: (inout CoordinatorMachine.Settings) -> Void = { _ in }
    ) {
        stream = Seed(seed).derived("coordinator-world").stream()
        self.faults = Faults()
        optimiser = (try? Strategy(plan).optimiser) ?? ServerSGD()
        var settings = CoordinatorMachine.Settings()
        change(&settings)
        self.settings = settings
        machine = CoordinatorMachine.recovering(LedgerImage(), settings: settings, at: now).machine
        let row = RunRow(
            id: Self.run, plan: plan.text, target: ClientTarget(), tensors: [TensorShape(name: "w", shape: [4])],
            initialModel: Self.blob(named: 0), createdAt: now)
        perform(machine.creating(row, call: call(.other), at: now))
        for index in 0..<clients {
            let client = ClientID(UInt64(index * 7919 + 13))
            let registration = CoordinatorMachine.Registration(
                id: client, description: ClientDescription(name: "c\(index)"), key: Self.digest(client.rawValue),
                credential: Self.digest(client.rawValue + 1))
            perform(machine.registering(registration, call: call(.register(client)), at: now))
        }
        while hasWork, let event = takeNext() { happen(event) }
        schedule(.watch(0), after: 0)
        self.faults = faults
    }

    static let run = RunID(rawValue: "world") ?? { preconditionFailure("a name that is not one") }()

    /// Plays until the run is over, or for the given virtual time.
    mutating func play(for duration: Duration) {
        let end = now.advanced(by: duration)
        while now < end, !isOver || hasWork, let event = takeNext() { happen(event) }
    }

    private var hasWork: Bool {
        queue.contains { if case .act = $0.event { true } else { false } }
    }

    var isOver: Bool {
        let activity = machine.status(of: Self.run, at: now)?.activity
        return activity == .completed || activity == .stopped
    }

    enum Order { case pause, resume, stop }

    /// What an operator says.
    mutating func order(_ order: Order) {
        switch order {
        case .pause: perform(machine.pausing(Self.run, call: call(.other), at: now))
        case .resume: perform(machine.resuming(Self.run, call: call(.other), at: now))
        case .stop: perform(machine.stopping(Self.run, call: call(.other), at: now))
        }
    }

    /// From now on nothing goes wrong any more.
    mutating func heal() { faults = Faults() }

    // MARK: What happens

    private mutating func happen(_ event: Event) {
        switch event {
        case .act(let action, let begun):
            guard begun == epoch else { return }
            if stream.bernoulli(faults.crash) { return crash() }
            act(action)
        case .poll(let client):
            let wait = Duration.seconds(stream.uniform() * 20)
            perform(machine.polled(by: client, waiting: wait, call: call(.poll(client)), at: now))
        case .submit(let client, let task):
            submit(task, by: client)
        case .heartbeat(let client, let task):
            _ = machine.heartbeat(from: client, task: task, at: now)
        case .watch(let revision):
            let call = call(.watch)
            perform(machine.watching(Self.run, known: revision, waiting: .seconds(25), call: call, at: now))
        case .time:
            nextTime = nil
            perform(machine.timeAdvanced(to: now))
        }
        checkBounds()
    }

    private mutating func submit(_ task: TaskDescription, by client: ClientID) {
        if stream.bernoulli(faults.failedTask) {
            perform(machine.gaveBack(task.id, by: client, cause: .failed, call: call(.poll(client)), at: now))
            return
        }
        let result: TaskResult
        if task.id.kind == .train {
            let count = stream.bernoulli(faults.badUpdate) ? 0 : 1 + Int(client.rawValue % 50)
            let blob = Self.blob(named: Self.name(task.id, client))
            result = .trained(
                TrainedUpdate(
                    blob: blob, outcome: TrainingOutcome(exampleCount: count, stepCount: 1, meanLoss: 0.5)))
        } else {
            result = .evaluated(
                Evaluation(exampleCount: 10, lossSum: 1, correctCount: Int(client.rawValue % 10)), metrics: [:])
        }
        perform(machine.submitted(result, for: task.id, by: client, call: call(.submit(client, task)), at: now))
    }

    private mutating func act(_ action: CoordinatorAction) {
        switch action {
        case .persist(let batch, let token): persist(batch, token)
        case .answer(let call, let answer): receive(answer, of: call)
        case .check(let check):
            let isBad = stream.bernoulli(faults.badUpdate)
            perform(machine.updateChecked(check, isBad ? .refused(.notFinite) : .sound(norm: 1), at: now))
        case .recall(let call, let task, let client):
            let isThere = ledger.contributions(to: task).contains { $0.client == client }
            perform(machine.recalled(call, isThere: isThere))
        case .makeModel(let order):
            checkOrder(order)
            let made = ModelResult.made(Self.model(from: order), state: Self.state(from: order), stepNorm: 1)
            let result = stream.bernoulli(faults.storageFailure) ? ModelResult.failed("no room") : made
            perform(machine.modelMade(result, for: order.run, order.round, at: now))
        case .score(let run, let round, _):
            perform(machine.scored(nil, for: run, round, at: now))
        case .publish(_, let end): published.append(end)
        case .discard(let digests):
            for digest in digests where isNeeded(digest) { violations.append("a blob in use was removed") }
            machine.discarded(digests)
        case .prune(let run, let round): while ledger.prune(run, before: round, limit: 3) == 3 {}
        case .publishStatus, .discardUploads, .note: break
        }
    }

    private mutating func persist(_ batch: [LedgerEntry], _ token: PersistToken) {
        if stream.bernoulli(faults.storageFailure) {
            return perform(machine.persistFailed(token, "no room", at: now))
        }
        do {
            try ledger.apply(batch)
        } catch {
            violations.append("\(error.task) of \(error.client) was recorded twice")
        }
        // The machine may die after the disk has the batch and before it hears of it.
        if stream.bernoulli(faults.crash) { return crash() }
        perform(machine.persisted(token, at: now))
    }

    private mutating func receive(_ answer: CoordinatorAnswer, of call: CallID) {
        guard let kind = calls.removeValue(forKey: call) else {
            return violations.append("a call was answered twice")
        }
        checkPromise(answer, kind)
        switch (kind, answer) {
        case (.register(let client), _): schedule(.poll(client), after: stream.uniform())
        case (.poll(let client), .task(let task)): work(client, on: task)
        case (.poll(let client), .noTask(let retry)): schedule(.poll(client), after: pick(retry))
        case (.poll(let client), _): schedule(.poll(client), after: 1)
        case (.submit(let client, let task), .receipt):
            if stream.bernoulli(faults.lostAnswer) { return schedule(.submit(client, task), after: 1) }
            schedule(.poll(client), after: 0)
        case (.submit(let client, let task), _): schedule(.submit(client, task), after: 1 + stream.uniform())
        case (.watch, .run(let status)): schedule(.watch(status.revision), after: 0.01)
        case (.watch, _), (.other, _): break
        }
    }

    private mutating func work(_ client: ClientID, on task: TaskDescription) {
        if stream.bernoulli(faults.silentClient) { return schedule(.poll(client), after: 200) }
        let time = stream.uniform() * 30
        if time > 10 { schedule(.heartbeat(client, task.id), after: 10) }
        schedule(.submit(client, task), after: time)
    }

    /// The coordinator dies: what was not on disk is lost, and so are calls; clients come back by themselves.
    private mutating func crash() {
        epoch += 1
        crashes += 1
        let lost = calls
        calls = [:]
        nextTime = nil
        queue.removeAll { if case .time = $0.event { true } else { false } }
        let (recovered, actions) = CoordinatorMachine.recovering(ledger.image, settings: settings, at: now)
        machine = recovered
        perform(actions)
        for call in lost.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            switch call.value {
            case .poll(let client), .register(let client): schedule(.poll(client), after: stream.uniform() * 5)
            case .submit(let client, let task): schedule(.submit(client, task), after: stream.uniform() * 5)
            case .watch: schedule(.watch(0), after: stream.uniform() * 5)
            case .other: break
            }
        }
    }

    // MARK: What must hold

    private mutating func checkPromise(_ answer: CoordinatorAnswer, _ call: Call) {
        guard case .submit(let client, let task) = call, case .receipt(.accepted, _, _) = answer else { return }
        let isTrained = ledger.contributions(to: task.id).contains { $0.client == client }
        let isScored = ledger.evaluations(of: task.id).contains { $0.client == client }
        if !isTrained, !isScored { violations.append("\(task.id) of \(client) was accepted and is not on disk") }
        accepted.insert(Contribution(task: task.id, client: client))
    }

    private mutating func checkOrder(_ order: ModelOrder) {
        let id = TaskID(run: order.run, round: order.round, kind: .train)
        if order.contributions != ledger.contributions(to: id) {
            violations.append("\(id) is made of other contributions than were recorded")
        }
        guard let row = ledger.round(id) else { return violations.append("\(id) was never opened") }
        if order.contributions.count < row.quorum || order.contributions.count > row.goal {
            violations.append("\(id) commits \(order.contributions.count) contributions")
        }
        if order.base != row.model { violations.append("\(id) goes on from another model than its clients") }
        let last = ledger.rounds(of: order.run).last { $0.summary.round < order.round }
        if order.state != last?.optimiserState?.vectors.map(\.blob) ?? [] {
            violations.append("\(id) goes on from another state than the round before left")
        }
        if order.step.context.number != row.modelVersion.next.rawValue {
            violations.append("\(id) is step \(order.step.context.number) and makes \(row.modelVersion.next)")
        }
    }

    private func isNeeded(_ digest: BlobDigest) -> Bool {
        ledger.image.runs.contains { run in
            run.row.initialModel.digest == digest || run.lastEnd?.blobs.contains { $0.digest == digest } == true
                || run.contributions.contains { $0.update.blob.digest == digest }
        }
    }

    private mutating func checkBounds() {
        if calls.count > 4096 { violations.append("calls pile up") }
        guard let status = machine.status(of: Self.run, at: now) else { return }
        if status.contributionCount > status.invitedCount { violations.append("more contributions than clients") }
        checkShown(status)
    }

    /// What an operator may see of a run is on disk, so that no crash takes it back.
    private mutating func checkShown(_ status: RunStatus) {
        let shown = Shown(row: status.row, round: status.lastRound?.round)
        guard shown != lastShown else { return }
        lastShown = shown
        let disk = ledger.image.runs.first
        if status.row != disk?.row { violations.append("an operator sees \(status.row.status) before it is on disk") }
        if let round = shown.round, round != disk?.lastEnd?.summary.round {
            violations.append("an operator sees the end of \(round) before it is on disk")
        }
    }

    // MARK: Time

    private mutating func perform(_ actions: [CoordinatorAction]) {
        for action in actions { schedule(.act(action, epoch: epoch), after: stream.uniform() * 0.02) }
        guard let next = machine.nextDeadline, nextTime.map({ next < $0 }) ?? true else { return }
        nextTime = next
        schedule(.time, after: max(0, now.duration(to: next).inSeconds))
    }

    private mutating func schedule(_ event: Event, after seconds: Double) {
        order += 1
        let instant = now.advanced(by: .seconds(seconds))
        let place = queue.partition(before: (instant, order))
        queue.insert((instant, order, event), at: place)
    }

    private mutating func takeNext() -> Event? {
        guard !queue.isEmpty else { return nil }
        let next = queue.removeFirst()
        now = max(now, next.instant)
        return next.event
    }

    private mutating func call(_ kind: Call) -> CallID {
        nextCall += 1
        let id = CallID(rawValue: nextCall)
        calls[id] = kind
        return id
    }

    private mutating func pick(_ window: RetryWindow) -> Double {
        window.earliest.inSeconds + stream.uniform() * (window.latest.inSeconds - window.earliest.inSeconds)
    }

    // MARK: Names

    static func digest(_ number: UInt64) -> BlobDigest {
        var stream = Seed(number).derived("digest").stream()
        let bytes = (0..<32).map { _ in UInt8(truncatingIfNeeded: stream.next()) }
        return BlobDigest(bytes: bytes) ?? { preconditionFailure("32 bytes are a digest") }()
    }

    static func blob(named number: UInt64) -> TensorBlob {
        TensorBlob(digest: digest(number), byteCount: 16, encoding: .float32)
    }

    /// The same client's update of the same round has the same bytes.
    static func name(_ task: TaskID, _ client: ClientID) -> UInt64 {
        Seed(client.rawValue).derived("update", UInt64(task.round.rawValue)).rawValue
    }

    /// A stand-in for the fold: it depends on the base and on every contribution.
    static func model(from order: ModelOrder) -> TensorBlob { blob(from: order, 0) }

    /// A stand-in for what the optimiser keeps.
    static func state(from order: ModelOrder) -> [TensorBlob] {
        order.step.optimiser.stateForm.vectors.indices.map { blob(from: order, 1 + UInt64($0)) }
    }

    private static func blob(from order: ModelOrder, _ vector: UInt64) -> TensorBlob {
        var seed = Seed(vector)
        for digest in [order.base.digest] + order.state.map(\.digest) + order.contributions.map(\.update.blob.digest) {
            for byte in digest.bytes { seed = seed.derived("byte", UInt64(byte)) }
        }
        return blob(named: seed.rawValue)
    }
}

extension [(instant: Instant, order: Int, event: CoordinatorWorld.Event)] {
    /// Where an event belongs, by instant and then by order.
    fileprivate func partition(before key: (Instant, Int)) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if (self[middle].instant, self[middle].order) < key { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
