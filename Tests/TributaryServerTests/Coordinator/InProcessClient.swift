import Foundation
import Synchronization
import TributaryCore
import TributaryMath
import TributaryServer
import TributaryStore
import TributaryTesting
import TributaryWire

/// A client without a network: it registers, polls, trains, uploads and submits by calling the coordinator's calls.
///
/// Its updates follow from its task's seed alone, so a task that is given again gives the same bytes.
struct InProcessClient: Sendable {
    let name: String
    let calls: CoordinatorCalls
    let store: any BlobStore
    let log: ReceiptLog

    /// What clients were told: who may count on what.
    final class ReceiptLog: Sendable {
        private let accepted = Mutex<Set<String>>([])

        func note(_ task: String, _ client: UInt64) { accepted.withLock { _ = $0.insert("\(task) \(client)") } }
        var all: Set<String> { accepted.withLock { $0 } }
    }

    /// Takes part until it is cancelled.
    func work() async throws {
        var request = WireRegisterRequest(
            ClientDescription(name: name), registrationKey: Data(repeating: 7, count: 16), joinToken: "join")
        request.protocolVersion = 1
        let registered = try await calls.register(request, from: Caller(credential: nil, peer: name))
        let caller = Caller(credential: registered.credential, peer: name)
        var poll = WirePollRequest()
        (poll.protocolVersion, poll.waitMs, poll.addsNoise, poll.measuresLoss) = (1, 30_000, true, true)
        while !Task.isCancelled {
            let response = try await calls.poll(poll, from: caller)
            guard response.hasTask else {
                // Sent away for a while: the process goes down.
                if response.retry.earliestMs > 0 { return }
                await Task.yield()
                continue
            }
            do {
                try await work(on: response.task, caller, registered.clientID)
            } catch let error as ConnectError where error.code == .permissionDenied {
                // The task was over before its update was there.
            }
        }
    }

    private func work(on task: WireTask, _ caller: Caller, _ client: UInt64) async throws {
        let description = try TaskDescription(task)
        var result = TaskResult.evaluated(
            Evaluation(exampleCount: 10, lossSum: 5, correctCount: 4), metrics: [:])
        if description.id.kind == .measure {
            var stream = Seed(task.seed).derived("loss").stream()
            result = .measured(loss: stream.uniform())
        }
        if description.id.kind == .train {
            try await calls.authorizeDownload(of: description.model.digest, by: caller)
            for vector in description.method?.vectors ?? [] {
                try await calls.authorizeDownload(of: vector.digest, by: caller)
            }
            let numbers = try Self.sent(description) + Self.messages(of: description)
            let blob = try await upload(numbers, for: description, caller)
            let examples = description.localNoise == nil ? 1 + Int(description.seed % 100) : 1
            let outcome = TrainingOutcome(exampleCount: examples, stepCount: 1, meanLoss: 0.5)
            result = .trained(
                TrainedUpdate(
                    blob: blob, outcome: outcome, method: Self.report(for: description),
                    localNoise: description.localNoise))
        }
        let receipt = try await calls.submit(WireSubmitRequest(task: description.id, result: result), from: caller)
        if receipt.receipt == .accepted { log.note(task.id, client) }
    }

    static func update(of task: TaskDescription) -> [Float] {
        var stream = Seed(task.seed).stream()
        return (0..<task.layout.count).map { _ in Float(stream.uniform() - 0.5) }
    }

    /// What the task's method sends behind the update.
    static func messages(of task: TaskDescription) -> [Float] {
        var stream = Seed(task.seed).derived("messages").stream()
        let count = task.layout.count * (task.method?.messageBounds.count ?? 0)
        return (0..<count).map { _ in Float(stream.uniform() - 0.5) }
    }

    /// What goes with an update by its task's method.
    static func report(for task: TaskDescription) -> MethodReport? {
        guard let asked = task.method, let method = try? Catalogue.standard.method(asked.text) else { return nil }
        var stream = Seed(task.seed).derived("figures").stream()
        return MethodReport(form: asked.form, figures: method.form.figures.map { _ in 0.5 + stream.uniform() })
    }

    /// The update with the noise that its task asks for: the same each time, as these clients remember nothing.
    private static func sent(_ task: TaskDescription) throws -> [Float] {
        var values = update(of: task)
        if let request = task.localNoise {
            var stream = Seed(task.seed).derived("noise").stream()
            _ = try request.noise(count: values.count).protect(&values, using: &stream)
        }
        return values
    }

    private func upload(
        _ values: [Float], for task: TaskDescription, _ caller: Caller
    ) async throws -> UpdateBlob {
        let encoding = task.compression?.encoding ?? UpdateEncoding(task.updateEncoding)
        var random = Seed(task.seed).derived("compression").stream()
        let bytes = try encoding.encoded(values, random: &random)
        let digest = try Self.digest(of: bytes)
        let owner = try await calls.authorizeUpload(of: digest, byteCount: bytes.count, by: caller)
        let writer = try store.openUpload(UploadID(client: owner, digest: digest), byteCount: bytes.count)
        try bytes.dropFirst(writer.offset).withContiguousStorageIfAvailable {
            try writer.append(UnsafeRawBufferPointer($0))
        }
        guard try writer.finish() == .stored else { throw StoreError(.damaged, "the upload did not end well") }
        return UpdateBlob(digest: digest, byteCount: bytes.count, encoding: encoding)
    }

    /// The digest of some bytes, by way of a store of its own.
    private static func digest(of bytes: [UInt8]) throws -> BlobDigest {
        let writer = try MemoryDigest.store.makeBlob()
        try bytes.withUnsafeBytes { try writer.append($0) }
        return try writer.finish().digest
    }
}
