import TributaryCore
import TributaryMath

/// A client's own model, where it keeps one (Ditto; Li, Hu, Beirami and Smith 2021).
extension ClientTraining {
    /// Trains the client's own model, which it remembers if the round commits. What it does for the global model is done.
    func trainOwn(_ order: Order, on slot: WorkerSlot<T>, _ entry: inout Contributions.Entry) {
        guard case .ditto(let lambda, _, _)? = strategy.personalisation, let personalisation = strategy.personalisation
        else { return }
        var task = TrainingTask(
            round: round, client: order.client, solver: personalisation.solver(solver),
            seed: seed.derived("own-training", UInt64(round.rawValue), order.client.rawValue))
        // λ (v − x): the decay is λ v.
        if lambda > 0 { task.offset = global.map { Float(-lambda * Double($0)) } }
        var own = state.ownModel(of: order.client, strategy, parameterCount: global.count) ?? global
        _ = trainer.train(task, weights: &own, workspace: &slot.workspace)
        entry.memory = (entry.memory ?? methodMemory(of: order.client)) + own
    }
}

extension MethodState {
    /// The model that a client keeps; nil if it keeps none, or has not taken part yet.
    func ownModel(of client: ClientID, _ strategy: Strategy, parameterCount: Int) -> [Float]? {
        guard let place = strategy.form.memory.firstIndex(of: Strategy.ownModelName),
            let memory = clients.values[client]
        else { return nil }
        return Array(memory[place * parameterCount..<(place + 1) * parameterCount])
    }
}
