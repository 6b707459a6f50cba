import TributaryCore
import TributaryStore

extension ModelAssembly {
    /// Makes the model along what a rule makes of the updates.
    func writePieces(combinedBy rule: any RobustRule, to writer: any BlobWriter) throws(ModelFailure) {
        var source = BlobUpdates(
            updates, weights: order.contributions.map(\.weight), parameterCount: order.parameterCount, in: store,
            pieceLength: min(limits.tileLength, max(order.parameterCount, 1)), tileBytes: limits.ruleTileBytes,
            scales: order.scales, previous: try previousAggregate(of: rule))
        do throws(RobustFailure<UpdateFailure>) {
            try rule.aggregate(&source) { range, update throws(UpdateFailure) in
                try move(range, along: update, to: writer)
            }
        } catch {
            try refuse(error, &source)
        }
    }

    /// Moves a range of the model, of any length, piece by piece.
    private func move(
        _ range: Range<Int>, along update: UnsafeBufferPointer<Double>, to writer: any BlobWriter
    ) throws(UpdateFailure) {
        do throws(StoreError) {
            var start = range.lowerBound
            while start < range.upperBound {
                let piece = start..<min(start + limits.tileLength, range.upperBound)
                let isBaseSound = try readBase(piece) != nil
                if try readStates(piece), isBaseSound {
                    let offset = start - range.lowerBound
                    try step(piece.count, to: writer) {
                        _ = $0.update(fromContentsOf: update[offset..<offset + piece.count])
                    }
                }
                start = piece.upperBound
            }
        } catch {
            throw .store(error)
        }
    }

    /// What the rule gave in the round before: the last of the vectors that are kept. nil before the first round, and for a
    /// rule without a memory.
    private func previousAggregate(of rule: any RobustRule) throws(ModelFailure) -> HashedBlob? {
        guard rule.hasMemory, let blob = order.state.last else { return nil }
        var previous = HashedBlob(blob)
        try ModelFailure.catching { () throws(StoreError) in
            try previous.open(in: store, parameterCount: order.parameterCount, keepsOpen: true)
        }
        if previous.isDamaged { throw memoryFailure }
        return previous
    }

    private var memoryFailure: ModelFailure {
        ModelFailure(
            result: .damagedBase(
                "\(order.run), \(order.round): the aggregate of the round before, which its rule goes on from, is missing or "
                    + "not what was written"))
    }

    /// Says why a rule made nothing.
    private func refuse(
        _ failure: RobustFailure<UpdateFailure>, _ source: inout BlobUpdates
    ) throws(ModelFailure) {
        switch failure {
        case .source(.store(let error)): throw ModelFailure(result: .failed(error.description))
        case .source(.unsound): break
        case .source(.unsoundMemory): throw memoryFailure
        case .rule(let error):
            guard case .notFinite(let place) = error.code else { throw baseFailure(because: error.description) }
            source.condemn(place)
        }
        updates = source.blobs
        try refuseDamagedUpdates()
    }
}
