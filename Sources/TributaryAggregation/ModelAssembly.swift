import TributaryCore
import TributaryStore

/// The making of one model: what is open and in memory while `ModelMaker` works.
final class ModelAssembly {
    let order: ModelOrder
    let store: any BlobStore
    let limits: ModelMaker.Limits
    private let totalWeight: Int
    var base: HashedBlob
    /// The updates in the contributions' order; where a method has messages, these follow them (`splitUpdates`).
    var updates: [HashedBlob]
    let state: StateAssembly
    private let mixing: MixingAssembly?
    let methodState: StateAssembly
    /// What updates are multiplied by, by place, where the order is private; nil for those that are within the bound. Empty
    /// until that is known.
    var clipFactors: [Double?] = []

    let baseTile: TensorTile
    let updateTiles: [TensorTile]
    /// For the base, and for the update of each tile.
    let scratches: [TensorTile]
    private var mean: [Double]
    /// The sums of the messages' pieces, and memory for their means.
    var messageSums: [UpdateSum?] = []
    private var messageMemory: [Double]
    private var squares = 0.0

    /// Looks whether everything is there.
    init(_ order: ModelOrder, store: any BlobStore, limits: ModelMaker.Limits) throws(ModelFailure) {
        // Noise on a sum of nothing is a step like any other.
        let mayBeEmpty = order.privacy != nil && order.contributions.isEmpty
        guard let totalWeight = Self.totalWeight(of: order.contributions), totalWeight > 0 || mayBeEmpty else {
            // Weights are checked before they are recorded: such a record is not what was written.
            throw ModelFailure(result: .damagedContributions(order.contributions.map(\.client)))
        }
        try Self.checkPrivacy(of: order)
        let limits = limits.fitting(order.privacy)
        (self.order, self.store, self.limits, self.totalWeight) = (order, store, limits, totalWeight)
        base = HashedBlob(order.base)
        updates = order.contributions.map { HashedBlob($0.numbers) }
        let length = min(limits.tileLength, max(order.parameterCount, 1))
        let width = order.aggregation.part.rule == nil ? min(limits.width, updates.count) : 0
        baseTile = TensorTile(capacity: length)
        updateTiles = (0..<width).map { _ in TensorTile(capacity: length) }
        let isAllSingle = order.contributions.allSatisfy { $0.numbers.encoding == .float32 }
        let scratchLength = isAllSingle && order.base.encoding == .float32 ? 0 : length
        scratches = (0...width).map { _ in TensorTile(capacity: scratchLength) }
        mean = [Double](repeating: 0, count: length)
        messageMemory = [Double](repeating: 0, count: (order.method?.method.form.messages.count ?? 0) * length)
        let count = order.parameterCount
        state = try StateAssembly(
            order.step.optimiser.stateForm, order.state, parameterCount: count, store: store, pieceLength: length)
        methodState = try StateAssembly(
            order.method?.method.form.serverVectors ?? .none, order.method?.vectors ?? [], parameterCount: count,
            store: store, pieceLength: length)
        mixing = order.mixing.map { MixingAssembly($0, order, store: store, pieceLength: length) }
        try openAll()
        try splitUpdates()
        messageSums = (0..<(vectorCount - 1)).map { makeMessageSum($0, length: length) }
        guard !messageSums.contains(where: { $0 == nil }) else {
            throw baseFailure(because: "no exact sum fits the bounds of the method's messages")
        }
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
                try updates[place].open(
                    in: store, parameterCount: vectorCount * count, keepsOpen: place < limits.openBlobs)
            }
        }
        if base.isDamaged {
            try ModelFailure.catching { () throws(StoreError) in try base.close(in: store) }
            throw baseFailure
        }
        try ModelFailure.catching { () throws(StoreError) in
            for place in try mixing?.open(parameterCount: count) ?? [] { updates[place].condemn() }
        }
        try refuseDamagedUpdates()
    }

    /// Moves damaged updates aside and names their clients.
    func refuseDamagedUpdates() throws(ModelFailure) {
        guard updates.contains(where: \.isDamaged) else { return }
        try ModelFailure.catching { () throws(StoreError) in
            for place in updates.indices where updates[place].isDamaged { try updates[place].close(in: store) }
        }
        let damaged = Set(updates.indices.filter { updates[$0].isDamaged }.map { $0 % contributionCount })
        let clients = damaged.sorted().map { order.contributions[$0].client }
        throw ModelFailure(result: .damagedContributions(clients))
    }

    /// Makes the model.
    func run() throws(ModelFailure) -> ModelResult {
        if let privacy = order.privacy { try findClipFactors(privacy.clip) }
        let writer = try ModelFailure.catching { () throws(StoreError) in try store.makeBlob() }
        do throws(ModelFailure) {
            try ModelFailure.catching { () throws(StoreError) in
                try state.begin()
                try methodState.begin()
            }
            if let rule = order.aggregation.part.rule {
                try writePieces(combinedBy: rule, to: writer)
            } else {
                try writePieces(to: writer)
            }
            try compareDigests()
            let kept = try ModelFailure.catching { () throws(StoreError) in
                try state.finish() + methodState.finish()
            }
            let (digest, byteCount) = try ModelFailure.catching { () throws(StoreError) in try writer.finish() }
            let model = TensorBlob(digest: digest, byteCount: byteCount, encoding: .float32)
            return .made(model, state: kept, stepNorm: squares.squareRoot())
        } catch {
            writer.cancel()
            state.cancel()
            methodState.cancel()
            throw error
        }
    }

    /// Nothing is made of what was read before it is known to be what was accepted.
    private func compareDigests() throws(ModelFailure) {
        try ModelFailure.catching { () throws(StoreError) in
            // What a rule read was compared in every one of its passes.
            guard order.aggregation.part.rule == nil else { return }
            for place in updates.indices where !updates[place].isDamaged { try updates[place].close(in: store) }
        }
        try refuseDamagedUpdates()
        try ModelFailure.catching { () throws(StoreError) in try base.close(in: store) }
        if base.isDamaged { throw baseFailure }
        try ModelFailure.catching { () throws(StoreError) in
            for place in try mixing?.compareDigests() ?? [] { updates[place].condemn() }
        }
        try refuseDamagedUpdates()
        try compareDigests(of: state, "server optimiser")
        try compareDigests(of: methodState, "method")
    }

    private func compareDigests(of state: StateAssembly, _ owner: String) throws(ModelFailure) {
        let damaged = try ModelFailure.catching { () throws(StoreError) in try state.compareDigests() }
        guard let damaged else { return }
        throw ModelFailure(
            result: .damagedBase(
                "\(order.run), \(order.round): what the \(owner) keeps, its \(damaged), is missing or not what was "
                    + "written"))
    }

    private func writePieces(to writer: any BlobWriter) throws(ModelFailure) {
        var sum: UpdateSum?
        var sumLength = 0
        var start = 0
        while start < order.parameterCount {
            let range = start..<min(start + limits.tileLength, order.parameterCount)
            if range.count != sumLength {
                sum = UpdateSum(
                    parameterCount: range.count, bound: order.privacy?.bound ?? order.bound,
                    weightLimit: order.privacy?.weightLimit ?? totalWeight)
                sumLength = range.count
            }
            // The plan's bound and the limit on weights were checked to leave a grid when the run was created.
            guard var piece = sum.take() else { throw baseFailure(because: "no exact sum fits the bound and weights") }
            try ModelFailure.catching { () throws(StoreError) in
                let isBaseSound = try fold(range, into: &piece)
                if vectorCount > 1 { try foldMessages(range) }
                if try readStates(range), isBaseSound { try step(range, piece, to: writer) }
            }
            piece.reset()
            sum = piece
            start = range.upperBound
        }
    }

    /// Adds a piece of every contribution, a few at a time, and reads the same piece of the base; whether that was sound.
    private func fold(_ range: Range<Int>, into sum: inout UpdateSum) throws(StoreError) -> Bool {
        var isBaseSound = contributionCount == 0 ? try readBase(range) != nil : false
        var first = 0
        while first < contributionCount {
            let group = first..<min(first + limits.width, contributionCount)
            let isFirst = first == 0
            let found = try read(range, of: group, andBase: isFirst)
            if isFirst { isBaseSound = found.last.map { $0 != nil } ?? false }
            if let mixing, isBaseSound { try mix(found, of: group, at: range, by: mixing) }
            var places: [Int] = []
            var pieces: [UnsafeBufferPointer<Float>] = []
            for (place, piece) in zip(group, found) {
                guard let piece else { continue }
                places.append(place)
                pieces.append(piece)
            }
            let refusals = sum.add(pieces, weights: places.map { order.contributions[$0].weight })
            for (place, refusal) in zip(places, refusals) where refusal != nil { updates[place].condemn() }
            first = group.upperBound
        }
        return isBaseSound
    }

    /// Replaces pieces of updates by the ways from the base to their clients' models.
    private func mix(
        _ found: [UnsafeBufferPointer<Float>?], of group: Range<Int>, at range: Range<Int>, by mixing: MixingAssembly
    ) throws(StoreError) {
        for (tile, place) in group.enumerated() where found[tile] != nil {
            let piece = updateTiles[tile].prefix(range.count)
            let isMixed = try mixing.mix(piece, at: range, of: place, into: baseTile.prefix(range.count))
            if !isMixed { updates[place].condemn() }
        }
    }

    /// Moves a piece of the model and writes it.
    private func step(_ range: Range<Int>, _ sum: UpdateSum, to writer: any BlobWriter) throws(StoreError) {
        // With nothing sound to add there is no step to take, and no model in the end.
        guard sum.contributionCount > 0 || contributionCount == 0 else { return }
        try step(range.count, to: writer) { mean in
            guard let privacy = order.privacy else { return sum.write(meanTo: mean) }
            sum.write(noisyMeanTo: mean, over: privacy.denominator) {
                privacy.noise.add(to: $0, from: range.lowerBound)
            }
        }
    }

    /// Moves a piece of the model along what `fill` gives, and writes it.
    func step(
        _ count: Int, to writer: any BlobWriter, along fill: (UnsafeMutableBufferPointer<Double>) -> Void
    ) throws(StoreError) {
        let weights = baseTile.prefix(count)
        try mean.withUnsafeMutableBufferPointer { mean throws(StoreError) in
            let mean = UnsafeMutableBufferPointer(rebasing: mean[..<count])
            fill(mean)
            if order.meanScale != 1 { for index in mean.indices { mean[index] *= order.meanScale } }
            if let method = order.method {
                try methodState.step(count: count) { state in
                    messageMemory.withUnsafeMutableBufferPointer { memory in
                        method.step(mean, message: messageMeans(count, in: memory), state: state)
                    }
                }
            }
            try state.step(count: count) { order.step.advance(weights, state: $0, along: mean, squares: &squares) }
        }
        try writer.append(weights)
    }

    var baseFailure: ModelFailure { baseFailure(because: "it is missing, or not what was written") }

    func baseFailure(because reason: String) -> ModelFailure {
        ModelFailure(
            result: .damagedBase(
                "\(order.run), \(order.round): the model it starts from (\(order.base.digest)): \(reason)"))
    }
}
