package import TributaryBLAS
package import TributaryCore

/// A shipped model: one pass forward and one back over raw memory, from which all that ``Model`` asks follows.
///
/// The target of the backward pass may be the weights themselves, which saves the gradient buffer: a network must be
/// done with a tensor before it changes it.
package protocol NetworkModel: Model {
    /// What the last layer is compared with.
    var head: LossHead { get }

    /// Runs a batch and returns the last layer's outputs, in the workspace.
    func forward(_ batch: Batch, weights: UnsafePointer<Float>, workspace: Workspace) -> MutableMatrixView

    /// Adds the gradient to `target`, given that of the outputs, right after ``forward(_:weights:workspace:)``.
    func backward(
        _ batch: Batch, from outputGradient: MutableMatrixView, weights: UnsafePointer<Float>,
        target: UnsafeMutablePointer<Float>, workspace: Workspace)
}

extension NetworkModel {
    package func addGradient(
        of batch: Batch, scale: Float, weights: Span<Float>, to gradient: inout MutableSpan<Float>,
        workspace: inout Workspace
    ) -> Double {
        weights.withUnsafeBufferPointer { weights in
            gradient.withUnsafeMutableBufferPointer { gradient in
                guard let weights = weights.baseAddress, let gradient = gradient.baseAddress else { return 0 }
                return descend(batch, scale: scale, weights: weights, target: gradient, workspace: workspace)
            }
        }
    }

    package func addGradientInPlace(
        of batch: Batch, scale: Float, weights: inout MutableSpan<Float>, workspace: inout Workspace
    ) -> Double? {
        weights.withUnsafeMutableBufferPointer { weights in
            guard let weights = weights.baseAddress else { return 0 }
            return descend(batch, scale: scale, weights: weights, target: weights, workspace: workspace)
        }
    }

    package func evaluate(_ batch: Batch, weights: Span<Float>, workspace: inout Workspace) -> Evaluation {
        weights.withUnsafeBufferPointer { weights in
            guard let weights = weights.baseAddress, batch.count > 0 else { return .empty }
            return head.score(forward(batch, weights: weights, workspace: workspace), batch: batch, scale: 0)
        }
    }

    private func descend(
        _ batch: Batch, scale: Float, weights: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>,
        workspace: Workspace
    ) -> Double {
        guard batch.count > 0 else { return 0 }
        let outputs = forward(batch, weights: weights, workspace: workspace)
        let loss = head.score(outputs, batch: batch, scale: scale).lossSum
        backward(batch, from: outputs, weights: weights, target: target, workspace: workspace)
        return loss
    }
}
