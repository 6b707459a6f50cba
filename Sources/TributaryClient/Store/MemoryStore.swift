import Synchronization
public import TributaryCore

/// Keeps a client's state in memory: for tests, and for clients by the thousand that may be forgotten.
public final class MemoryStore: ClientStore {
    private struct State {
        var identity: ClientIdentity?
        var result: StoredResult?
        var update: [UInt8] = []
        var pendingResidual: [Float]?
        /// By run, the one that was last added to at the end.
        var residuals: [(run: RunID, values: [Float])] = []
        /// By run, the one that was last added to at the end; in it by round.
        var memories: [(run: RunID, rounds: [RoundNumber: [Float]])] = []
        var pendingModel: PersonalModel?
        /// By run, the one that was last added to at the end.
        var models: [(run: RunID, model: PersonalModel)] = []

        mutating func keep(_ model: PersonalModel, of run: RunID) {
            models.removeAll { $0.run == run }
            models.append((run, model))
            if models.count > MemoryStore.residualLimit { models.removeFirst() }
        }
    }

    private let state: Mutex<State>

    /// An empty store, or that of a client with a registration key of its maker's choice.
    public init(registrationKey: [UInt8]? = nil) {
        state = Mutex(State(identity: registrationKey.map { ClientIdentity(registrationKey: $0) }))
    }

    /// What was kept.
    public func load() -> StoredState {
        state.withLock { StoredState(identity: $0.identity, result: $0.result) }
    }

    /// Keeps who the client is.
    public func save(_ identity: ClientIdentity) {
        state.withLock { $0.identity = identity }
    }

    /// Begins an update's bytes.
    public func makeUpdate() -> any UpdateWriter {
        state.withLock { $0.pendingModel = nil }
        return MemoryUpdate()
    }

    /// Keeps a result.
    public func keep(_ result: StoredResult, update: (any UpdateWriter)?, residual: [Float]?) {
        state.withLock {
            $0.result = result
            $0.pendingResidual = residual
            $0.update = (update as? MemoryUpdate)?.bytes ?? []
            if update == nil { $0.pendingModel = nil }
        }
    }

    /// The bytes of the update that is kept.
    public func updateContent() -> any UpdateContent { MemoryContent(bytes: state.withLock { $0.update }) }

    /// Forgets the result that is kept.
    public func forgetResult(wasAccepted: Bool) {
        state.withLock { state in
            if wasAccepted, let run = state.result?.finished.id.run, let values = state.pendingResidual {
                state.residuals.removeAll { $0.run == run }
                state.residuals.append((run, values))
                if state.residuals.count > Self.residualLimit { state.residuals.removeFirst() }
            }
            if wasAccepted, let run = state.result?.finished.id.run, let model = state.pendingModel {
                state.keep(model, of: run)
            }
            state.result = nil
            state.update = []
            state.pendingResidual = nil
            state.pendingModel = nil
        }
    }

    /// What a run's accepted updates have left out.
    public func residual(of run: RunID) -> [Float]? {
        state.withLock { state in state.residuals.first { $0.run == run }?.values }
    }

    /// What a run's method has the client remember.
    public func memory(of run: RunID, since round: RoundNumber) -> [Float]? {
        state.withLock { state in state.memories.first { $0.run == run }?.rounds[round] }
    }

    /// Keeps what a run's method has the client remember.
    public func keepMemory(_ memory: [Float], of run: RunID, in round: RoundNumber, beside base: RoundNumber?) {
        state.withLock { state in
            var rounds = state.memories.first { $0.run == run }?.rounds.filter { $0.key == base } ?? [:]
            rounds[round] = memory
            state.memories.removeAll { $0.run == run }
            state.memories.append((run, rounds))
            if state.memories.count > Self.residualLimit { state.memories.removeFirst() }
        }
    }

    /// The client's own model of a run.
    public func personalModel(of run: RunID) -> PersonalModel? {
        state.withLock { state in state.models.first { $0.run == run }?.model }
    }

    /// Keeps the client's own model of a run.
    public func keepPersonalModel(_ model: PersonalModel, of run: RunID, isPending: Bool) {
        state.withLock { if isPending { $0.pendingModel = model } else { $0.keep(model, of: run) } }
    }

    /// Runs of which such things are kept.
    private static let residualLimit = 8
}

private final class MemoryUpdate: UpdateWriter {
    var bytes: [UInt8] = []

    func append(_ new: UnsafeRawBufferPointer) { bytes.append(contentsOf: new) }
}

private struct MemoryContent: UpdateContent {
    let bytes: [UInt8]

    var byteCount: Int { bytes.count }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) {
        buffer.copyBytes(from: bytes[offset..<(offset + buffer.count)])
    }
}
