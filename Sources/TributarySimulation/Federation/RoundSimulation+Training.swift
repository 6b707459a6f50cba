import TributaryCore

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
        let training = ClientTraining(
            federation, round: round, solver: solver, global: federation.state.weights.values)
        let orders = wave.map {
            ClientTraining<T>.Order(
                client: cohort[$0], ending: members[$0].ending, partialWork: members[$0].partialWork)
        }
        let results = await federation.pool.map(orders.count) { index, slot in training.run(orders[index], on: slot) }
        for (place, result) in zip(wave, results) { members[place].outcome = result }
    }
}
