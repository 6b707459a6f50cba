import Crypto
import TributaryCore
import TributaryStore

/// A blob, or a segment of one, that is read from beginning to end, piece by piece, and whose digest is known at its end.
struct HashedBlob {
    /// Some of a blob's numbers.
    struct Segment {
        /// The first of them.
        var start: Int
        /// The digest of their bytes, once it was found in bytes that had the blob's own.
        var digest: BlobDigest
    }

    let blob: TensorBlob
    /// What is read of the blob; nil for all of it.
    var segment: Segment?
    /// Set while the blob is kept open between pieces.
    private var reader: (any BlobReader)?
    private var hash = SHA256()
    /// Whether it is gone, too short, or holds what was never accepted.
    private(set) var isDamaged = false

    init(_ blob: TensorBlob) {
        self.blob = blob
    }

    /// Looks whether the blob is there with the size that so many numbers take; with `keepsOpen` it stays open.
    mutating func open(in store: any BlobStore, parameterCount: Int, keepsOpen: Bool) throws(StoreError) {
        let size = parameterCount.multipliedReportingOverflow(by: blob.encoding.bytesPerElement)
        let opened = try store.open(blob.digest)
        isDamaged = size.overflow || opened?.byteCount != size.partialValue || blob.byteCount != size.partialValue
        if keepsOpen { reader = opened }
    }

    /// Reads the next piece; nil if it cannot be read because the blob is damaged.
    mutating func read(
        _ range: Range<Int>, from store: any BlobStore, into tile: TensorTile, scratch: TensorTile
    ) throws(StoreError) -> UnsafeBufferPointer<Float>? {
        guard !isDamaged else { return nil }
        do throws(StoreError) {
            if let reader = try current(in: store) {
                let start = segment?.start ?? 0
                let range = range.lowerBound + start..<range.upperBound + start
                return try tile.fill(range, of: reader, encoding: blob.encoding, scratch: scratch, hash: &hash)
            }
        } catch {
            guard error.code == .damaged else { throw error }
        }
        isDamaged = true
        return nil
    }

    private func current(in store: any BlobStore) throws(StoreError) -> (any BlobReader)? {
        if let reader { return reader }
        return try store.open(blob.digest)
    }

    /// Goes back to the beginning, to be read once more.
    mutating func rewind() {
        hash = SHA256()
    }

    /// Whether all that was read since the beginning is what was accepted; if not, the blob is damaged.
    mutating func isAsAccepted() -> Bool {
        if BlobDigest(bytes: Array(hash.finalize())) != digest { isDamaged = true }
        return !isDamaged
    }

    /// The digest of what is read.
    private var digest: BlobDigest { segment?.digest ?? blob.digest }

    /// Notes that the blob holds what cannot be used.
    mutating func condemn() {
        isDamaged = true
    }

    /// Ends the reading: compares the digest, and moves a damaged blob aside.
    mutating func close(in store: any BlobStore) throws(StoreError) {
        reader = nil
        if !isDamaged, BlobDigest(bytes: Array(hash.finalize())) == digest { return }
        let isSound = try store.verify(blob.digest)
        guard !isDamaged else { return }
        if isSound {
            throw StoreError(.io, "blob \(blob.digest) gave other bytes at a second reading; check the disk and memory")
        }
        isDamaged = true
    }
}
