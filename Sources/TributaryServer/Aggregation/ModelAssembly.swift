import TributaryCore
import TributaryStore

/// The making of one model: what is open and in memory while `ModelMaker` works.
final class ModelAssembly {
    private let order: ModelOrder
    private let store: any BlobStore
    private let limits: ModelMaker.Limits
    private let totalWeight: Int
    private var base: HashedBlob
    private var updates: [HashedBlob]

    private let baseTile: TensorTile
    private let scratch: TensorTile
    private let updateTiles: [TensorTile]
    private var mean: [Double]
    private var squares = 0.0

    /// Looks whether everything is there.
    init(_ order: ModelOrder, store: any BlobStore, limits: ModelMaker.Limits) throws(ModelFailure) {
        guard let totalWeight = Self.totalWeight(of: order.contributions), totalWeight > 0 else {
            // Weights are checked before they are recorded: such a record is not what was written.
            throw ModelFailure(result: .damagedContributions(order.contributions.map(\.client)))
        }
        (self.order, self.store, self.limits, self.totalWeight) = (order, store, limits, totalWeight)
        base = HashedBlob(order.base)
        updates = order.contributions.map { HashedBlob($0.update.blob) }
        let length = min(limits.tileLength, max(order.parameterCount, 1))
        (baseTile, scratch) = (TensorTile(capacity: length), TensorTile(capacity: length))
        updateTiles = (0..<min(limits.width, updates.count)).map { _ in TensorTile(capacity: length) }
        mean = [Double](repeating: 0, count: length)
        try openAll()
    }

    /// The sum of the weights; nil if one is not positive or the sum is more than can be summed exactly.
    private static func totalWeight(of contributions: [ContributionRow]) -> Int? {
        var total = 0
        for contribution in contributions {
            guard contribution.weight >= 1, contribution.weight <= 1 << 52 - total else { return nil }
            total += contribution.weight
        }
        return total
    }

    private func openAll() throws(ModelFailure) {
        let count = order.parameterCount
        try ModelFailure.catching { () throws(StoreError) in
            try base.open(in: store, parameterCount: count, keepsOpen: true)
            for place in updates.indices {
                try updates[place].open(in: store, parameterCount: count, keepsOpen: place < limits.openBlobs)
            }
        }
        if base.isDamaged {
            try ModelFailure.catching { () throws(StoreError) in try base.close(in: store) }
            throw baseFailure
        }
        try refuseDamagedUpdates()
    }

    /// Moves damaged updates aside and names their clients.
    private func refuseDamagedUpdates() throws(ModelFailure) {
        guard updates.contains(where: \.isDamaged) else { return }
        try ModelFailure.catching { () throws(StoreError) in
            for place in updates.indices where updates[place].isDamaged { try updates[place].close(in: store) }
        }
        let clients = zip(order.contributions, updates).filter(\.1.isDamaged).map(\.0.client)
        throw ModelFailure(result: .damagedContributions(clients))
    }

    /// Makes the model.
    func run() throws(ModelFailure) -> ModelResult {
        let writer = try ModelFailure.catching { () throws(StoreError) in try store.makeBlob() }
        do throws(ModelFailure) {
            try writePieces(to: writer)
            try compareDigests()
            let (digest, byteCount) = try ModelFailure.catching { () throws(StoreError) in try writer.finish() }
            let model = TensorBlob(digest: digest, byteCount: byteCount, encoding: .float32)
            return .made(model, stepNorm: squares.squareRoot())
        } catch {
            writer.cancel()
            throw error
        }
    }

    /// Nothing is made of what was read before it is known to be what was accepted.
    private func compareDigests() throws(ModelFailure) {
        try ModelFailure.catching { () throws(StoreError) in
            for place in updates.indices where !updates[place].isDamaged { try updates[place].close(in: store) }
        }
        try refuseDamagedUpdates()
        try ModelFailure.catching { () throws(StoreError) in try base.close(in: store) }
        if base.isDamaged { throw baseFailure }
    }

    private func writePieces(to writer: any BlobWriter) throws(ModelFailure) {
        var sum: UpdateSum?
        var sumLength = 0
        var start = 0
        while start < order.parameterCount {
            let range = start..<min(start + limits.tileLength, order.parameterCount)
            if range.count != sumLength {
                sum = UpdateSum(parameterCount: range.count, bound: order.bound, weightLimit: totalWeight)
                sumLength = range.count
            }
            // The plan's bound and the limit on weights were checked to leave a grid when the run was created.
            guard var piece = sum.take() else { throw baseFailure(because: "no exact sum fits the bound and weights") }
            try ModelFailure.catching { () throws(StoreError) in try fold(range, into: &piece) }
            try ModelFailure.catching { () throws(StoreError) in try step(range, piece, to: writer) }
            piece.reset()
            sum = piece
            start = range.upperBound
        }
    }

    /// Adds a piece of every contribution, a few at a time.
    private func fold(_ range: Range<Int>, into sum: inout UpdateSum) throws(StoreError) {
        var first = 0
        while first < updates.count {
            let group = first..<min(first + limits.width, updates.count)
            var places: [Int] = []
            var pieces: [UnsafeBufferPointer<Float>] = []
            for place in group {
                let tile = updateTiles[place - first]
                guard let piece = try updates[place].read(range, from: store, into: tile, scratch: scratch) else {
                    continue
                }
                places.append(place)
                pieces.append(piece)
            }
            let refusals = sum.add(pieces, weights: places.map { order.contributions[$0].weight })
            for (place, refusal) in zip(places, refusals) where refusal != nil { updates[place].condemn() }
            first = group.upperBound
        }
    }

    /// Moves a piece of the model and writes it.
    private func step(_ range: Range<Int>, _ sum: UpdateSum, to writer: any BlobWriter) throws(StoreError) {
        // With nothing sound to add there is no step to take, and no model in the end.
        guard sum.contributionCount > 0 else { return }
        guard try base.read(range, from: store, into: baseTile, scratch: scratch) != nil else { return }
        let weights = baseTile.prefix(range.count)
        mean.withUnsafeMutableBufferPointer { mean in
            let mean = UnsafeMutableBufferPointer(rebasing: mean[..<range.count])
            sum.write(meanTo: mean)
            ServerStep(learningRate: order.serverLearningRate)
                .advance(weights, along: UnsafeBufferPointer(mean), squares: &squares)
        }
        try writer.append(weights)
    }

    private var baseFailure: ModelFailure { baseFailure(because: "it is missing, or not what was written") }

    private func baseFailure(because reason: String) -> ModelFailure {
        ModelFailure(
            result: .damagedBase(
                "\(order.run), \(order.round): the model it starts from (\(order.base.digest)): \(reason)"))
    }
}
