import Synchronization
import TributaryClient
import TributaryCore
import TributarySimulation

/// One life of a virtual client: counts what becomes of its tasks, and plays the fate of each.
final class ClientLife: ClientObserver {
    private struct State {
        var task: TaskDescription?
        /// What is still to befall the task at hand.
        var fate: Fate?
        var tampered: TamperedUpdate?
        var silentUntil: ContinuousClock.Instant?
        /// The task that is counted as in hand.
        var open: TaskID?
    }

    let client: VirtualClient
    private let state = Mutex(State())
    private let vanishing = AsyncStream<Never>.makeStream()

    init(_ client: VirtualClient) {
        self.client = client
    }

    private var statistics: FleetStatistics { client.resources.statistics }

    /// Waits until the client vanishes, or the task is cancelled; whether it was the former.
    func disappearance() async -> Bool {
        for await _ in vanishing.stream {}
        return !Task.isCancelled
    }

    /// The life is over: a task in hand goes with it.
    func ended(vanished: Bool) {
        guard state.withLock({ $0.open.take() }) != nil else { return }
        statistics.count { vanished ? ($0.tasks.vanished += 1) : ($0.tasks.unfinished += 1) }
    }

    func observed(_ event: ClientEvent) {
        switch event {
        case .registered(let id, _): client.registered(as: id)
        case .taskReceived(let task): received(task)
        case .resumed(let id):
            state.withLock { $0.open = id }
            statistics.count { $0.tasks.resumed += 1 }
        case .receipt(let id, let receipt, _):
            close(id) { tasks in
                tasks.receipts[receipt.verdict.word, default: 0] += 1
                if receipt.isDuplicate { tasks.duplicates += 1 }
            }
        case .gaveBack(let id, let failure): close(id) { $0.givenBack[failure.cause.rawValue, default: 0] += 1 }
        case .taskOver(let id): close(id) { $0.over += 1 }
        case .declined, .downloaded, .worked, .uploaded, .failed, .recovered, .stateNotKept, .stateSetAside: break
        }
    }

    private func received(_ task: TaskDescription) {
        let isNew = task.id.kind == .train && client.strike(task.id)
        let fate = isNew ? client.resources.schedule.fate(of: client.index, in: task.id.round) : nil
        state.withLock { state in
            state.task = task
            state.fate = fate
            state.tampered = nil
            state.open = task.id
        }
        statistics.count { $0.tasks.received += 1 }
        if fate?.ending == .beforeTraining { disappear(.vanishedBeforeTraining) }
    }

    private func close(_ id: TaskID, _ change: (inout FleetReport.Tasks) -> Void) {
        let wasOpen = state.withLock { state in
            guard state.open == id else { return false }
            state.open = nil
            state.task = nil
            state.fate = nil
            state.tampered = nil
            return true
        }
        guard wasOpen else { return }
        client.leaveRoom()
        statistics.count { change(&$0.tasks) }
    }
}

extension ClientLife {
    private func disappear(_ fault: FleetFault) {
        statistics.played(fault)
        vanishing.continuation.finish()
    }

    /// The client is gone from here on.
    private func vanish(_ fault: FleetFault) async throws -> Never {
        disappear(fault)
        // Whoever lives this life is about to be cancelled.
        while true { try await Task.sleep(for: .seconds(3_600)) }
    }

    /// Training begins: some vanish, some fall silent.
    func trainingBegins(_ task: TaskDescription) async throws {
        switch state.withLock({ $0.fate?.ending }) {
        case .duringTraining: try await vanish(.vanishedDuringTraining)
        case .stalls:
            statistics.played(.stalled)
            let silence = task.lease * client.resources.settings.faults.silence
            // A task may train more than once: it is silent once.
            state.withLock { state in
                state.silentUntil = .now + silence
                state.fate?.ending = .delivers
            }
            try await awaken()
        case .beforeTraining, .beforeUpload, .sendsGarbage, .sendsNotFinite, .delivers, nil: break
        }
    }

    /// Waits for as long as the client is silent.
    func awaken() async throws {
        guard let end = state.withLock({ $0.silentUntil }) else { return }
        try await ContinuousClock().sleep(until: end)
        state.withLock { if $0.silentUntil == end { $0.silentUntil = nil } }
    }

    /// The size of the model at hand, in bytes.
    var modelByteCount: Int { state.withLock { $0.task?.model.byteCount ?? 0 } }

    /// An update is about to be sent: what goes instead of it, if anything does.
    func uploadBegins(_ content: any UpdateContent) async throws -> TamperedUpdate? {
        let (fate, task, made) = state.withLock { ($0.fate, $0.task, $0.tampered) }
        if let made { return made }
        guard let fate, let task else { return nil }
        if fate.ending == .beforeUpload { try await vanish(.vanishedBeforeUpload) }
        guard let tampered = try TamperedUpdate(fate, content: content, for: task) else {
            return nil
        }
        state.withLock { $0.tampered = tampered }
        statistics.played(tampered.fault)
        return tampered
    }

    /// What was sent instead of the update.
    var tampered: TamperedUpdate? { state.withLock { $0.tampered } }

    /// A result was answered: whether the answer is lost on the way; the first one only.
    func losesAnswer() -> Bool {
        let isLost = state.withLock { state in
            defer { state.fate?.isRepeated = false }
            return state.fate?.isRepeated ?? false
        }
        if isLost { statistics.played(.answerLost) }
        return isLost
    }
}

extension RoundMachine.Answer {
    /// The verdict in a report.
    fileprivate var word: String {
        switch self {
        case .accepted: "accepted"
        case .late: "late"
        case .refused(let refusal): "refused: \(refusal.rawValue)"
        case .notInvited: "not-invited"
        }
    }
}
