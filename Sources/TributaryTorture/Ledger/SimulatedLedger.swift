import TributaryCore
import TributaryStore

/// The coordinator's ledger on the simulated disk: a log of batches, each of which is there as a whole or not at all.
///
/// What it promises and what it does not is what the product's ledger does: a batch survives when its commit has returned;
/// many batches share one wait for the disk; a batch that conflicts fails alone; a commit that failed has changed nothing
/// *now*, but what it wrote may be found after a crash, until something is written over it.
final class SimulatedLedger {
    /// What the ledger holds.
    private(set) var contents = LedgerContents()
    private let medium: LedgerMedium
    private let file: OpenFile
    /// Where the log ends: the next batch goes there.
    private var end = 0
    private var chain: UInt64 = 0

    /// Opens the ledger and reads it up to the first frame that is not whole.
    init(path: String, files: any FileSystem, medium: LedgerMedium) throws(StoreError) {
        guard let file = try OpenFile(path, .writing, in: files) else {
            throw StoreError(.io, "\(path): cannot be made")
        }
        self.file = file
        self.medium = medium
        // The name must survive with the first batch.
        guard let folder = try OpenFile("/", .reading, in: files) else { throw StoreError(.io, "/: is not there") }
        try folder.synchronise()
        try readAll()
    }

    private func readAll() throws(StoreError) {
        let count = try file.status().byteCount
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 1)
        defer { memory.deallocate() }
        let length = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(rebasing: memory[..<count]))
        let bytes = [UInt8](memory[..<length])
        while let frame = LedgerFrame.read(bytes[end...], after: chain), let batch = medium.batch(frame.number) {
            do {
                try contents.apply(batch)
            } catch {
                throw StoreError(.damaged, "\(error.task) of \(error.client) is in the log twice")
            }
            end += frame.length
            chain = frame.chain
        }
    }

    /// Writes batches with one wait for the disk; what became of each.
    func commit(_ group: [[LedgerEntry]]) -> [Result<Void, StoreError>] {
        var after = contents
        var outcomes: [Result<Void, StoreError>] = []
        var bytes: [UInt8] = []
        var next = chain
        for batch in group {
            do {
                try after.apply(batch)
                let frame = LedgerFrame.bytes(number: medium.number(batch), rowCount: batch.count, after: next)
                bytes += frame.bytes
                next = frame.chain
                outcomes.append(.success(()))
            } catch {
                outcomes.append(.failure(StoreError(.conflict, "\(error.task) of \(error.client) is there already")))
            }
        }
        do throws(StoreError) {
            try write(bytes)
        } catch {
            return group.map { _ in .failure(error) }
        }
        contents = after
        end += bytes.count
        chain = next
        return outcomes
    }

    private func write(_ bytes: [UInt8]) throws(StoreError) {
        guard !bytes.isEmpty else { return }
        do {
            try bytes.withUnsafeBytes { try file.write($0, at: end) }
        } catch {
            throw error as? StoreError ?? StoreError(.io, "\(error)")
        }
        try file.synchronise()
    }
}
