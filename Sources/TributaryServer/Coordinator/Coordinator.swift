import Logging
import Synchronization
import TributaryCore
import TributaryReports
import TributaryStore

/// The coordinator: `CoordinatorMachine` with a clock, a ledger, a blob store and callers.
///
/// It decides nothing. Facts are told to the machine under the lock; what it wants done is queued under the same lock, so
/// that it is done in the order in which it was decided, and done outside of it. Outcomes come back as facts.
///
/// ```swift
/// let coordinator = try await Coordinator.open(setting)     // recovers what the ledger holds
/// try await coordinator.run()                               // until a graceful shutdown has drained it
/// ```
package final class Coordinator: Sendable {
    package let setting: CoordinatorSetting
    let state: Mutex<State>
    /// What is to be done, to the loop that does it. Its length is bounded by the calls in progress, which are limited,
    /// and by the runs.
    let queue: AsyncStream<CoordinatorAction>
    /// Whether a sweep leaves alone all that the ledger names, and not only what the machine has need of: somebody may want
    /// to compute it again, or to repair it.
    let keepsWhatIsNamed: Bool
    let timer: Alarm
    let reporting: Alarm
    let draining: Alarm
    let reports = Mutex<[RunID: LiveReport]>([:])

    struct State: Sendable {
        var machine: CoordinatorMachine
        var waiters: [CallID: CheckedContinuation<CoordinatorAnswer, any Error>] = [:]
        var nextCall: UInt64 = 0
        var work: WorkQueue
        var reportEvents: [ReportEvent] = []
        /// What the timer sleeps until.
        var armed: Instant?
        var isClosing = false
        /// The loops have ended: nothing will be done any more.
        var isOver = false
    }

    /// Reads the ledger and goes on where it was. What there is to do begins with `run`.
    ///
    /// - Throws: `StoreError` if the ledger cannot be read.
    package static func open(_ setting: CoordinatorSetting) async throws -> Coordinator {
        let (image, damage) = try await setting.ledger.load()
        for line in damage { setting.logger.error("damaged row set aside: \(line)") }
        Self.announce(image, setting.logger)
        return Coordinator(setting, image, hasDamage: !damage.isEmpty)
    }

    /// Says what was found, so that whoever restarts a coordinator sees that nothing is lost.
    private static func announce(_ image: LedgerImage, _ logger: Logger) {
        guard !image.runs.isEmpty || !image.clients.isEmpty else { return logger.notice("the ledger is empty") }
        logger.notice("the ledger holds \(image.runs.count) runs and \(image.clients.count) clients")
        for run in image.runs where run.row.status == .active || run.row.status == .paused {
            let done = run.lastEnd.map { "\($0.summary.round)" } ?? "no round"
            logger.notice("\(run.row.id): \(run.row.status.rawValue) after \(done)")
            for id in run.openRounds.map(\.id) {
                let count = run.contributions.count { $0.task == id } + run.evaluations.count { $0.task == id }
                logger.notice("\(id): goes on with \(count) results")
            }
        }
    }

    private init(_ setting: CoordinatorSetting, _ image: LedgerImage, hasDamage: Bool) {
        self.setting = setting
        let (queue, feed) = AsyncStream.makeStream(of: CoordinatorAction.self)
        let (machine, actions) = CoordinatorMachine.recovering(
            image, settings: setting.settings, at: setting.clock.now())
        self.queue = queue
        keepsWhatIsNamed = setting.settings.keepsUpdates || hasDamage || machine.hasLeftOutRuns
        state = Mutex(State(machine: machine, work: WorkQueue(feed)))
        timer = Alarm(clock: setting.clock)
        reporting = Alarm(clock: setting.clock)
        draining = Alarm(clock: setting.clock)
        let known = image.runs.map { CoordinatorAction.publishStatus($0.row.id) }
        tell { _, _ in known + actions }
    }

    /// Tells the machine a fact, and sees to what follows.
    func tell(_ fact: (inout CoordinatorMachine, Instant) -> [CoordinatorAction]) {
        tell { ((), fact(&$0, $1)) }
    }

    /// Asks the machine something that has an answer at once.
    func consult<Answer: Sendable>(_ question: (inout CoordinatorMachine, Instant) -> Answer) -> Answer {
        tell { (question(&$0, $1), []) }
    }

    /// Tells the machine a fact that has an answer at once, and sees to what follows.
    func tell<Answer: Sendable>(
        _ fact: (inout CoordinatorMachine, Instant) -> (answer: Answer, actions: [CoordinatorAction])
    ) -> Answer {
        let (answer, effects) = state.withLock { state in
            let (answer, actions) = fact(&state.machine, setting.clock.now())
            return (answer, state.take(actions))
        }
        perform(effects)
        return answer
    }

    /// Tells the machine a fact that a caller waits to have answered. If the caller goes away, so does its call.
    ///
    /// - Throws: `CancellationError`.
    func ask(
        _ client: ClientID? = nil,
        _ fact: @Sendable (inout CoordinatorMachine, CallID, Instant) -> [CoordinatorAction]
    ) async throws -> CoordinatorAnswer {
        let call = state.withLock { state in
            state.nextCall += 1
            return CallID(rawValue: state.nextCall)
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                begin(call, waiter, fact)
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.machine.callGone(call, of: client)
                return state.waiters.removeValue(forKey: call)
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    private func begin(
        _ call: CallID, _ waiter: CheckedContinuation<CoordinatorAnswer, any Error>,
        _ fact: (inout CoordinatorMachine, CallID, Instant) -> [CoordinatorAction]
    ) {
        let effects: Effects? = state.withLock { state in
            if Task.isCancelled { return nil }
            if state.isOver {
                let window = setting.settings.pace.busy(population: state.machine.clientCount)
                return Effects(answers: [(waiter, .refused(.closing(window)))])
            }
            let inProgress = state.waiters.count - state.machine.waitingCount
            if inProgress >= setting.callLimit {
                let window = setting.settings.pace.busy(population: state.machine.clientCount)
                let refusal = CallRefusal.unavailable("too many calls at a time", window)
                return Effects(answers: [(waiter, .refused(refusal))])
            }
            state.waiters[call] = waiter
            let actions = fact(&state.machine, call, setting.clock.now())
            return state.take(actions)
        }
        guard let effects else { return waiter.resume(throwing: CancellationError()) }
        perform(effects)
    }

    private func perform(_ effects: Effects) {
        for (waiter, answer) in effects.answers { waiter.resume(returning: answer) }
        for (run, text) in effects.notes {
            setting.logger.warning("\(text)", metadata: run.map { ["run": "\($0.rawValue)"] })
        }
        if effects.isTimerLate { timer.ring() }
        if effects.hasReports { reporting.ring() }
        if effects.isClosing { draining.ring() }
    }
}

/// What is to be done at once, outside the lock.
struct Effects: Sendable {
    var answers: [(CheckedContinuation<CoordinatorAnswer, any Error>, CoordinatorAnswer)] = []
    var notes: [(RunID?, String)] = []
    var isTimerLate = false
    var hasReports = false
    var isClosing = false
}

extension Coordinator.State {
    /// Queues what takes time, and gives back what does not.
    mutating func take(_ actions: [CoordinatorAction]) -> Effects {
        var effects = Effects(isClosing: isClosing)
        for action in actions {
            switch action {
            case .answer(let call, let answer):
                if let waiter = waiters.removeValue(forKey: call) { effects.answers.append((waiter, answer)) }
            case .note(let run, let text):
                effects.notes.append((run, text))
            case .publish(let run, let end):
                reportEvents.append(.roundEnded(run, end))
                effects.hasReports = true
            case .publishStatus(let run):
                reportEvents.append(.changed(run))
                effects.hasReports = true
            case .persist, .check, .recall, .makeModel, .examine, .score, .discard, .discardUploads, .prune:
                work.add(action)
            }
        }
        if let next = machine.nextDeadline, armed.map({ next < $0 }) ?? true {
            armed = next
            effects.isTimerLate = true
        }
        return effects
    }
}
