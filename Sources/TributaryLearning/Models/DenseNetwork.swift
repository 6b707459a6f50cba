package import TributaryBLAS
package import TributaryCore
package import TributaryMath

/// Dense layers with ReLU between them: softmax regression and linear regression without hidden layers, a multi-layer
/// perceptron with some.
///
/// Layer i computes x·Wᵢ + bᵢ with `dense<i>.weight` of shape [inputs, outputs] and `dense<i>.bias`. Weights and
/// biases start uniform in ±1/√inputs (the default of PyTorch's `Linear`).
package struct DenseNetwork: NetworkModel {
    /// The tensors of the model.
    package let layout: TensorLayout
    let stack: DenseStack
    package let head: LossHead

    /// A network that tells classes apart by cross-entropy.
    package static func classifier(inputs: Int, hidden: [Int], classes: Int) -> DenseNetwork {
        DenseNetwork(widths: [inputs] + hidden + [classes], head: .crossEntropy)
    }

    /// A network that predicts a number by squared error: a batch's loss is the mean of (y − t)², and its gradient
    /// carries the factor 2.
    package static func regression(inputs: Int, hidden: [Int]) -> DenseNetwork {
        DenseNetwork(widths: [inputs] + hidden + [1], head: .squaredError)
    }

    private init(widths: [Int], head: LossHead) {
        stack = DenseStack(widths: widths)
        layout = TensorLayout(stack.tensors)
        self.head = head
    }

    /// Twenty images at a time share pixels that are blank in all of them, which the first product skips.
    package var evaluationBatch: Int { 20 }

    /// Uniform in ±1/√inputs, weights and biases alike.
    package func initialWeights(seed: Seed) -> [Float] {
        var weights = InitialWeights(layout: layout, seed: seed)
        stack.initialize(&weights, firstTensor: 0)
        return weights.values
    }

    /// What one worker's passes write.
    package final class Workspace {
        let stack: DenseStack.Workspace
        init(_ stack: DenseStack) { self.stack = DenseStack.Workspace(stack) }
    }

    /// Buffers for one worker.
    package func makeWorkspace() -> Workspace {
        Workspace(stack)
    }

    package func forward(_ batch: Batch, weights: UnsafePointer<Float>, workspace: Workspace) -> MutableMatrixView {
        batch.withFeatures { features, active in
            stack.forward(features, active: active, weights: weights, workspace: workspace.stack)
        }
    }

    package func backward(
        _ batch: Batch, from outputGradient: MutableMatrixView, weights: UnsafePointer<Float>,
        target: UnsafeMutablePointer<Float>, workspace: Workspace
    ) {
        batch.withFeatures { features, active in
            stack.backward(
                from: outputGradient, input: features, active: active, weights: weights, target: target,
                workspace: workspace.stack)
        }
    }
}
