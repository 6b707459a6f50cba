import Synchronization
import TributaryClient
import TributaryCore

/// A store whose calls fail while a disk is full.
final class FailingStore: ClientStore {
    enum Call: CaseIterable {
        case save, makeUpdate, append, keep, updateContent, forgetResult, residual
    }

    /// What a store of an app's own may throw.
    struct Full: Error, CustomStringConvertible {
        let description = "no space\nleft"
    }

    private let inner = MemoryStore(registrationKey: Array(1...32))
    private let failing = Mutex<Set<Call>>([])

    func fail(_ calls: Set<Call>) { failing.withLock { $0 = calls } }
    private func check(_ call: Call) throws { if failing.withLock({ $0.contains(call) }) { throw Full() } }

    func load() -> StoredState { inner.load() }

    func save(_ identity: ClientIdentity) throws {
        try check(.save)
        inner.save(identity)
    }

    func makeUpdate() throws -> any UpdateWriter {
        try check(.makeUpdate)
        return Writer(inner: inner.makeUpdate()) { try self.check(.append) }
    }

    func keep(_ result: StoredResult, update: (any UpdateWriter)?, residual: [Float]?) throws {
        try check(.keep)
        inner.keep(result, update: (update as? Writer)?.inner, residual: residual)
    }

    func updateContent() throws -> any UpdateContent {
        try check(.updateContent)
        return inner.updateContent()
    }

    func forgetResult(wasAccepted: Bool) throws {
        try check(.forgetResult)
        inner.forgetResult(wasAccepted: wasAccepted)
    }

    func residual(of run: RunID) throws -> [Float]? {
        try check(.residual)
        return inner.residual(of: run)
    }
}

private final class Writer: UpdateWriter {
    let inner: any UpdateWriter
    private let check: () throws -> Void

    init(inner: any UpdateWriter, check: @escaping () throws -> Void) { (self.inner, self.check) = (inner, check) }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try check()
        try inner.append(bytes)
    }
}
