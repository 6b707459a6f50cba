import TributaryCore
import TributaryMath
import TributaryStore

/// What goes: blobs that nobody needs, and rows of old rounds.
extension World {
    func sweep(_ step: SweepStep, _ process: CoordinatorProcess) {
        let sweep = BlobSweep(age: scenario.sweepAge)
        do throws(StoreError) {
            switch step {
            case .look:
                let named = process.keepsWhatIsNamed ? process.ledger.contents.namedBlobs : []
                let orphans = try sweep.orphans(in: process.store, named: named)
                schedule(.sweep(.claim(orphans), epoch: coordinator.epoch), after: .seconds(stream.uniform()))
            case .claim(let orphans):
                let free = process.machine.claiming(orphans)
                schedule(.sweep(.remove(free), epoch: coordinator.epoch), after: .seconds(stream.uniform()))
                return
            case .remove(let free):
                defer { process.machine.discarded(free) }
                let named = process.keepsWhatIsNamed ? process.ledger.contents.namedBlobs : []
                checks.removing(free.filter { isOld($0, process) && !named.contains($0) }, "a sweep")
                let removed = try sweep.remove(free, named: named, from: process.store)
                counts.note("blobs swept", removed.blobs)
                counts.note("uploads forgotten", removed.uploads)
            }
        } catch {
            counts.note("sweeps that failed")
        }
        if case .remove = step { scheduleSweep() }
    }

    private func isOld(_ digest: BlobDigest, _ process: CoordinatorProcess) -> Bool {
        (try? process.store.blobs().contains { $0.digest == digest && $0.age >= scenario.sweepAge }) ?? false
    }

    func scheduleSweep() {
        let delay = Nanoseconds.seconds(scenario.sweepInterval * stream.uniform() * 2)
        schedule(.sweep(.look, epoch: coordinator.epoch), after: delay)
    }

    /// Forgets some rows of old rounds; more of them a little later, and other things in between.
    func prune(
        _ run: RunID, before round: RoundNumber, _ action: CoordinatorAction, _ process: CoordinatorProcess
    ) {
        guard !process.isClosing else { return tell(.done(action)) }
        let limit = 1 + stream.uniform(below: 2 * scenario.clientCount)
        checks.pruning(run, before: round, limit: limit)
        do throws(StoreError) {
            let count = try process.ledger.prune(run, before: round, limit: limit)
            checks.pruned(count)
            counts.note("rows of old rounds forgotten", count)
            if count < limit { tell(.done(action)) } else { begin(action) }
        } catch {
            // What is left is found again after the run's next round. Who died in between has told nobody.
            if !coordinator.disk.isDown { tell(.done(action)) }
        }
    }
}
