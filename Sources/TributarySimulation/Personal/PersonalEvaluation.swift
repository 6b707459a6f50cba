public import TributaryCore
import TributaryMath

/// Clients' own models beside the global one, each scored on what its client holds out.
struct PersonalEvaluation<T: Trainer>: Sendable {
    let federation: Federation<T>

    /// Scores the clients that a federated evaluation of the last round draws; nil without personalisation.
    func scores() async -> [PersonalScore]? {
        guard let personalisation = federation.plan.strategy.personalisation else { return nil }
        let (trainer, global) = (federation.trainer, federation.state.weights.values)
        let clients = federation.evaluationClients(in: federation.state.lastRound)
        return await federation.pool.map(clients.count) { [self] index, slot in
            let client = clients[index]
            let before = trainer.evaluate(client: client, weights: global, workspace: &slot.workspace)
            let own = model(of: client, personalisation, on: slot)
            let after = trainer.evaluate(client: client, weights: own, workspace: &slot.workspace)
            return PersonalScore(client: client, before: before, after: after)
        }
    }

    /// A client that never took part has the global model.
    fileprivate func model(of client: ClientID, _ personalisation: Personalisation, on slot: WorkerSlot<T>) -> [Float] {
        let global = federation.state.weights.values
        if case .fineTuning = personalisation { return tuned(global, of: client, personalisation, on: slot) }
        let strategy = federation.plan.strategy
        guard let kept = federation.state.method.kept(of: client, strategy, parameterCount: global.count) else {
            return global
        }
        switch personalisation {
        case .fineTuning, .ditto: return kept
        case .ownHead:
            var own = global
            federation.head.put(kept, into: &own)
            return own
        case .mixture(let share, let shareRate, _):
            var mixture = ModelMixture(memory: kept, shareRate: 0, solver: LocalSolver())
            if shareRate == 0 { mixture.share = share }
            return mixture.mixed(with: global)
        }
    }

    private func tuned(
        _ global: [Float], of client: ClientID, _ personalisation: Personalisation, on slot: WorkerSlot<T>
    ) -> [Float] {
        guard federation.trainer.exampleCount(of: client) > 0 else { return global }
        let state = federation.state
        let solver = federation.plan.plainSolver(for: state.lastRound)
        let task = TrainingTask(
            round: state.lastRound, client: client, solver: personalisation.solver(solver),
            seed: federation.seed.derived("fine-tuning", client.rawValue))
        var own = global
        _ = federation.trainer.train(task, weights: &own, workspace: &slot.workspace)
        return own
    }
}

extension Federation {
    /// Scores a round's model on the held-out data of clients drawn for the round, under each client's own head where they have
    /// heads; nil if none of them holds any out.
    func federatedScore(round: RoundNumber) async -> FederatedScore? {
        guard !head.isEmpty, let personalisation = plan.strategy.personalisation else {
            return await federatedScore(state.weights.values, round: round)
        }
        let (clients, trainer) = (evaluationClients(in: round), trainer)
        let evaluation = PersonalEvaluation(federation: self)
        return FederatedScore(
            await pool.map(clients.count) { index, slot in
                let own = evaluation.model(of: clients[index], personalisation, on: slot)
                return trainer.evaluate(client: clients[index], weights: own, workspace: &slot.workspace)
            })
    }
}

/// How a client's own model does beside the global one, on what the client holds out.
public struct PersonalScore: Hashable, Sendable {
    /// The client.
    public var client: ClientID
    /// The global model.
    public var before: Evaluation
    /// The client's own.
    public var after: Evaluation
}

extension [PersonalScore] {
    /// A table with a row a client: `clients.csv`. Who holds nothing out has no row.
    func csv() -> String {
        let rows = filter { $0.before.exampleCount > 0 }.map { score in
            let figures = [score.before.loss, score.before.accuracy, score.after.loss, score.after.accuracy]
            let cells = figures.map { figure in figure.map { $0.isNaN ? "nan" : "\($0)" } ?? "" }
            return "\(score.client.rawValue),\(score.before.exampleCount)," + cells.joined(separator: ",") + "\n"
        }
        return "client,examples,global_loss,global_accuracy,own_loss,own_accuracy\n" + rows.joined()
    }
}
