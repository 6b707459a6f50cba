import Crypto
import TributaryCore
import TributaryStore

/// The messages of a method, which follow an update in its bytes: k + 1 vectors, of which the same pieces are needed at the same
/// time, and a digest of all of them.
///
/// So every update is read once before: that finds whether its bytes are those that were accepted, and a digest of each vector
/// by itself, which is compared when the vector is read again for the sum. A vector is a `HashedBlob` then: behind the updates
/// come the first messages of all contributions, then the second ones.
extension ModelAssembly {
    /// Contributions to the model.
    var contributionCount: Int { order.contributions.count }
    /// How many vectors come with each of them, the update included.
    var vectorCount: Int { 1 + (order.method?.method.form.messages.count ?? 0) }

    /// Splits all updates into their vectors.
    func splitUpdates() throws(ModelFailure) {
        guard vectorCount > 1 else { return }
        var vectors: [HashedBlob] = []
        vectors.reserveCapacity(vectorCount * contributionCount)
        var digests: [[BlobDigest]] = []
        for place in updates.indices {
            digests.append(try ModelFailure.catching { () throws(StoreError) in try scanVectors(of: place) })
        }
        try refuseDamagedUpdates()
        for vector in 0..<vectorCount {
            for place in updates.indices {
                var part = updates[place]
                part.rewind()
                part.segment = HashedBlob.Segment(
                    start: vector * order.parameterCount, digest: digests[place][vector])
                vectors.append(part)
            }
        }
        updates = vectors
    }

    /// Reads all of an update, and finds the digests of its vectors.
    private func scanVectors(of place: Int) throws(StoreError) -> [BlobDigest] {
        let (count, tile) = (order.parameterCount, TensorTile(capacity: limits.tileLength))
        var digests: [BlobDigest] = []
        for vector in 0..<vectorCount {
            var hash = SHA256()
            var start = 0
            while start < count {
                let range = start..<min(start + limits.tileLength, count)
                let shifted = range.lowerBound + vector * count..<range.upperBound + vector * count
                guard let piece = try updates[place].read(shifted, from: store, into: tile, scratch: tile) else {
                    return []
                }
                hash.update(bufferPointer: UnsafeRawBufferPointer(piece))
                start = range.upperBound
            }
            if let digest = BlobDigest(bytes: Array(hash.finalize())) { digests.append(digest) }
        }
        // Other bytes than were accepted; the store is asked which of them it holds when the blob is closed.
        return updates[place].isAsAccepted() ? digests : []
    }

    /// Adds a piece of each message to its sum; every client counts alike.
    func foldMessages(_ range: Range<Int>) throws(StoreError) {
        for message in 0..<(vectorCount - 1) {
            guard var sum = messageSums[message].take() else { continue }
            if sum.parameterCount != range.count {
                sum = makeMessageSum(message, length: range.count) ?? sum
            }
            sum.reset()
            let first = (1 + message) * contributionCount
            var start = first
            while start < first + contributionCount {
                let group = start..<min(start + limits.width, first + contributionCount)
                let found = try read(range, of: group, andBase: false)
                for (place, piece) in zip(group, found) {
                    guard let piece else { continue }
                    if sum.add([piece], weights: [1]) != [nil] { updates[place].condemn() }
                }
                start = group.upperBound
            }
            messageSums[message] = sum
        }
    }

    /// The empty sum of pieces of a message.
    func makeMessageSum(_ message: Int, length: Int) -> UpdateSum? {
        guard let form = order.method?.method.form else { return nil }
        return UpdateSum(
            parameterCount: length, bound: Float(form.messages[message].bound), weightLimit: contributionCount)
    }

    /// Writes the means of the messages' pieces, one after another.
    func messageMeans(
        _ count: Int, in memory: UnsafeMutableBufferPointer<Double>
    ) -> UnsafeBufferPointer<Double> {
        let means = UnsafeMutableBufferPointer(rebasing: memory[..<((vectorCount - 1) * count)])
        for message in 0..<(vectorCount - 1) {
            let mean = UnsafeMutableBufferPointer(rebasing: means[message * count..<(message + 1) * count])
            // With nothing sound to add there will be no model.
            if let sum = messageSums[message], sum.contributionCount > 0 { sum.write(meanTo: mean) }
        }
        return UnsafeBufferPointer(means)
    }
}
