public import TributaryCore
import TributaryMath

extension DenseNetwork {
    public func addGradient(
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

    public func addGradientInPlace(
        of batch: Batch, scale: Float, weights: inout MutableSpan<Float>, workspace: inout Workspace
    ) -> Double? {
        weights.withUnsafeMutableBufferPointer { weights in
            guard let weights = weights.baseAddress else { return 0 }
            return descend(batch, scale: scale, weights: weights, target: weights, workspace: workspace)
        }
    }

    public func evaluate(_ batch: Batch, weights: Span<Float>, workspace: inout Workspace) -> Evaluation {
        weights.withUnsafeBufferPointer { weights in
            guard let weights = weights.baseAddress else { return .empty }
            let outputs = forward(batch, weights: weights, workspace: workspace)
            return head.score(outputs, batch: batch, scale: 0)
        }
    }

    /// Runs the layers and returns the last one's outputs, in the workspace.
    private func forward(
        _ batch: Batch, weights: UnsafePointer<Float>, workspace: Workspace
    ) -> MutableMatrixView {
        batch.withFeatures { features, active in
            var input = features
            var output = MutableMatrixView(workspace.delta.base, rows: 0, columns: 0)
            for (index, layer) in layers.enumerated() {
                workspace.outputs[index].reserve(batch.count * layer.outputs)
                output = MutableMatrixView(workspace.outputs[index].base, rows: batch.count, columns: layer.outputs)
                MatrixProduct.multiply(
                    input, MatrixView(weights + layer.weight, rows: layer.inputs, columns: layer.outputs),
                    bias: weights + layer.bias, active: index == 0 ? active : nil, relu: index < layers.count - 1,
                    into: output)
                input = MatrixView(output)
            }
            return output
        }
    }

    /// Adds `scale` times the gradient to `target`, which may be the weights: a layer's weights are read for the last
    /// time, to pass the gradient on, just before they change.
    private func descend(
        _ batch: Batch, scale: Float, weights: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>,
        workspace: Workspace
    ) -> Double {
        let outputs = forward(batch, weights: weights, workspace: workspace)
        let loss = head.score(outputs, batch: batch, scale: scale).lossSum
        batch.withFeatures { features, active in
            var delta = outputs
            for (index, layer) in layers.enumerated().reversed() {
                let next = index > 0 ? passBack(delta, through: index, weights: weights, workspace: workspace) : delta
                let input =
                    index > 0
                    ? MatrixView(workspace.outputs[index - 1].base, rows: batch.count, columns: layer.inputs)
                    : features
                MatrixProduct.addOuter(
                    input, MatrixView(delta), active: index == 0 ? active : nil,
                    into: MutableMatrixView(target + layer.weight, rows: layer.inputs, columns: layer.outputs))
                KernelLevel.best.addRows(MatrixView(delta), into: target + layer.bias)
                delta = next
            }
        }
        return loss
    }

    /// The gradient of a layer's inputs from that of its outputs, closed where ReLU gave zero.
    private func passBack(
        _ delta: MutableMatrixView, through index: Int, weights: UnsafePointer<Float>, workspace: Workspace
    ) -> MutableMatrixView {
        let layer = layers[index]
        swap(&workspace.delta, &workspace.nextDelta)
        workspace.delta.reserve(delta.rows * layer.inputs)
        let result = MutableMatrixView(workspace.delta.base, rows: delta.rows, columns: layer.inputs)
        let gate = MatrixView(workspace.outputs[index - 1].base, rows: delta.rows, columns: layer.inputs)
        MatrixProduct.multiplyTransposed(
            MatrixView(delta), MatrixView(weights + layer.weight, rows: layer.inputs, columns: layer.outputs),
            gate: gate, into: result)
        return result
    }
}
