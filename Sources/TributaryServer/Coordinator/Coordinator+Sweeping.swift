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

    /// Removes blobs that nothing needs, as crashes leave them behind.
    private func sweep() async {
        do throws(StoreError) {
            let named = keepsWhatIsNamed ? try await setting.ledger.namedBlobs() : []
            let (store, age, logger) = (setting.store, setting.sweepAge.inSeconds, setting.logger)
            // A blob that comes to be wanted now is younger, or was uploaded again and counts as young.
            let old = await blocking { try store.blobs().filter { $0.age >= age }.map(\.digest) } ?? []
            let orphans = old.filter { !named.contains($0) }
            let free = consult { machine, _ in machine.claiming(orphans) }
            let counts = await blocking {
                let removed = try free.reduce(0) { try store.remove($1, olderThan: age) ? $0 + 1 : $0 }
                return (removed, try store.discardUploads(olderThan: age))
            }
            tell { machine, _ in
                machine.discarded(free)
                return []
            }
            guard let counts, counts != (0, 0) else { return }
            logger.info("swept \(counts.0) blobs that nothing needs and \(counts.1) uploads without progress")
        } catch {
            setting.logger.warning("the blob store could not be swept: \(error)")
        }
    }
}
