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
            let (store, logger) = (setting.store, setting.logger)
            let sweep = BlobSweep(age: setting.sweepAge.inSeconds)
            let orphans = await blocking { try sweep.orphans(in: store, named: named) } ?? []
            let free = consult { machine, _ in machine.claiming(orphans) }
            defer {
                tell { machine, _ in
                    machine.discarded(free)
                    return []
                }
            }
            let namedSince = keepsWhatIsNamed && !free.isEmpty ? try await setting.ledger.namedBlobs() : []
            let counts = await blocking { try sweep.remove(free, named: namedSince, from: store) }
            guard let counts, counts != (0, 0) else { return }
            logger.info("swept \(counts.0) blobs that nothing needs and \(counts.1) uploads without progress")
        } catch {
            setting.logger.warning("the blob store could not be swept: \(error)")
        }
    }
}
