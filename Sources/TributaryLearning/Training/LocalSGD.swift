import TributaryCore
import TributaryMath

/// Mini-batch SGD on one client's rows, as ``LocalSolver`` says.
///
/// Rows are shuffled before every pass over them and cut into consecutive batches, the last of which may be smaller;
/// a batch that holds the whole shard is not shuffled. A step that needs nothing but the gradient adds it straight to
/// the weights where the model can; otherwise g = ∇F gains what a method adds, is clipped, then λy is added, then momentum
/// is applied.
struct LocalSGD<M: Model> {
    let model: M
    let solver: LocalSolver
    /// A vector that is added to every gradient; empty for none.
    var offset: [Float] = []
    /// Where the weights stay as they are; empty for nowhere.
    var frozen: [Range<Int>] = []

    /// Trains on the given rows of a table; `weights` change in place, and with every step a mixture, if there is one.
    func run(
        rows: ArraySlice<UInt32>, of examples: Examples, seed: Seed, weights: inout [Float],
        mixture: inout ModelMixture?, workspace: inout TrainingWorkspace<M>
    ) -> TrainingOutcome {
        let count = rows.count
        var outcome = TrainingOutcome(exampleCount: count, stepCount: 0, meanLoss: 0)
        guard count > 0 else { return outcome }
        let (passes, steps) =
            switch solver.work {
            case .epochs(let epochs): (epochs, Int.max)
            case .steps(let steps): (Int.max, steps)
            }
        let batchSize = max(1, min(solver.batchSize ?? count, count))
        workspace.rows.removeAll(keepingCapacity: true)
        workspace.rows.append(contentsOf: rows)
        if solver.momentum != 0 { GradientStep.zero(&workspace.velocity, count: model.layout.count) }
        if let mixture, mixture.solver.momentum != 0 {
            GradientStep.zero(&workspace.ownVelocity, count: model.layout.count)
        }
        if solver.proximal != 0 || !frozen.isEmpty { workspace.start = weights }

        var stream = seed.derived("shuffle").stream()
        var (lossSum, seen, pass) = (0.0, 0, 0)
        while pass < passes, outcome.stepCount < steps {
            if batchSize < count { stream.shuffle(&workspace.rows) }
            var position = 0
            while position < count, outcome.stepCount < steps {
                let end = min(position + batchSize, count)
                if var own = mixture.take() {
                    advance(
                        &own, position..<end, of: examples, beside: weights, isFirst: outcome.stepCount == 0,
                        workspace: &workspace)
                    mixture = own
                }
                lossSum += step(position..<end, of: examples, weights: &weights, workspace: &workspace)
                seen += end - position
                position = end
                outcome.stepCount += 1
            }
            pass += 1
        }
        outcome.meanLoss = seen > 0 ? lossSum / Double(seen) : 0
        return outcome
    }

    private var isPlain: Bool {
        solver.momentum == 0 && solver.weightDecay == 0 && solver.clipNorm == nil && !isCorrected && frozen.isEmpty
    }

    private var isCorrected: Bool { solver.proximal != 0 || !offset.isEmpty }

    /// One step on the given places of the workspace's rows. Returns the summed loss before it.
    private func step(
        _ places: Range<Int>, of examples: Examples, weights: inout [Float], workspace: inout TrainingWorkspace<M>
    ) -> Double {
        if isPlain, places.count <= model.batchLimit {
            workspace.batch.gather(workspace.rows[places], from: examples)
            let scale = Float(-solver.learningRate / Double(places.count))
            var span = weights.mutableSpan
            let loss = model.addGradientInPlace(
                of: workspace.batch, scale: scale, weights: &span, workspace: &workspace.model)
            if let loss { return loss }
        }
        let loss = fillGradient(places, of: examples, weights: weights, workspace: &workspace)
        let change = GradientStep(solver: solver)
        if isCorrected {
            change.correct(gradient: &workspace.gradient, offset: offset, weights: weights, start: workspace.start)
        }
        // What is held still is no part of the gradient, so that its norm is that of what moves.
        for range in frozen { for index in range { workspace.gradient[index] = 0 } }
        change.apply(
            gradient: workspace.gradient, velocity: &workspace.velocity, weights: &weights)
        // Weight decay moves what has no gradient, too.
        for range in frozen { for index in range { weights[index] = workspace.start[index] } }
        return loss
    }

    /// The loss and the gradient of all rows together, which is left in the workspace.
    func measure(
        rows: ArraySlice<UInt32>, of examples: Examples, weights: borrowing [Float],
        workspace: inout TrainingWorkspace<M>
    ) -> Double {
        workspace.rows.removeAll(keepingCapacity: true)
        workspace.rows.append(contentsOf: rows)
        return fillGradient(0..<rows.count, of: examples, weights: weights, workspace: &workspace)
            / Double(max(rows.count, 1))
    }

    /// The mean gradient over the given places, in passes of at most the model's limit.
    func fillGradient(
        _ places: Range<Int>, of examples: Examples, weights: borrowing [Float],
        workspace: inout TrainingWorkspace<M>
    ) -> Double {
        GradientStep.zero(&workspace.gradient, count: model.layout.count)
        let scale = Float(1 / Double(places.count))
        var loss = 0.0
        var start = places.lowerBound
        while start < places.upperBound {
            let end = min(start + max(1, model.batchLimit), places.upperBound)
            workspace.batch.gather(workspace.rows[start..<end], from: examples)
            loss += addGradient(
                of: workspace.batch, scale: scale, weights: weights, to: &workspace.gradient,
                workspace: &workspace.model)
            start = end
        }
        return loss
    }

    private func addGradient(
        of batch: Batch, scale: Float, weights: borrowing [Float], to gradient: inout [Float],
        workspace: inout M.Workspace
    ) -> Double {
        var span = gradient.mutableSpan
        return model.addGradient(of: batch, scale: scale, weights: weights.span, to: &span, workspace: &workspace)
    }
}
