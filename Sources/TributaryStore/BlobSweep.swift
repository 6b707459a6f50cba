public import TributaryCore

/// Finds and removes blobs that nothing needs, as crashes leave them behind.
///
/// In three steps, so that whoever decides can be asked in between without a lock being held: what is old and has no name
/// (`orphans`), which of these the coordinator's machine lets go (`CoordinatorMachine.claiming`), and their removal.
/// A blob that comes to be wanted in between is younger by then, or was uploaded again and counts as young. What the machine
/// held when the names were read, and let go before it was asked, has its name in the ledger since: where names keep blobs,
/// they are read once more after the machine was asked.
public struct BlobSweep: Sendable {
    /// Seconds that a blob without a name must have been there, and an upload without progress.
    public var age: Double

    /// A sweep of blobs of at least this age, in seconds.
    public init(age: Double) {
        self.age = age
    }

    /// The blobs that are old enough and not among those that are `named`.
    public func orphans(in store: any BlobStore, named: Set<BlobDigest>) throws(StoreError) -> [BlobDigest] {
        try store.blobs().filter { $0.age >= age && !named.contains($0.digest) }.map(\.digest)
    }

    /// Removes those that are old still and not among those that are `named` by now, and forgets uploads that nothing was
    /// added to; how many of each.
    public func remove(
        _ free: [BlobDigest], named: Set<BlobDigest>, from store: any BlobStore
    ) throws(StoreError) -> (blobs: Int, uploads: Int) {
        var count = 0
        for digest in free where !named.contains(digest) {
            if try store.remove(digest, olderThan: age) { count += 1 }
        }
        return (count, try store.discardUploads(olderThan: age))
    }
}
