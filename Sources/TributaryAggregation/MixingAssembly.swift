import TributaryCore
import TributaryStore

/// The models that updates started from, while clients' models are mixed into the newest one: read and hashed piece by piece
/// beside it.
final class MixingAssembly {
    private let mixing: ModelMixing
    private let bound: Double
    private let store: any BlobStore
    /// nil for an update that started from the newest model, which is read anyway.
    private var bases: [HashedBlob?]
    private let tile: TensorTile

    /// Files that are opened but once `open` is called.
    init(_ mixing: ModelMixing, _ order: ModelOrder, store: any BlobStore, pieceLength: Int) {
        precondition(mixing.bases.count == order.contributions.count, "a base for each update")
        precondition(order.aggregation.part.rule == nil, "a rule has nothing to choose from in a step of mixing")
        (self.mixing, self.store, bound) = (mixing, store, Double(order.bound))
        bases = mixing.bases.map { $0.digest == order.base.digest ? nil : HashedBlob($0) }
        tile = TensorTile(capacity: bases.contains { $0 != nil } ? pieceLength : 0)
    }

    /// Looks whether all are there. Returns the places of the updates that cannot be used, as theirs is not.
    func open(parameterCount: Int) throws(StoreError) -> [Int] {
        for place in bases.indices {
            try bases[place]?.open(in: store, parameterCount: parameterCount, keepsOpen: true)
        }
        return try closeDamaged()
    }

    /// Replaces a piece of an update by the way from the newest model to its client's; false if it cannot be read where it
    /// started from.
    func mix(
        _ piece: UnsafeMutableBufferPointer<Float>, at range: Range<Int>, of place: Int,
        into newest: UnsafeMutableBufferPointer<Float>
    ) throws(StoreError) -> Bool {
        let newest = UnsafeBufferPointer(newest)
        var base: UnsafeBufferPointer<Float>? = newest
        if bases[place] != nil { base = try bases[place]?.read(range, from: store, into: tile, scratch: tile) }
        guard let base else {
            try bases[place]?.close(in: store)
            return false
        }
        ModelMixing.replace(piece, from: base, to: newest, share: mixing.shares[place], bound: bound)
        return true
    }

    /// Compares the digests of all that was read. Returns the places of the updates that cannot be used.
    func compareDigests() throws(StoreError) -> [Int] {
        for place in bases.indices where bases[place]?.isDamaged == false { try bases[place]?.close(in: store) }
        return bases.indices.filter { bases[$0]?.isDamaged == true }
    }

    /// Moves aside what is damaged, and tells whose it was.
    private func closeDamaged() throws(StoreError) -> [Int] {
        let damaged = bases.indices.filter { bases[$0]?.isDamaged == true }
        for place in damaged { try bases[place]?.close(in: store) }
        return damaged
    }
}
