import TributaryMath

/// What one worker keeps between tasks: the model's own buffers, the batch, the order of a shard's rows, and, for
/// solvers that need them, a gradient, its momentum and the weights that training started from.
public struct TrainingWorkspace<M: Model> {
    var model: M.Workspace
    var batch: Batch
    var rows: [UInt32] = []
    var gradient: [Float] = []
    var velocity: [Float] = []
    var start: [Float] = []
    /// What a client has for itself takes its steps with these: the mixture of two models, and the momentum of its own.
    var (mixed, ownVelocity): ([Float], [Float]) = ([], [])

    init(model: M.Workspace, width: Int) {
        self.model = model
        self.batch = Batch(width: width)
    }
}
