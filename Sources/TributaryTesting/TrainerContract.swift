public import TributaryCore
import TributaryMath

/// What every `Trainer` promises the simulator, as checks that any trainer can be put through.
///
/// ```swift
/// #expect(TrainerContract(myTrainer).violations(seed: Seed(1)).isEmpty)
/// ```
public struct TrainerContract<T: Trainer> {
    private let trainer: T
    private var solver = LocalSolver()

    /// The contract of a trainer, tried with two epochs of batches of 5.
    public init(_ trainer: T) {
        self.trainer = trainer
        solver.work = .epochs(2)
        solver.batchSize = 5
        solver.learningRate = 0.01
    }

    /// What the trainer breaks, in words; empty if it keeps the contract. Tries the first `clientLimit` clients.
    public func violations(seed: UInt64, clientLimit: Int = 5) -> [String] {
        var broken: [String] = []
        let initial = trainer.initialWeights(seed: Seed(seed))
        if initial.layout != trainer.layout { broken.append("initial weights of another layout") }
        if initial != trainer.initialWeights(seed: Seed(seed)) { broken.append("one seed, two initial models") }
        var used = trainer.makeWorkspace()
        for index in 0..<min(trainer.clientCount, clientLimit) {
            broken += violations(of: ClientID(index: index), from: initial.values, seed: seed, workspace: &used)
        }
        for chunk in 0..<trainer.testChunkCount {
            var fresh = trainer.makeWorkspace()
            let score = trainer.evaluateTest(chunk: chunk, weights: initial.values, workspace: &fresh)
            if score != trainer.evaluateTest(chunk: chunk, weights: initial.values, workspace: &used) {
                broken.append("test chunk \(chunk) scores differently in a used workspace")
            }
            if score.exampleCount == 0 { broken.append("test chunk \(chunk) is empty") }
        }
        return broken
    }

    /// A client's training and score must not depend on the workspace's past, and must say what they did.
    private func violations(
        of client: ClientID, from initial: [Float], seed: UInt64, workspace used: inout T.Workspace
    ) -> [String] {
        var broken: [String] = []
        let task = TrainingTask(
            round: RoundNumber(1), client: client, solver: solver, seed: Seed(seed).derived("task", client.rawValue))
        var (first, second) = (initial, initial)
        var fresh = trainer.makeWorkspace()
        let outcome = trainer.train(task, weights: &first, workspace: &fresh)
        let again = trainer.train(task, weights: &second, workspace: &used)
        if first.map(\.bitPattern) != second.map(\.bitPattern) || outcome != again {
            broken.append("\(client) trains differently in a used workspace")
        }
        if outcome.exampleCount != trainer.exampleCount(of: client) {
            broken.append(
                "\(client) trained on \(outcome.exampleCount) examples, not \(trainer.exampleCount(of: client))")
        }
        if outcome.exampleCount == 0, outcome.stepCount != 0 || first != initial {
            broken.append("\(client) has no examples but moved the model")
        }
        if outcome.exampleCount > 0, outcome.stepCount < 1 { broken.append("\(client) took no step") }
        let score = trainer.evaluate(client: client, weights: first, workspace: &fresh)
        if score != trainer.evaluate(client: client, weights: first, workspace: &used) {
            broken.append("\(client) scores differently in a used workspace")
        }
        return broken
    }
}
