package import TributaryBLAS
package import TributaryCore
package import TributaryMath

/// The next-character network of McMahan 2017: an embedding, LSTM layers, and softmax over the last position.
///
/// A layer of width H has `lstm<i>.input` [inputs, 4H], `lstm<i>.hidden` [H, 4H] and one bias `lstm<i>.bias` [4H]
/// (PyTorch keeps two and adds them). The four gates lie side by side as input, forget, candidate, output:
/// c ← σ(f)·c + σ(i)·tanh(g), h ← σ(o)·tanh(c), from zero at the window's first character. The embedding starts
/// standard normal, an LSTM layer uniform in ±1/√H, the dense layer in ±1/√inputs (PyTorch's defaults).
package struct CharacterLSTM: NetworkModel {
    /// The tensors of the model.
    package let layout: TensorLayout
    let vocabulary, embedding: Int
    let layers: [LSTMLayer]
    let stack: DenseStack
    /// Cross-entropy.
    package var head: LossHead { .crossEntropy }

    /// A network over tokens 0 ..< `vocabulary` that predicts one of `classes` (usually as many).
    package init(vocabulary: Int, classes: Int, embedding: Int = 8, widths: [Int] = [256, 256]) {
        var tensors: [(name: String, shape: [Int])] = [("embedding.weight", [vocabulary, embedding])]
        var layers: [LSTMLayer] = []
        var (inputs, end) = (embedding, vocabulary * embedding)
        for (index, width) in widths.enumerated() {
            let layer = LSTMLayer(inputs: inputs, width: width, offset: end)
            tensors.append(("lstm\(index + 1).input", [inputs, 4 * width]))
            tensors.append(("lstm\(index + 1).hidden", [width, 4 * width]))
            tensors.append(("lstm\(index + 1).bias", [4 * width]))
            layers.append(layer)
            (inputs, end) = (width, layer.end)
        }
        self.vocabulary = vocabulary
        self.embedding = embedding
        self.layers = layers
        stack = DenseStack(widths: [inputs, classes], offset: end, numbered: false)
        layout = TensorLayout(tensors + stack.tensors)
    }

    /// As the type's description says.
    package func initialWeights(seed: Seed) -> [Float] {
        var weights = InitialWeights(layout: layout, seed: seed)
        weights.fillNormal(0)
        for (index, layer) in layers.enumerated() {
            let bound = 1 / Float(layer.width).squareRoot()
            for tensor in 1...3 { weights.fill(3 * index + tensor, uniformWithin: bound) }
        }
        stack.initialize(&weights, firstTensor: 3 * layers.count + 1)
        return weights.values
    }

    /// What one worker's passes write. Sequences lie time step after time step, each a matrix of the batch's rows.
    package final class Workspace {
        let embedded = Scratch<Float>()
        let layers: [LSTMLayer.Workspace]
        let gradient = Scratch<Float>()
        let nextGradient = Scratch<Float>()
        let stack: DenseStack.Workspace

        init(_ network: CharacterLSTM) {
            layers = network.layers.map { _ in LSTMLayer.Workspace() }
            stack = DenseStack.Workspace(network.stack)
        }
    }

    /// Buffers for one worker.
    package func makeWorkspace() -> Workspace {
        Workspace(self)
    }

    /// Each window of a pass needs some megabyte of buffers.
    package var batchLimit: Int { 32 }

    package func forward(_ batch: Batch, weights: UnsafePointer<Float>, workspace: Workspace) -> MutableMatrixView {
        let (rows, steps) = (batch.count, batch.width)
        workspace.embedded.reserve(rows * steps * embedding)
        for row in 0..<rows {
            for step in 0..<steps {
                let target = workspace.embedded.base + (step * rows + row) * embedding
                target.update(from: weights + Int(batch.tokens[row * steps + step]) * embedding, count: embedding)
            }
        }
        var input = UnsafePointer(workspace.embedded.base)
        for (layer, buffers) in zip(layers, workspace.layers) {
            layer.forward(input, rows: rows, steps: steps, weights: weights, workspace: buffers)
            input = UnsafePointer(buffers.hidden.base)
        }
        return stack.forward(
            lastHidden(rows: rows, steps: steps, workspace), weights: weights, workspace: workspace.stack)
    }

    package func backward(
        _ batch: Batch, from outputGradient: MutableMatrixView, weights: UnsafePointer<Float>,
        target: UnsafeMutablePointer<Float>, workspace: Workspace
    ) {
        let (rows, steps) = (batch.count, batch.width)
        let widest = max(embedding, layers.map(\.width).max() ?? 0)
        workspace.gradient.reserve(rows * steps * widest)
        workspace.nextGradient.reserve(rows * steps * widest)
        var (gradient, next) = (workspace.gradient.base, workspace.nextGradient.base)
        let top = layers.last?.width ?? embedding
        gradient.update(repeating: 0, count: rows * steps * top)
        stack.backward(
            from: outputGradient, input: lastHidden(rows: rows, steps: steps, workspace), weights: weights,
            target: target,
            inputGradient: MutableMatrixView(gradient + (steps - 1) * rows * top, rows: rows, columns: top),
            workspace: workspace.stack)
        for (index, layer) in layers.enumerated().reversed() {
            let input = index > 0 ? workspace.layers[index - 1].hidden.base : workspace.embedded.base
            layer.backward(
                from: gradient, input: input, inputGradient: next, rows: rows, steps: steps, weights: weights,
                target: target, workspace: workspace.layers[index])
            swap(&gradient, &next)
        }
        addEmbeddingGradient(batch, gradient: gradient, target: target)
    }

    /// Scatters the gradient of every embedded character to its row of the table.
    private func addEmbeddingGradient(
        _ batch: Batch, gradient: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>
    ) {
        for step in 0..<batch.width {
            for row in 0..<batch.count {
                let source = gradient + (step * batch.count + row) * embedding
                let entry = target + Int(batch.tokens[row * batch.width + step]) * embedding
                for index in 0..<embedding { entry[index] += source[index] }
            }
        }
    }

    /// The top layer's output at the window's last character.
    private func lastHidden(rows: Int, steps: Int, _ workspace: Workspace) -> MatrixView {
        guard let layer = layers.last, let buffers = workspace.layers.last else {
            return MatrixView(
                workspace.embedded.base + (steps - 1) * rows * embedding, rows: rows, columns: embedding)
        }
        return MatrixView(
            buffers.hidden.base + (steps - 1) * rows * layer.width, rows: rows, columns: layer.width)
    }
}
