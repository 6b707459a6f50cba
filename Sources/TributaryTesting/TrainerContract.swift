public import TributaryCore
import TributaryMath

/// What every `Trainer` promises the simulator, as checks that any trainer can be put through.
///
/// ```swift
/// #expect(TrainerContract(myTrainer).violations(seed: Seed(1)).isEmpty)
/// ```
public struct TrainerContract<T: Trainer> {
    let trainer: T
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
        if trainer.correctsGradients, outcome.exampleCount > 0 {
            broken += correctionViolations(of: client, from: initial, workspace: &used)
        }
        if trainer.freezesCoordinates, outcome.exampleCount > 0 {
            broken += freezingViolations(of: client, from: initial, workspace: &used)
        }
        if let mixer = trainer as? any MixtureTrainer<T.Workspace>, outcome.exampleCount > 0 {
            broken += mixtureViolations(task, of: mixer, from: initial, to: first, workspace: &used)
        }
        let score = trainer.evaluate(client: client, weights: first, workspace: &fresh)
        if score != trainer.evaluate(client: client, weights: first, workspace: &used) {
            broken.append("\(client) scores differently in a used workspace")
        }
        return broken
    }

    /// One full-batch step is −η(∇F + offset); a proximal term holds the next one back; gradients and losses agree.
    private func correctionViolations(
        of client: ClientID, from initial: [Float], workspace: inout T.Workspace
    ) -> [String] {
        var plain = LocalSolver()
        (plain.work, plain.batchSize, plain.learningRate) = (.steps(1), nil, 0.01)
        func end(_ change: (inout TrainingTask) -> Void) -> [Float] {
            var task = TrainingTask(round: RoundNumber(1), client: client, solver: plain, seed: Seed(1))
            change(&task)
            var weights = initial
            _ = trainer.train(task, weights: &weights, workspace: &workspace)
            return weights
        }
        var (gradient, broken): ([Float], [String]) = ([], [])
        let loss = trainer.gradient(of: client, at: initial, into: &gradient, workspace: &workspace)
        if abs(loss - trainer.loss(of: client, at: initial, workspace: &workspace)) > 1e-5 * max(1, abs(loss)) {
            broken.append("\(client) has one loss by itself and another with its gradient")
        }
        let offset = initial.indices.map { Float($0 % 5) - 2 }
        let step = zip(initial, zip(gradient, offset)).map { $0 - 0.01 * ($1.0 + $1.1) }
        if Self.differ(end { $0.offset = offset }, step) { broken.append("\(client) does not add the offset") }
        // After a first step of −ηg the pull is −μηg: with ημ = 1 it takes back the whole of it.
        let two = end { $0.solver.work = .steps(2) }
        let held = end { ($0.solver.work, $0.solver.proximal) = (.steps(2), 100) }
        let expected = zip(two, zip(initial, gradient)).map { $0 + 0.01 * $1.1 }
        if Self.differ(held, expected) { broken.append("\(client) does not take the proximal term") }
        return broken
    }

    static func differ(_ left: [Float], _ right: [Float]) -> Bool {
        zip(left, right).contains { !(abs($0 - $1) <= 1e-5 * max(1, abs($1))) }
    }
}
