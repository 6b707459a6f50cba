public import TributaryCore
public import TributaryMath

/// Dense layers with ReLU between them: softmax regression and linear regression without hidden layers, a multi-layer
/// perceptron with some.
///
/// Layer i computes x·Wᵢ + bᵢ with `dense<i>.weight` of shape [inputs, outputs] and `dense<i>.bias`. Weights and
/// biases start uniform in ±1/√inputs (the default of PyTorch's `Linear`).
public struct DenseNetwork: Model {
    struct Layer: Hashable, Sendable {
        var inputs, outputs: Int
        /// Where weight and bias begin in the flat vector.
        var weight, bias: Int
    }

    public let layout: TensorLayout
    let layers: [Layer]
    let head: LossHead

    /// A network that tells classes apart by cross-entropy.
    public static func classifier(inputs: Int, hidden: [Int], classes: Int) -> DenseNetwork {
        DenseNetwork(widths: [inputs] + hidden + [classes], head: .crossEntropy)
    }

    /// A network that predicts a number by squared error: a batch's loss is the mean of (y − t)², and its gradient
    /// carries the factor 2.
    public static func regression(inputs: Int, hidden: [Int]) -> DenseNetwork {
        DenseNetwork(widths: [inputs] + hidden + [1], head: .squaredError)
    }

    init(widths: [Int], head: LossHead) {
        var tensors: [(name: String, shape: [Int])] = []
        var layers: [Layer] = []
        var end = 0
        for (index, (inputs, outputs)) in zip(widths, widths.dropFirst()).enumerated() {
            tensors.append(("dense\(index + 1).weight", [inputs, outputs]))
            tensors.append(("dense\(index + 1).bias", [outputs]))
            layers.append(Layer(inputs: inputs, outputs: outputs, weight: end, bias: end + inputs * outputs))
            end += inputs * outputs + outputs
        }
        self.layout = TensorLayout(tensors)
        self.layers = layers
        self.head = head
    }

    /// Ten images at a time share many pixels that are blank in all of them, which the first product skips; and the
    /// weights stay in the second-level cache between passes.
    public var evaluationBatch: Int { 20 }

    public func initialWeights(seed: Seed) -> [Float] {
        var weights = InitialWeights(layout: layout, seed: seed)
        for (index, layer) in layers.enumerated() {
            weights.fill(2 * index, uniformWithin: 1 / Float(layer.inputs).squareRoot())
            weights.fill(2 * index + 1, uniformWithin: 1 / Float(layer.inputs).squareRoot())
        }
        return weights.values
    }

    /// What one worker's passes write: the output of every layer, and the gradients of two neighbouring outputs.
    public final class Workspace {
        let outputs: [Scratch<Float>]
        var delta = Scratch<Float>()
        var nextDelta = Scratch<Float>()

        init(layerCount: Int) {
            outputs = (0..<layerCount).map { _ in Scratch() }
        }
    }

    public func makeWorkspace() -> Workspace {
        Workspace(layerCount: layers.count)
    }
}
