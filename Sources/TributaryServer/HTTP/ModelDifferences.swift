import NIOCore
import NIOPosix
import TributaryCore
import TributaryStore
import TributaryWire

/// Differences between models: made once for all who ask, on the threads that wait for disks, and kept within a bound.
///
/// That there is none to be had of use (the models differ too much, or one is gone) is remembered just so. What cannot be made at
/// once is not waited for: the whole model is always an answer.
actor ModelDifferences {
    /// The model to get and the one to get it from.
    struct Pair: Hashable, Sendable {
        let new: BlobDigest
        let old: BlobDigest
    }

    /// What is remembered of pairs without a difference, too, is bounded by their number.
    private static let pairLimit = 256

    private let store: any BlobStore
    private let pool: NIOThreadPool
    private let byteLimit: Int
    private let progressLimit: Int
    /// What was made, the least recently used first; nil where it was of no use.
    private var made: [(pair: Pair, bytes: [UInt8]?)] = []
    private var underWay: [Pair: EventLoopFuture<[UInt8]?>] = [:]

    init(store: any BlobStore, pool: NIOThreadPool, limits: HTTPLimits) {
        (self.store, self.pool) = (store, pool)
        (byteLimit, progressLimit) = (limits.differenceByteCount, limits.differencesInProgress)
    }

    /// The bytes of a difference, shorter than the model; nil if there is none, or too many are in the making.
    ///
    /// - Parameters:
    ///   - reader: the model to get.
    ///   - encoding: how the numbers of both are written.
    func bytes(
        of pair: Pair, _ reader: any BlobReader, _ encoding: TensorEncoding, on loop: any EventLoop
    ) async -> [UInt8]? {
        if let place = made.firstIndex(where: { $0.pair == pair }) {
            let entry = made.remove(at: place)
            made.append(entry)
            return entry.bytes
        }
        if let other = underWay[pair] { return try? await other.get() }
        guard underWay.count < progressLimit else { return nil }
        let (store, limit) = (store, min(reader.byteCount, byteLimit))
        let future = pool.runIfActive(eventLoop: loop) {
            try Self.make(reader, pair, store, encoding, smallerThan: limit)
        }
        underWay[pair] = future
        defer { underWay[pair] = nil }
        // A disk that failed may work the next time.
        guard let bytes = try? await future.get() else { return nil }
        keep(pair, bytes)
        return bytes
    }

    private func keep(_ pair: Pair, _ bytes: [UInt8]?) {
        made.append((pair, bytes))
        var total = made.reduce(0) { $0 + ($1.bytes?.count ?? 0) }
        while total > byteLimit || made.count > Self.pairLimit { total -= made.removeFirst().bytes?.count ?? 0 }
    }

    private static func make(
        _ new: any BlobReader, _ pair: Pair, _ store: any BlobStore, _ encoding: TensorEncoding, smallerThan limit: Int
    ) throws(StoreError) -> [UInt8]? {
        guard let old = try store.open(pair.old), old.byteCount == new.byteCount,
            new.byteCount.isMultiple(of: encoding.bytesPerElement)
        else { return nil }
        return try ModelDelta.encoded(
            byteCount: new.byteCount, bytesPerElement: encoding.bytesPerElement, smallerThan: limit,
            old: { (offset, space) throws(StoreError) in try old.read(at: offset, into: space) },
            new: { (offset, space) throws(StoreError) in try new.read(at: offset, into: space) })
    }
}

/// Bytes in memory, sent as those of a file are.
struct MemoryReader: BlobReader {
    let bytes: [UInt8]

    var byteCount: Int { bytes.count }

    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) {
        guard offset >= 0, offset + buffer.count <= bytes.count else {
            throw StoreError(.damaged, "bytes beyond the end were asked for")
        }
        bytes.withUnsafeBytes {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset...].prefix(buffer.count)))
        }
    }
}
