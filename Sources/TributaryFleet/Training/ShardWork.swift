import Synchronization
package import TributaryClient
package import TributaryCore
import TributaryMath

/// The work of a fleet's clients on one model: client i has the trainer's shard i.
package protocol ShardWork: Sendable {
    /// The tensors of the model.
    var layout: TensorLayout { get }

    /// Trains on a client's shard, with a correction added to every gradient (empty for none), and with some parameters left as
    /// they are (empty for none). Blocks.
    func train(
        _ task: TaskDescription, client: Int, from weights: [Float], correctedBy correction: [Float],
        holding frozen: [Range<Int>]
    ) throws(TaskFailure) -> LocalUpdate

    /// Trains on a client's shard, and what the client has for itself with every step. Blocks.
    func train(
        _ task: TaskDescription, client: Int, from weights: [Float], mixing mixture: ModelMixture
    ) throws(TaskFailure) -> (update: LocalUpdate, mixture: ModelMixture)

    /// Scores the model on what a client holds out. Blocks.
    func evaluate(client: Int, weights: [Float]) throws(TaskFailure) -> LocalEvaluation

    /// The mean loss on a client's shard. Blocks.
    func loss(client: Int, at weights: [Float]) throws(TaskFailure) -> Double

    /// The mean loss on a client's shard and its gradient. Blocks.
    func gradient(client: Int, at weights: [Float]) throws(TaskFailure) -> (loss: Double, gradient: [Float])
}

/// Work that a trainer does, with a workspace for each worker at work.
package final class TrainerWork<T: Trainer>: ShardWork {
    private let trainer: T
    private let workspaces = Mutex<[WorkspaceBox<T>]>([])

    /// The work of a trainer.
    package init(_ trainer: T) {
        self.trainer = trainer
    }

    package var layout: TensorLayout { trainer.layout }

    package func train(
        _ task: TaskDescription, client: Int, from weights: [Float], correctedBy correction: [Float],
        holding frozen: [Range<Int>]
    ) throws(TaskFailure) -> LocalUpdate {
        var order = try order(task, client)
        guard correction.isEmpty || trainer.correctsGradients else {
            throw TaskFailure(
                .failed, "the task's method corrects gradients, which this model's training does not let it")
        }
        guard frozen.isEmpty || trainer.freezesCoordinates else {
            throw TaskFailure(
                .failed, "the task has a part of the model held still, which this model's training does not let it")
        }
        (order.offset, order.frozen) = (correction, frozen)
        var local = weights
        let outcome = withWorkspace { trainer.train(order, weights: &local, workspace: &$0) }
        return LocalUpdate(local, outcome)
    }

    package func train(
        _ task: TaskDescription, client: Int, from weights: [Float], mixing mixture: ModelMixture
    ) throws(TaskFailure) -> (update: LocalUpdate, mixture: ModelMixture) {
        let order = try order(task, client)
        guard let mixer = trainer as? any MixtureTrainer<T.Workspace> else {
            throw TaskFailure(
                .failed, "the task trains two models step by step, which this model's training does not let it")
        }
        var (local, mixture) = (weights, mixture)
        let outcome = withWorkspace { mixer.train(order, weights: &local, mixture: &mixture, workspace: &$0) }
        return (LocalUpdate(local, outcome), mixture)
    }

    private func order(_ task: TaskDescription, _ client: Int) throws(TaskFailure) -> TrainingTask {
        guard let solver = task.solver else { throw TaskFailure(.failed, "the task does not say how to train") }
        let id = try holder(client)
        return TrainingTask(round: task.id.round, client: id, solver: solver, seed: Seed(task.seed))
    }

    package func evaluate(client: Int, weights: [Float]) throws(TaskFailure) -> LocalEvaluation {
        let score = withWorkspace {
            trainer.evaluate(client: ClientID(index: client), weights: weights, workspace: &$0)
        }
        guard score.exampleCount > 0 else {
            throw TaskFailure(.noData, "this client holds no examples out to score models on")
        }
        return LocalEvaluation(score)
    }

    package func loss(client: Int, at weights: [Float]) throws(TaskFailure) -> Double {
        let id = try holder(client)
        return withWorkspace { trainer.loss(of: id, at: weights, workspace: &$0) }
    }

    package func gradient(
        client: Int, at weights: [Float]
    ) throws(TaskFailure) -> (loss: Double, gradient: [Float]) {
        let id = try holder(client)
        var gradient: [Float] = []
        let loss = withWorkspace { trainer.gradient(of: id, at: weights, into: &gradient, workspace: &$0) }
        return (loss, gradient)
    }

    /// A client that holds examples.
    private func holder(_ client: Int) throws(TaskFailure) -> ClientID {
        let id = ClientID(index: client)
        guard trainer.exampleCount(of: id) > 0 else { throw TaskFailure(.noData, "no examples to train on") }
        return id
    }

    private func withWorkspace<Value>(_ work: (inout T.Workspace) -> Value) -> Value {
        let box = workspaces.withLock { $0.popLast() } ?? WorkspaceBox(trainer.makeWorkspace())
        defer { workspaces.withLock { $0.append(box) } }
        return work(&box.workspace)
    }
}

extension LocalUpdate {
    /// What a trainer came to.
    fileprivate init(_ weights: [Float], _ outcome: TrainingOutcome) {
        self.init(
            weights: weights, exampleCount: outcome.exampleCount, stepCount: outcome.stepCount,
            meanLoss: outcome.meanLoss)
    }
}

/// A workspace on its way between workers.
///
/// Unchecked: whoever has taken the box off the list is the only one to touch it until it is put back.
private final class WorkspaceBox<T: Trainer>: @unchecked Sendable {
    var workspace: T.Workspace

    init(_ workspace: T.Workspace) {
        self.workspace = workspace
    }
}
