import TributaryCore
import TributaryMath

/// What a worker needs to do any client's part of a round.
struct ClientTraining<T: Trainer>: Sendable {
    /// One client's part.
    struct Order: Sendable {
        let client: ClientID
        let ending: Fate.Ending
        let partialWork: LocalSolver.Work?
    }

    let trainer: T
    let global: [Float]
    let strategy: Strategy
    let form: MethodForm
    let state: MethodState
    /// What of the model stays with clients.
    let head: ModelHead
    /// The method's vectors that go down with the model.
    let sent: [Float]
    let round: RoundNumber
    let solver: LocalSolver
    let seed: Seed
    private let adversaries: Adversaries
    private let protection: UpdateProtection?

    /// - Parameters:
    ///   - round: what random numbers are drawn by.
    ///   - global: the model that clients are given.
    init(_ federation: Federation<T>, round: RoundNumber, solver: LocalSolver, global: [Float]) {
        trainer = federation.trainer
        self.global = global
        strategy = federation.plan.strategy
        form = federation.plan.strategy.method.form
        (state, head) = (federation.state.method, federation.head)
        sent = Array(state.vectors.values.prefix(form.sentCount * global.count))
        (self.round, self.solver) = (round, solver)
        seed = federation.seed
        adversaries = federation.adversaries
        protection = UpdateProtection(federation)
    }

    /// Makes a client's update, as good or bad as its fate has it, and folds it.
    func run(_ order: Order, on slot: WorkerSlot<T>) -> UpdateOutcome {
        let made = make(order, on: slot)
        guard case .folded(var entry) = made.outcome else { return made.outcome }
        // All of what was sent counts, or nothing: messages are looked at before the update is added.
        if made.isTrained, let refusal = messageRefusal(entry, on: slot) { return .refused(refusal) }
        if let refusal = protect(on: slot, &entry) { return .refused(refusal) }
        if let refusal = slot.gathered.add(slot.weights, of: entry.client, weight: entry.weight) {
            return .refused(refusal)
        }
        if made.isTrained { foldMessages(on: slot) }
        return .folded(entry)
    }

    /// Makes a client's update; the worker has it then, and it is still to be folded.
    func make(_ order: Order, on slot: WorkerSlot<T>) -> (outcome: UpdateOutcome, isTrained: Bool) {
        let client = order.client
        let held = trainer.exampleCount(of: client)
        var entry = Contributions.Entry(
            client: client, outcome: TrainingOutcome(exampleCount: held, stepCount: 0, meanLoss: 0), norm: 0)
        var isTrained = false
        switch order.ending {
        case .sendsGarbage:
            var stream = faultStream(client)
            slot.weights = garbage(&stream)
        case .sendsNotFinite:
            var stream = faultStream(client)
            slot.weights = [Float](repeating: 0, count: global.count)
            slot.weights[stream.uniform(below: global.count)] = .nan
        default:
            if strategy.selector?.form.measure == .squareLosses {
                entry.rootMeanSquareLoss = trainer.rootMeanSquareLoss(
                    of: client, at: global, workspace: &slot.workspace)
            }
            train(order, on: slot, &entry)
            isTrained = true
            trainOwn(order, on: slot, &entry)
            if adversaries.clients.contains(client) { forge(on: slot, &entry) }
        }
        if isTrained, let compression = strategy.compression, let refusal = compress(compression, on: slot, &entry) {
            return (.refused(refusal), isTrained)
        }
        // The round's weight limit is the sum of what its clients hold. One that claims more would crowd out another, and
        // who that is would depend on the worker.
        guard entry.outcome.exampleCount <= held else { return (.refused(.badWeight), isTrained) }
        entry.weight = strategy.method.weight(
            of: client, weight: strategy.weighting.weight(exampleCount: entry.outcome.exampleCount),
            figures: state.figures)
        return (.folded(entry), isTrained)
    }

    /// Does what privacy asks, last of all: what is summed is within the bound whatever was sent. Why an update cannot be
    /// used; nil if it can.
    private func protect(on slot: WorkerSlot<T>, _ entry: inout Contributions.Entry) -> UpdateRefusal? {
        guard let protection else { return nil }
        guard slot.weights.count == global.count else { return .malformed }
        switch protection.protect(&slot.weights, of: entry.client, in: round) {
        case .refused(let refusal): return refusal
        case .protected(let isWithin): entry.isWithinClip = isWithin
        }
        return nil
    }

    private func train(_ order: Order, on slot: WorkerSlot<T>, _ entry: inout Contributions.Entry) {
        slot.copyWeights(from: global)
        var task = TrainingTask(
            round: round, client: order.client, solver: solver,
            seed: seed.derived("local-training", UInt64(round.rawValue), order.client.rawValue))
        if let part = order.partialWork { task.solver.work = part }
        guard !form.isEmpty else {
            trainPlainly(task, on: slot, &entry)
            entry.norm = ModelDifference.replace(&slot.weights, minus: global).norm
            return
        }
        train(by: strategy.method, &task, on: slot, &entry)
    }

    /// Puts what an adversary sends in the place of what was trained.
    private func forge(on slot: WorkerSlot<T>, _ entry: inout Contributions.Entry) {
        var stream = faultStream(entry.client)
        adversaries.forge(&slot.weights, of: entry.client, stream: &stream)
        head.clear(&slot.weights)
        entry.norm = slot.weights.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }

    private func faultStream(_ client: ClientID) -> RandomStream {
        seed.derived("faulty-update", UInt64(round.rawValue), client.rawValue).stream()
    }

    /// Bytes that are not an update: random bits with an infinity among them, or too few.
    private func garbage(_ stream: inout RandomStream) -> [Float] {
        if stream.bernoulli(0.5) { return [Float](repeating: 0, count: stream.uniform(below: global.count)) }
        var bits = (0..<global.count).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: stream.next())) }
        bits[stream.uniform(below: bits.count)] = .infinity
        return bits
    }
}
