import TributaryCore
import TributaryMath

/// What the same data gives without a federation, for as much work on each example as the federation's.
///
/// A client takes part in about rounds · goal / N rounds; the baselines train for that many, with the learning rates of
/// rounds spread evenly over the plan.
struct BaselineTraining<T: PoolableTrainer>: Sendable {
    let federation: Federation<T>

    private var plan: ResolvedPlan { federation.plan }
    private var trainer: T { federation.trainer }
    private var seed: Seed { federation.seed }

    /// One model a client on its own data alone: the means over as many clients as a federated
    /// evaluation draws.
    func local() async -> RunRecord.Baseline {
        let selector = CohortSelector(
            selection: .uniform, populationSize: trainer.clientCount,
            inviteCount: plan.plan.evaluation.federatedClients)
        let clients = selector.cohort(seed: seed.derived("baseline-clients")).filter {
            trainer.exampleCount(of: $0) > 0
        }
        let scores = await federation.pool.map(clients.count) { index, slot in
            let client = clients[index]
            train(client, of: trainer, label: seed.derived("baseline-local"), on: slot)
            return (
                test: testEvaluation(on: slot),
                own: trainer.evaluate(client: client, weights: slot.weights, workspace: &slot.workspace)
            )
        }
        // Every model scores the same test set, so the mean over all scored examples is the mean over clients.
        var test = Evaluation.empty
        for score in scores { test.merge(score.test) }
        return RunRecord.Baseline(kind: .local, test: Score(test), federated: FederatedScore(scores.map(\.own)))
    }

    /// One model on all clients' data put together.
    func pooled() async -> RunRecord.Baseline {
        let pooledTrainer = trainer.pooled()
        let pooledPool = WorkerPool(trainer: pooledTrainer, workerCount: 1)
        let weights = await pooledPool.map(1) { _, slot in
            train(ClientID(0), of: pooledTrainer, label: seed.derived("baseline-pooled"), on: slot)
            return slot.weights
        }[0]
        let test = await federation.testScore(weights)
        let own = await federation.federatedScore(weights, round: RoundNumber(plan.plan.rounds))
        return RunRecord.Baseline(kind: .pooled, test: test, federated: own)
    }

    /// The rounds a client takes part in, on average; at least one.
    private var passes: Int {
        let share = Double(plan.goal) / Double(plan.populationSize)
        return max(1, Int((Double(plan.plan.rounds) * share).rounded()))
    }

    private func train(_ client: ClientID, of trainer: T, label: Seed, on slot: WorkerSlot<T>) {
        slot.copyWeights(from: trainer.initialWeights(seed: seed.derived("initial-weights")).values)
        for pass in 0..<passes {
            let round = RoundNumber(1 + pass * plan.plan.rounds / passes)
            let task = TrainingTask(
                round: round, client: client, solver: plan.plainSolver(for: round),
                seed: label.derived("pass", UInt64(pass), client.rawValue))
            _ = trainer.train(task, weights: &slot.weights, workspace: &slot.workspace)
        }
    }

    private func testEvaluation(on slot: WorkerSlot<T>) -> Evaluation {
        var total = Evaluation.empty
        for chunk in 0..<trainer.testChunkCount {
            total.merge(trainer.evaluateTest(chunk: chunk, weights: slot.weights, workspace: &slot.workspace))
        }
        return total
    }
}
