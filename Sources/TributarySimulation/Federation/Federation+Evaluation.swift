import TributaryCore
import TributaryMath

extension Federation {
    /// Scores a model on the central test set; nil without one.
    func testScore(_ weights: [Float]) async -> Score? {
        let trainer = trainer
        let parts = await pool.map(trainer.testChunkCount) { chunk, slot in
            trainer.evaluateTest(chunk: chunk, weights: weights, workspace: &slot.workspace)
        }
        var total = Evaluation.empty
        for part in parts { total.merge(part) }
        return Score(total)
    }

    /// The clients that score the model of a round.
    func evaluationClients(in round: RoundNumber) -> [ClientID] {
        let selector = CohortSelector(
            selection: .uniform, populationSize: trainer.clientCount,
            inviteCount: plan.plan.evaluation.federatedClients)
        return selector.cohort(seed: seed.derived("federated-evaluation", UInt64(round.rawValue)))
    }

    /// Scores a model on the held-out data of clients drawn for the round; nil if none of them holds any out.
    func federatedScore(_ weights: [Float], round: RoundNumber) async -> FederatedScore? {
        let clients = evaluationClients(in: round)
        let trainer = trainer
        let evaluations = await pool.map(clients.count) { index, slot in
            trainer.evaluate(client: clients[index], weights: weights, workspace: &slot.workspace)
        }
        return FederatedScore(evaluations)
    }
}
