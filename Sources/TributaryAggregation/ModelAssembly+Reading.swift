import Dispatch
import TributaryCore
import TributaryStore

/// Reading: the same piece of all that a model is made of.
extension ModelAssembly {
    /// Reads a piece of some contributions and, after them, perhaps of the base; nil for what is damaged. Side by side if
    /// the limits allow it, because nearly all the time goes into their digests.
    func read(
        _ range: Range<Int>, of group: Range<Int>, andBase hasBase: Bool
    ) throws(StoreError) -> [UnsafeBufferPointer<Float>?] {
        typealias Outcome = Result<UnsafeBufferPointer<Float>?, StoreError>
        let count = group.count + (hasBase ? 1 : 0)
        var outcomes = [Outcome](repeating: .success(nil), count: count)
        updates.withUnsafeMutableBufferPointer { updates in
            outcomes.withUnsafeMutableBufferPointer { outcomes in
                // Safe because each has a blob, two tiles and an outcome of its own, and all end before this returns.
                nonisolated(unsafe) let (work, updates, outcomes) = (self, updates, outcomes)
                Self.perform(count, atOnce: limits.concurrentReads) { place in
                    outcomes[place] = Outcome { () throws(StoreError) in
                        if place == group.count { return try work.readBase(range) }
                        let update = group.lowerBound + place
                        let tile = work.updateTiles[place]
                        let piece = try updates[update].read(
                            range, from: work.store, into: tile, scratch: work.scratches[place + 1])
                        if piece != nil {
                            tile.scale(range.count, by: work.order.scale(of: update))
                            work.clip(tile.prefix(range.count), of: update)
                        }
                        return piece
                    }
                }
            }
        }
        var pieces: [UnsafeBufferPointer<Float>?] = []
        for outcome in outcomes { pieces.append(try outcome.get()) }
        return pieces
    }

    /// Does work for every place, at most so much of it at once.
    private static func perform(_ count: Int, atOnce limit: Int, _ work: @Sendable (Int) -> Void) {
        let lanes = max(1, min(count, limit))
        if lanes == 1 {
            for place in 0..<count { work(place) }
        } else {
            DispatchQueue.concurrentPerform(iterations: lanes) { lane in
                for place in stride(from: lane, to: count, by: lanes) { work(place) }
            }
        }
    }

    /// Reads a piece of all that is kept; whether that was sound.
    func readStates(_ range: Range<Int>) throws(StoreError) -> Bool {
        let isSound = try state.read(range)
        return try methodState.read(range) && isSound
    }

    func readBase(_ range: Range<Int>) throws(StoreError) -> UnsafeBufferPointer<Float>? {
        try base.read(range, from: store, into: baseTile, scratch: scratches[0])
    }
}
