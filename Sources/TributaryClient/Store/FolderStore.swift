import Crypto
import Foundation
public import TributaryCore

/// Keeps a client's state in a folder of its own, for one server and one name: those of others are not mixed up.
///
/// ```
/// FOLDER/NAME-DIGEST/lock          taken while the process lives
///                   key            the registration key
///                   membership     the number and credential from the server
///                   result         what is to be handed in
///                   update         its bytes
///                   left-out       what the run's updates will have left out once it is accepted
///                   left-out-RUN   what a run's accepted updates have left out
///                   memory-RUN.N   what the client goes on from in a run since its update of round N: what the method has
///                                  it remember, and what it has for itself
///                   own            the client's own model, if the result is accepted
///                   own-RUN.N      its own model of a run, as of round N
/// ```
/// Only the owner may read them. A damaged file is set aside; a client without its membership registers again by its
/// key, and is the same client.
public final class FolderStore: ClientStore {
    let folder: String
    private let disk: Disk
    // Opened once and only held: its lock ends with it.
    private nonisolated(unsafe) let lock: DiskFile

    /// Opens or makes the state of a client by a server and a name. Throws a `ClientError` if another process has it, or
    /// the folder cannot be used.
    public convenience init(_ folder: String, server: String, name: String) throws {
        try self.init(folder, server: server, name: name, calls: DiskCalls())
    }

    package init(_ folder: String, server: String, name: String, calls: DiskCalls) throws {
        let digest = BlobDigest(bytes: SHA256.hash(data: Data("\(server)\n\(name)".utf8)).map { $0 })?.rawValue ?? ""
        let plain = name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }.prefix(40)
        self.folder = "\(folder)/\(plain.isEmpty ? "client" : String(plain))-\(digest.prefix(12))"
        disk = Disk(calls: calls)
        try disk.makeFolder(self.folder)
        lock = try disk.openLock("\(self.folder)/lock")
        guard lock.takeLock() else {
            throw ClientError(
                .state, "\(self.folder): another process is this client; stop it, or give this one another name")
        }
    }

    /// Lets this or another process open the client's state anew, before the last reference to this store is gone. The
    /// store is not to be used afterwards.
    public func close() { lock.releaseLock() }

    private func file(_ name: String) -> StateFile { StateFile(path: "\(folder)/\(name)", disk: disk) }
    private var updatePath: String { "\(folder)/update" }

    /// What was kept, as far as it is whole.
    public func load() throws -> StoredState {
        var state = StoredState()
        if let key = try read([UInt8].self, "key", &state), (16...64).contains(key.count) {
            let membership = try read(ClientIdentity.Membership.self, "membership", &state)
            state.identity = ClientIdentity(registrationKey: key, membership: membership)
        }
        if let record = try read(ResultRecord.self, "result", &state) {
            state.result = record.storedResult
            if let remark = try damage(to: state.result) {
                state.remarks.append(remark)
                state.result = nil
                try forgetResult(wasAccepted: false)
            }
        }
        return state
    }

    /// Keeps who the client is.
    public func save(_ identity: ClientIdentity) throws {
        if case .value(identity.registrationKey) = try file("key").read([UInt8].self) {
        } else {
            try file("key").write(identity.registrationKey)
        }
        if let membership = identity.membership {
            try file("membership").write(membership)
        } else {
            try disk.remove([file("membership").path])
        }
    }

    /// Begins an update's bytes.
    public func makeUpdate() throws -> any UpdateWriter {
        try forgetResult(wasAccepted: false)
        return FileUpdate(draft: try disk.makeDraft(of: updatePath))
    }

    /// Keeps a result.
    public func keep(_ result: StoredResult, update: (any UpdateWriter)?, residual: [Float]?) throws {
        if let update = update as? FileUpdate { try update.draft.publish() }
        if let residual {
            try residuals.keep(residual)
        } else {
            // A crash may have left one of an update that was not kept.
            try disk.remove([residuals.pendingPath])
        }
        if update == nil { try disk.remove([personalModels.pendingPath]) }
        // Last, since it says that the bytes are there.
        try file("result").write(ResultRecord(result))
    }

    /// The bytes of the update that is kept.
    public func updateContent() throws -> any UpdateContent {
        guard let file = try disk.open(updatePath) else {
            throw ClientError(.state, "\(updatePath): is missing", failure: .refused)
        }
        return try FileContent(file)
    }

    /// Forgets the result that is kept.
    public func forgetResult(wasAccepted: Bool) throws {
        if wasAccepted, case .value(let record) = try file("result").read(ResultRecord.self),
            let task = TaskID(record.task)
        {
            try residuals.commit(task.run)
            try personalModels.commit(task.run, task.round)
        }
        try disk.remove([file("result").path, updatePath, residuals.pendingPath, personalModels.pendingPath])
    }

    /// What a run's accepted updates have left out.
    public func residual(of run: RunID) throws -> [Float]? { try residuals.read(run) }

    /// What a run's method has the client remember.
    public func memory(of run: RunID, since round: RoundNumber) throws -> [Float]? {
        try memories.read(run, since: round)
    }

    /// Keeps what a run's method has the client remember.
    public func keepMemory(
        _ memory: [Float], of run: RunID, in round: RoundNumber, beside base: RoundNumber?
    ) throws {
        try memories.keep(memory, of: run, in: round, beside: base)
    }

    /// The client's own model of a run.
    public func personalModel(of run: RunID) throws -> PersonalModel? { try personalModels.read(run) }

    /// Keeps the client's own model of a run.
    public func keepPersonalModel(_ model: PersonalModel, of run: RunID, isPending: Bool) throws {
        if isPending {
            try personalModels.keepPending(model.weights)
        } else {
            try personalModels.keep(model, of: run)
        }
    }

    private var personalModels: PersonalModelFiles { PersonalModelFiles(folder: folder, disk: disk) }
    private var memories: MethodMemoryFiles { MethodMemoryFiles(folder: folder, disk: disk) }
    private var residuals: ResidualFiles { ResidualFiles(folder: folder, disk: disk) }

    private func read<Value: Decodable & Sendable>(
        _ type: Value.Type, _ name: String, _ state: inout StoredState
    ) throws -> Value? {
        switch try file(name).read(type) {
        case .none: return nil
        case .value(let value): return value
        case .damaged:
            state.remarks.append(try file(name).setAside())
            return nil
        }
    }

    /// What is wrong with the kept update's bytes; nil for nothing.
    private func damage(to result: StoredResult?) throws -> String? {
        guard let result else { return "\(folder)/result: names no task; the result is given up" }
        guard case .trained(let update) = result.finished.result else { return nil }
        let remark = "\(updatePath): is not the update it should be; the result is given up"
        guard let file = try disk.open(updatePath) else { return remark }
        let content = try FileContent(file)
        guard content.byteCount == update.blob.byteCount else { return remark }
        return try content.digest() == update.blob.digest ? nil : remark
    }
}

