import TributaryCore
import TributaryMath

/// What a client has for itself, where it keeps something, and how it trains in a round.
extension ClientTraining {
    /// Local training where no method has anything to say. The worker has the local model then, with the head as it was given.
    func trainPlainly(_ task: TrainingTask, on slot: WorkerSlot<T>, _ entry: inout Contributions.Entry) {
        switch strategy.personalisation {
        case .ownHead(_, let epochs)?: trainAroundHead(task, isFirst: epochs != nil, on: slot, &entry)
        case .mixture(let share, let shareRate, _)?: trainMixture(task, share, shareRate, on: slot, &entry)
        case .ditto?, .fineTuning?, nil:
            entry.outcome = trainer.train(task, weights: &slot.weights, workspace: &slot.workspace)
        }
    }

    /// Trains the shared tensors under the client's own (FedPer; Arivazhagan et al. 2019), which train before them if they are
    /// first (FedRep; Collins et al. 2021).
    private func trainAroundHead(
        _ task: TrainingTask, isFirst: Bool, on slot: WorkerSlot<T>, _ entry: inout Contributions.Entry
    ) {
        if let kept = kept(of: task.client) { head.put(kept, into: &slot.weights) }
        var task = task
        if isFirst, let personalisation = strategy.personalisation {
            var first = task
            (first.solver, first.frozen) = (personalisation.solver(task.solver), head.base)
            first.seed = task.seed.derived("head")
            _ = trainer.train(first, weights: &slot.weights, workspace: &slot.workspace)
            task.frozen = head.ranges
        }
        entry.outcome = trainer.train(task, weights: &slot.weights, workspace: &slot.workspace)
        let own = head.gathered(from: slot.weights)
        entry.memory = own
        if own.allSatisfy(\.isFinite) {
            head.put(head.gathered(from: global), into: &slot.weights)
        } else {
            // What has diverged cannot be used, as where all of it is sent.
            slot.weights = [Float](repeating: .nan, count: global.count)
        }
    }

    /// Trains the shared model, and v and α with every step (APFL; Deng, Kamani and Mahdavi 2020).
    private func trainMixture(
        _ task: TrainingTask, _ share: Double, _ shareRate: Double, on slot: WorkerSlot<T>,
        _ entry: inout Contributions.Entry
    ) {
        guard let mixer = trainer as? any MixtureTrainer<T.Workspace>, let personalisation = strategy.personalisation
        else { preconditionFailure("a trainer that was looked at") }
        let own = personalisation.solver(task.solver)
        let rate = shareRate * task.solver.learningRate
        var mixture = ModelMixture(own: global, share: share, shareRate: rate, solver: own)
        if let kept = kept(of: task.client) { mixture = ModelMixture(memory: kept, shareRate: rate, solver: own) }
        // A share that does not adapt is the plan's, to the bit.
        if shareRate == 0 { mixture.share = share }
        entry.outcome = mixer.train(
            task, weights: &slot.weights, mixture: &mixture, workspace: &slot.workspace)
        entry.memory = mixture.memory
    }

    /// Trains the client's own model (Ditto; Li, Hu, Beirami and Smith 2021), which it remembers if the round commits. What it
    /// does for the global model is done.
    func trainOwn(_ order: Order, on slot: WorkerSlot<T>, _ entry: inout Contributions.Entry) {
        guard case .ditto(let lambda, _, _)? = strategy.personalisation, let personalisation = strategy.personalisation
        else { return }
        var task = TrainingTask(
            round: round, client: order.client, solver: personalisation.solver(solver),
            seed: seed.derived("own-training", UInt64(round.rawValue), order.client.rawValue))
        // λ (v − x): the decay is λ v.
        if lambda > 0 { task.offset = global.map { Float(-lambda * Double($0)) } }
        var own = kept(of: order.client) ?? global
        _ = trainer.train(task, weights: &own, workspace: &slot.workspace)
        entry.memory = (entry.memory ?? methodMemory(of: order.client)) + own
    }

    private func kept(of client: ClientID) -> [Float]? {
        state.kept(of: client, strategy, parameterCount: global.count)
    }
}

extension MethodState {
    /// What a client has for itself: behind what its method remembers, before what compression left out. Nil if it has nothing,
    /// or has not taken part yet.
    func kept(of client: ClientID, _ strategy: Strategy, parameterCount: Int) -> [Float]? {
        guard strategy.personalisation?.keepsModels == true, let memory = clients.values[client] else { return nil }
        let residual = strategy.compression?.hasErrorFeedback == true ? parameterCount : 0
        return Array(memory[(strategy.method.form.memory.count * parameterCount)...].dropLast(residual))
    }
}

extension Strategy {
    /// What of a trainer's model stays with clients.
    ///
    /// - Throws: `PlanError` if the model has no such tensors, or the trainer cannot do what the personalisation asks of it.
    func personalHead(for trainer: some Trainer) throws(PlanError) -> ModelHead {
        try personalisation?.check(trainer)
        return try personalisation?.head(in: trainer.layout) ?? .none(parameterCount: trainer.layout.count)
    }
}

extension Personalisation {
    fileprivate func check<T: Trainer>(_ trainer: T) throws(PlanError) {
        func refuse(_ what: String) -> PlanError {
            PlanError("strategy.personalisation \(what), and this trainer does not let it; leave it out")
        }
        switch self {
        case .fineTuning, .ownHead(_, epochs: nil): return
        case .ditto:
            guard trainer.correctsGradients else { throw refuse("adds to gradients") }
        case .ownHead:
            guard trainer.freezesCoordinates else { throw refuse("holds tensors still while others train") }
        case .mixture:
            guard trainer is any MixtureTrainer<T.Workspace> else { throw refuse("trains two models step by step") }
        }
    }
}
