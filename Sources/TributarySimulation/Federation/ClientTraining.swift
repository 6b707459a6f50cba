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
    /// The method's vectors that go down with the model.
    let sent: [Float]
    private let round: RoundNumber
    private let solver: LocalSolver
    private let seed: Seed

    init(_ simulation: RoundSimulation<T>) {
        let federation = simulation.federation
        trainer = federation.trainer
        global = federation.state.weights.values
        strategy = federation.plan.strategy
        form = simulation.form
        state = federation.state.method
        sent = Array(state.vectors.values.prefix(form.sentCount * global.count))
        round = simulation.round
        solver = simulation.solver
        seed = federation.seed
    }

    /// Makes a client's update, as good or bad as its fate has it, and folds it.
    func run(_ order: Order, on slot: WorkerSlot<T>) -> UpdateOutcome {
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
            train(order, on: slot, &entry)
            isTrained = true
        }
        // The round's weight limit is the sum of what its clients hold. One that claims more would crowd out another, and
        // who that is would depend on the worker.
        guard entry.outcome.exampleCount <= held else { return .refused(.badWeight) }
        entry.weight = strategy.method.weight(
            of: client, weight: strategy.weighting.weight(exampleCount: entry.outcome.exampleCount),
            figures: state.figures)
        // All of what was sent counts, or nothing: messages are looked at before the update is added.
        if isTrained, let refusal = messageRefusal(entry, on: slot) { return .refused(refusal) }
        if let refusal = fold(entry, on: slot) { return .refused(refusal) }
        if isTrained { foldMessages(on: slot) }
        return .folded(entry)
    }

    private func train(_ order: Order, on slot: WorkerSlot<T>, _ entry: inout Contributions.Entry) {
        slot.copyWeights(from: global)
        var task = TrainingTask(
            round: round, client: order.client, solver: solver,
            seed: seed.derived("local-training", UInt64(round.rawValue), order.client.rawValue))
        if let part = order.partialWork { task.solver.work = part }
        guard !form.isEmpty else {
            entry.outcome = trainer.train(task, weights: &slot.weights, workspace: &slot.workspace)
            entry.norm = ModelDifference.replace(&slot.weights, minus: global).norm
            return
        }
        train(by: strategy.method, &task, on: slot, &entry)
    }

    private func fold(_ entry: Contributions.Entry, on slot: WorkerSlot<T>) -> UpdateRefusal? {
        guard var sum = slot.sum.take() else { preconditionFailure("a worker without a sum for the open round") }
        let refusal = sum.add(slot.weights, weight: entry.weight)
        slot.sum = sum
        return refusal
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
