import Logging
import TributaryCore
import TributaryStore

extension Coordinator {
    /// Sweeps the blob store at the start and then now and again.
    func sweepLoop() async {
        while !Task.isCancelled {
            await sweep()
            try? await setting.clock.sleep(until: setting.clock.now().advanced(by: setting.sweepInterval))
        }
    }

    /// Removes blobs that nothing names, as crashes between an upload and its acceptance leave them.
    private func sweep() async {
        do throws(StoreError) {
            let named = try await setting.ledger.namedBlobs()
            let referenced = consult { machine, _ in machine.referencedBlobs }
            let (store, age, logger) = (setting.store, setting.sweepAge.inSeconds, setting.logger)
            let counts: (Int, Int)? = await blocking {
                // A blob that comes to be named now is younger, or was uploaded again and counts as young.
                let old = try store.blobs().filter { $0.age >= age }.map(\.digest)
                let orphans = old.filter { !named.contains($0) && !referenced.contains($0) }
                let removed = try orphans.reduce(0) { try store.remove($1, olderThan: age) ? $0 + 1 : $0 }
                return (removed, try store.discardUploads(olderThan: age))
            }
            guard let counts, counts != (0, 0) else { return }
            logger.info("swept \(counts.0) blobs that nothing names and \(counts.1) uploads without progress")
        } catch {
            setting.logger.warning("the blob store could not be swept: \(error)")
        }
    }
}