/// A result as it is written.
private struct ResultRecord: Codable, Sendable {
    var task: String
    var update: TrainedUpdate?
    var evaluation: Evaluation?
    var metrics: [String: Double]?
    var loss: Double?
    /// The score of the client's own model.
    var own: Evaluation?
    var closesAt: Double

    init(_ result: StoredResult) {
        task = result.finished.id.description
        closesAt = result.closesAt
        switch result.finished.result {
        case .trained(let update): self.update = update
        case .evaluated(let evaluation, let metrics, let own):
            self.evaluation = evaluation
            self.metrics = metrics
            self.own = own
        case .measured(let loss): self.loss = loss
        }
    }

    var storedResult: StoredResult? {
        guard let id = TaskID(task) else { return nil }
        if let update {
            return StoredResult(finished: FinishedTask(id: id, result: .trained(update)), closesAt: closesAt)
        }
        if let loss {
            return StoredResult(finished: FinishedTask(id: id, result: .measured(loss: loss)), closesAt: closesAt)
        }
        guard let evaluation else { return nil }
        let result = TaskResult.evaluated(evaluation, metrics: metrics ?? [:], own: own)
        return StoredResult(finished: FinishedTask(id: id, result: result), closesAt: closesAt)
    }
}

private final class FileUpdate: UpdateWriter {
    let draft: DiskDraft

    init(draft: DiskDraft) { self.draft = draft }

    func append(_ bytes: UnsafeRawBufferPointer) throws { try draft.append(bytes) }
}

private struct FileContent: UpdateContent {
    // Read by `pread` only, which any number of threads may do at once.
    private nonisolated(unsafe) let file: DiskFile
    let byteCount: Int

    init(_ file: DiskFile) throws {
        self.file = file
        byteCount = try file.byteCount
    }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        try file.read(at: offset, into: buffer)
    }
}
