import TributaryCore
import TributaryMath

/// What trainers promise that can do more than train: hold coordinates still, or train a mixture of two models.
extension TrainerContract {
    /// What is held still stays to the bit, whatever the solver does; with one step the rest goes where it always does.
    func freezingViolations(of client: ClientID, from initial: [Float], workspace: inout T.Workspace) -> [String] {
        var task = TrainingTask(round: RoundNumber(1), client: client, solver: LocalSolver(), seed: Seed(1))
        (task.solver.work, task.solver.batchSize, task.solver.learningRate) = (.steps(1), nil, 0.01)
        (task.solver.weightDecay, task.solver.momentum) = (0.1, 0.5)
        var whole = initial
        _ = trainer.train(task, weights: &whole, workspace: &workspace)
        let still = initial.count / 3..<initial.count - initial.count / 4
        task.frozen = [still]
        var part = initial
        _ = trainer.train(task, weights: &part, workspace: &workspace)
        var expected = whole
        for index in still { expected[index] = initial[index] }
        return part.map(\.bitPattern) == expected.map(\.bitPattern)
            ? [] : ["\(client) does not hold still what is frozen, or moves the rest otherwise"]
    }

    /// The shared model trains as without; α = 0 and α = 1 are known cases, and one full-batch step is worked out.
    func mixtureViolations(
        _ task: TrainingTask, of mixer: any MixtureTrainer<T.Workspace>, from initial: [Float], to trained: [Float],
        workspace: inout T.Workspace
    ) -> [String] {
        var broken: [String] = []
        let own = initial.indices.map { initial[$0] + 0.01 * Float($0 % 3) }
        var alone = own
        _ = trainer.train(task, weights: &alone, workspace: &workspace)
        for (share, expected) in [(0.0, own), (1.0, alone), (0.3, nil)] {
            var (weights, mixture) = (
                initial, ModelMixture(own: own, share: share, shareRate: 0, solver: task.solver)
            )
            _ = mixer.train(task, weights: &weights, mixture: &mixture, workspace: &workspace)
            if weights.map(\.bitPattern) != trained.map(\.bitPattern) {
                broken.append("\(task.client) trains differently beside a mixture of share \(share)")
            }
            if let expected, Self.differ(mixture.own, expected) || mixture.share != share {
                broken.append("\(task.client) trains the own part of share \(share) otherwise")
            }
        }
        return broken + mixtureStepViolations(task.client, of: mixer, from: initial, own, workspace: &workspace)
    }

    private func mixtureStepViolations(
        _ client: ClientID, of mixer: any MixtureTrainer<T.Workspace>, from initial: [Float], _ own: [Float],
        workspace: inout T.Workspace
    ) -> [String] {
        var task = TrainingTask(round: RoundNumber(1), client: client, solver: LocalSolver(), seed: Seed(1))
        (task.solver.work, task.solver.batchSize, task.solver.learningRate) = (.steps(1), nil, 0.01)
        let mixed = zip(own, initial).map { 0.75 * $0 + 0.25 * $1 }
        var gradient: [Float] = []
        _ = trainer.gradient(of: client, at: mixed, into: &gradient, workspace: &workspace)
        let slope = zip(gradient, zip(own, initial)).reduce(0.0) { $0 + Double($1.0) * Double($1.1.0 - $1.1.1) }
        var (weights, mixture) = (initial, ModelMixture(own: own, share: 0.75, shareRate: 2, solver: task.solver))
        _ = mixer.train(task, weights: &weights, mixture: &mixture, workspace: &workspace)
        let share = min(max(0.75 - 2 * slope, 0), 1)
        let isRight =
            !Self.differ(mixture.own, zip(own, gradient).map { $0 - 0.01 * 0.75 * $1 })
            && abs(mixture.share - share) <= 1e-5 * max(1, abs(slope))
        return isRight ? [] : ["\(client) does not step along the gradients of its mixture"]
    }
}
