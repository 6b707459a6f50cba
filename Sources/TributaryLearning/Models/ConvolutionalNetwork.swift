package import TributaryBLAS
package import TributaryCore
package import TributaryMath

/// The convolutional network of McMahan 2017: 5×5 convolution, ReLU and 2×2 maxima, twice, then a hidden dense layer
/// and softmax.
///
/// Images are [height, width] or [height, width, channels] with channels innermost. Convolutions keep the image's size
/// (two rows and columns of zeros around it); maxima leave out an odd last row or column. `conv<i>.weight` has shape
/// [5, 5, channels, filters]. With the default sizes and 28×28×1 images of 10 classes there are 1,663,370 parameters.
/// Everything starts uniform in ±1/√inputs of a unit.
package struct ConvolutionalNetwork: NetworkModel {
    /// The tensors of the model.
    package let layout: TensorLayout
    let stages: [ConvolutionStage]
    let stack: DenseStack
    /// Cross-entropy.
    package var head: LossHead { .crossEntropy }

    /// The smallest image side that survives two halvings.
    package static let smallestSide = 4

    /// A network for images of the given size, whose sides are at least ``smallestSide``.
    package init(
        height: Int, width: Int, channels: Int, classes: Int, filters: (Int, Int) = (32, 64), hidden: Int = 512
    ) {
        let first = ConvolutionStage(height: height, width: width, channels: channels, filters: filters.0, offset: 0)
        let second = ConvolutionStage(
            height: height / 2, width: width / 2, channels: filters.0, filters: filters.1, offset: first.end)
        let features = second.pooledHeight * second.pooledWidth * filters.1
        stages = [first, second]
        stack = DenseStack(widths: [features, hidden, classes], offset: second.end)
        layout = TensorLayout(
            [
                ("conv1.weight", [5, 5, channels, filters.0]), ("conv1.bias", [filters.0]),
                ("conv2.weight", [5, 5, filters.0, filters.1]), ("conv2.bias", [filters.1]),
            ] + stack.tensors)
    }

    /// Uniform in ±1/√inputs of a unit, weights and biases alike.
    package func initialWeights(seed: Seed) -> [Float] {
        var weights = InitialWeights(layout: layout, seed: seed)
        for (index, stage) in stages.enumerated() {
            let bound = 1 / Float(25 * stage.channels).squareRoot()
            weights.fill(2 * index, uniformWithin: bound)
            weights.fill(2 * index + 1, uniformWithin: bound)
        }
        stack.initialize(&weights, firstTensor: 4)
        return weights.values
    }

    /// What one worker's passes write.
    package final class Workspace {
        let stages: [ConvolutionStage.Workspace]
        let features = Scratch<Float>()
        let featureGradient = Scratch<Float>()
        let stack: DenseStack.Workspace

        init(_ network: ConvolutionalNetwork) {
            stages = network.stages.map { _ in ConvolutionStage.Workspace() }
            stack = DenseStack.Workspace(network.stack)
        }
    }

    /// Buffers for one worker.
    package func makeWorkspace() -> Workspace {
        Workspace(self)
    }

    /// Each image of a pass needs some 300 KB of buffers.
    package var batchLimit: Int { 32 }

    package func forward(_ batch: Batch, weights: UnsafePointer<Float>, workspace: Workspace) -> MutableMatrixView {
        let (first, second) = (stages[0], stages[1])
        let buffers = workspace.stages
        first.reserve(batch.count, in: buffers[0])
        second.reserve(batch.count, in: buffers[1])
        workspace.features.reserve(batch.count * second.pooledCount)
        batch.withFeatures { features, _ in
            for image in 0..<batch.count {
                first.load(features.base + image * features.stride, image: image, workspace: buffers[0])
            }
        }
        for image in 0..<batch.count {
            first.forward(
                image: image, weights: weights, pooled: second.interior(image, in: buffers[1].padded.base),
                stride: second.paddedStride, workspace: buffers[0])
            second.forward(
                image: image, weights: weights, pooled: workspace.features.base + image * second.pooledCount,
                stride: second.pooledWidth * second.filters, workspace: buffers[1])
        }
        return stack.forward(
            MatrixView(workspace.features.base, rows: batch.count, columns: second.pooledCount), weights: weights,
            workspace: workspace.stack)
    }

    package func backward(
        _ batch: Batch, from outputGradient: MutableMatrixView, weights: UnsafePointer<Float>,
        target: UnsafeMutablePointer<Float>, workspace: Workspace
    ) {
        let (first, second) = (stages[0], stages[1])
        let buffers = workspace.stages
        workspace.featureGradient.reserve(batch.count * second.pooledCount)
        stack.backward(
            from: outputGradient,
            input: MatrixView(workspace.features.base, rows: batch.count, columns: second.pooledCount),
            weights: weights, target: target,
            inputGradient: MutableMatrixView(
                workspace.featureGradient.base, rows: batch.count, columns: second.pooledCount),
            workspace: workspace.stack)
        second.turnWeights(weights, workspace: buffers[1])
        for image in 0..<batch.count {
            second.unpool(
                image: image, pooled: workspace.features.base + image * second.pooledCount,
                stride: second.pooledWidth * second.filters,
                gradient: workspace.featureGradient.base + image * second.pooledCount, workspace: buffers[1])
            second.passBack(image: image, workspace: buffers[1])
            first.unpool(
                image: image, pooled: second.interior(image, in: buffers[1].padded.base), stride: second.paddedStride,
                gradient: buffers[1].inputGradient.base, workspace: buffers[0])
        }
        first.addWeightGradient(images: batch.count, target: target, workspace: buffers[0])
        second.addWeightGradient(images: batch.count, target: target, workspace: buffers[1])
    }
}
