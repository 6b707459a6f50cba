import TributaryAggregation
import TributaryCore
import TributaryMath
import TributaryStore

/// A coordinator, its disk, its clients, an operator and the network between them, on virtual time in one thread.
///
/// Everything that decides is the product's own: `CoordinatorMachine`, `ClientSession`, `FolderBlobStore`, `ModelMaker`,
/// `UpdateChecker`, `BlobSweep`, `WorkLanes`. What is played is what surrounds them: time, messages, processes that
/// die, and a disk that forgets. All chance comes from one seed, so one number replays everything.
///
/// A world has two phases. In the first, things go wrong and nothing may be *unsafe*. Then it heals: nothing goes wrong
/// any more, everybody is honest, and everything must come to its end.
final class World {
    /// Apart from the heap that orders them, which moves them about.
    indirect enum Event {
        // The network.
        case arrives(Request)
        case replied(Int?, UInt64, generation: Int, Reply)
        case expires(Int, UInt64, generation: Int)
        case piece(Transfer, sent: Int)
        // The coordinator.
        case work(CoordinatorAction, epoch: Int)
        case fact(CoordinatorFact, epoch: Int)
        case flush(epoch: Int)
        case timer(epoch: Int, Nanoseconds)
        case sweep(SweepStep, epoch: Int)
        case coordinatorStarts(epoch: Int)
        // A client.
        case wakes(Int, generation: Int, Nanoseconds)
        case worked(Int, generation: Int, TaskID)
        case beats(Int, generation: Int, TaskID)
        case clientStarts(Int, generation: Int)
        case mischief(Int, Request.Content)
        // Around them.
        case trouble(Trouble)
        case creates(Int)
    }

    let seed: UInt64
    let scenario: Scenario
    /// What goes wrong; nothing after healing.
    var faults: FaultMix
    var stream: RandomStream
    var now: Nanoseconds = .seconds(1_000_000)
    /// What is due at the same instant happens in an order that the seed draws: real machines promise none.
    var events = EventHeap<Nanoseconds, Event>()
    var network: Network
    var coordinator: CoordinatorNode
    var clients: [ClientNode] = []
    /// Requests of the operator that wait for an answer.
    var operations: [UInt64: Request] = [:]
    var nextRequest: UInt64 = 0
    var checks: Checks
    var archive: UpdateArchive
    var coverage = Coverage()
    var counts = FaultCounts()
    var trace = Trace()
    var eventCount = 0
    var hasHealed = false

    init(seed: UInt64, options: TortureOptions) {
        let root = Seed(seed).derived("torture")
        let scenario = Scenario(seed: seed, options: options)
        var faultDraw = root.derived("faults").stream()
        let faults = FaultMix(options.faults, drawnFrom: &faultDraw)
        self.seed = seed
        self.scenario = scenario
        self.faults = faults
        stream = root.derived("world").stream()
        network = Network(faults: faults)
        coordinator = CoordinatorNode(seed: root)
        checks = Checks(
            keepsUpdates: scenario.settings.keepsUpdates, keptRounds: scenario.settings.keptRounds)
        archive = UpdateArchive(seed: root)
        makeClients(root)
        begin()
    }

    private func makeClients(_ root: Seed) {
        for index in 0..<scenario.clientCount {
            var draw = root.derived("nature", UInt64(index)).stream()
            let isStrange = faults.hasStrangers && draw.bernoulli(scenario.strangeShare)
            let nature = isStrange ? Nature.allCases[draw.uniform(below: Nature.allCases.count)] : .honest
            let skew = faults.skew * (2 * draw.uniform() - 1)
            let offset: Nanoseconds = skew < 0 ? -.seconds(-skew) : .seconds(skew)
            clients.append(
                ClientNode(index: index, seed: root, nature: nature, site: index % 2 == 0 ? "a" : "b", offset: offset))
        }
    }

    private func begin() {
        startCoordinator()
        for index in clients.indices {
            schedule(.clientStarts(index, generation: 0), after: .seconds(stream.uniform() * 20))
        }
        for (index, run) in scenario.runs.enumerated() { schedule(.creates(index), after: .seconds(run.beginsAt)) }
        scheduleTroubles()
    }

    // MARK: Time

    /// Notes that something is to happen after so many nanoseconds.
    func schedule(_ event: Event, after delay: Nanoseconds) {
        events.add(event, at: now + max(delay, 0), tie: stream.next())
    }

    /// Makes the next thing happen; false if there is nothing left.
    func step() -> Bool {
        guard let (instant, event) = events.takeFirst() else { return false }
        now = max(now, instant)
        eventCount += 1
        coordinator.disk.advance(to: Instant(sinceStart: .nanoseconds(now)))
        trace.note(UInt64(bitPattern: now))
        happen(event)
        return true
    }

    private func happen(_ event: Event) {
        switch event {
        case .arrives(let request): arrive(request)
        case .replied(let client?, let number, let generation, let reply):
            receive(reply, to: number, client, generation)
        case .replied(nil, let number, _, let reply): receive(reply, toOperator: number)
        case .expires(let client, let number, let generation): expire(number, client, generation)
        case .piece(let transfer, let sent): pieceArrives(transfer, sent)
        case .work(let action, let epoch): whenUp(epoch, event) { self.work(on: action, $0) }
        case .fact(let fact, let epoch): whenUp(epoch, event) { self.take(fact, $0) }
        case .flush(let epoch): whenUp(epoch, event) { self.flush($0) }
        case .timer(let epoch, let instant): whenUp(epoch, event) { self.timeAdvances($0, armed: instant) }
        case .sweep(let step, let epoch): whenUp(epoch, event) { self.sweep(step, $0) }
        case .coordinatorStarts(let epoch): if coordinator.epoch == epoch { startCoordinator() }
        case .wakes(let client, let generation, let instant): wake(client, generation, instant)
        case .worked(let client, let generation, let task): worked(client, generation, task)
        case .beats(let client, let generation, let task): beat(client, generation, task)
        case .clientStarts(let client, let generation): startClient(client, generation)
        case .mischief(let client, let content): makeMischief(client, content)
        case .trouble(let trouble): happen(trouble)
        case .creates(let run): create(run)
        }
    }

    /// Does something in the coordinator's process, if it is still the one that it was meant for and not paused.
    private func whenUp(_ epoch: Int, _ event: Event, _ body: (CoordinatorProcess) -> Void) {
        guard coordinator.epoch == epoch, let process = coordinator.process else { return }
        guard !isDeferred(event) else { return }
        body(process)
        afterCoordinator()
    }

    /// Whether the coordinator is paused, so that something has to wait.
    func isDeferred(_ event: Event) -> Bool {
        guard coordinator.pause != nil else { return false }
        coordinator.pause?.append(event)
        return true
    }
}
