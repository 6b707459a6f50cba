import TributaryCore
import TributaryMath

/// What became of an update where it was trained.
enum UpdateOutcome: Sendable {
    /// The worker has it, as a part of its sum or by itself.
    case folded(Contributions.Entry)
    /// It cannot be used.
    case refused(UpdateRefusal)
}

extension RoundSimulation {
    /// Trains the client at `place` and the next arrivals that the round still has places for.
    ///
    /// Every one of them will be admitted: it arrives before the deadline, for the first time, and an earlier arrival
    /// can only free a place. So each update is folded where it was trained, and none is kept unless the aggregation has to
    /// see them together.
    mutating func trainWave(from place: Int, openPlaces: Int) async {
        var wave = [place]
        wave.reserveCapacity(openPlaces)
        members[place].isTrained = true
        for event in events[nextEvent...] {
            guard wave.count < openPlaces, event.instant < deadline else { break }
            guard event.kind == .updateArrives, !members[event.place].isTrained else { continue }
            members[event.place].isTrained = true
            wave.append(event.place)
        }
        let work = LocalWork(self)
        let orders = wave.map { (client: cohort[$0], ending: members[$0].ending) }
        let results = await federation.pool.map(orders.count) { index, slot in
            work.run(orders[index].client, ending: orders[index].ending, on: slot)
        }
        for (place, result) in zip(wave, results) { members[place].outcome = result }
    }
}

/// What a worker needs to do any client's part of a round.
private struct LocalWork<T: Trainer>: Sendable {
    let trainer: T
    let global: [Float]
    let round: RoundNumber
    let solver: LocalSolver
    let weighting: UpdateWeighting
    let seed: Seed
    let adversaries: Adversaries

    init(_ simulation: RoundSimulation<T>) {
        let federation = simulation.federation
        trainer = federation.trainer
        global = federation.state.weights.values
        round = simulation.round
        solver = simulation.solver
        weighting = federation.plan.plan.server.weighting
        seed = federation.seed
        adversaries = federation.adversaries
    }

    /// Makes a client's update, as good or bad as its fate has it, and folds it.
    func run(_ client: ClientID, ending: Fate.Ending, on slot: WorkerSlot<T>) -> UpdateOutcome {
        let held = trainer.exampleCount(of: client)
        var entry = Contributions.Entry(
            client: client, outcome: TrainingOutcome(exampleCount: held, stepCount: 0, meanLoss: 0), norm: 0)
        switch ending {
        case .sendsGarbage:
            var stream = faultStream(client)
            slot.weights = garbage(&stream)
        case .sendsNotFinite:
            var stream = faultStream(client)
            slot.weights = [Float](repeating: 0, count: global.count)
            slot.weights[stream.uniform(below: global.count)] = .nan
        default:
            slot.copyWeights(from: global)
            let task = TrainingTask(
                round: round, client: client, solver: solver,
                seed: seed.derived("local-training", UInt64(round.rawValue), client.rawValue))
            entry.outcome = trainer.train(task, weights: &slot.weights, workspace: &slot.workspace)
            entry.norm = ModelDifference.replace(&slot.weights, minus: global).norm
            if adversaries.clients.contains(client) {
                var stream = faultStream(client)
                adversaries.forge(&slot.weights, of: client, stream: &stream)
                entry.norm = slot.weights.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            }
        }
        // The round's weight limit is the sum of what its clients hold. One that claims more would crowd out another, and
        // who that is would depend on the worker.
        guard entry.outcome.exampleCount <= held else { return .refused(.badWeight) }
        let weight = weighting.weight(exampleCount: entry.outcome.exampleCount)
        let refusal = slot.gathered.add(slot.weights, of: client, weight: weight)
        return refusal.map(UpdateOutcome.refused) ?? .folded(entry)
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
