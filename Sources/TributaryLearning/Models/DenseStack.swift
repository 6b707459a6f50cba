import TributaryBLAS

/// Dense layers with ReLU between them, somewhere in a model's flat vector: all of a ``DenseNetwork``, the end of the
/// others.
struct DenseStack: Sendable {
    struct Layer: Sendable {
        var inputs, outputs: Int
        /// Where weight and bias begin in the flat vector.
        var weight, bias: Int
    }

    let layers: [Layer]
    /// The tensors' names and shapes, weight and bias of each layer in turn.
    let tensors: [(name: String, shape: [Int])]

    /// Layers between the given widths, from place `offset` of the flat vector on. With one layer the tensors are
    /// called `dense`, otherwise `dense1` and so on.
    init(widths: [Int], offset: Int = 0, numbered: Bool = true) {
        var end = offset
        var layers: [Layer] = []
        var tensors: [(name: String, shape: [Int])] = []
        for (index, (inputs, outputs)) in zip(widths, widths.dropFirst()).enumerated() {
            let name = numbered ? "dense\(index + 1)" : "dense"
            tensors.append(("\(name).weight", [inputs, outputs]))
            tensors.append(("\(name).bias", [outputs]))
            layers.append(Layer(inputs: inputs, outputs: outputs, weight: end, bias: end + inputs * outputs))
            end += inputs * outputs + outputs
        }
        self.layers = layers
        self.tensors = tensors
    }

    /// Fills the layers' tensors, of which `first` is the first, uniform in ±1/√inputs.
    func initialize(_ weights: inout InitialWeights, firstTensor first: Int) {
        for (index, layer) in layers.enumerated() {
            let bound = 1 / Float(layer.inputs).squareRoot()
            weights.fill(first + 2 * index, uniformWithin: bound)
            weights.fill(first + 2 * index + 1, uniformWithin: bound)
        }
    }

    /// What a pass writes: the output of every layer, and the gradients of two neighbouring outputs.
    final class Workspace {
        let outputs: [Scratch<Float>]
        var delta = Scratch<Float>()
        var nextDelta = Scratch<Float>()

        init(_ stack: DenseStack) {
            outputs = stack.layers.map { _ in Scratch() }
        }
    }

    /// Runs the layers and returns the last one's outputs, in the workspace.
    func forward(
        _ input: MatrixView, active: ActiveColumns? = nil, weights: UnsafePointer<Float>, workspace: Workspace
    ) -> MutableMatrixView {
        var input = input
        var output = MutableMatrixView(workspace.delta.base, rows: 0, columns: 0)
        for (index, layer) in layers.enumerated() {
            workspace.outputs[index].reserve(input.rows * layer.outputs)
            output = MutableMatrixView(workspace.outputs[index].base, rows: input.rows, columns: layer.outputs)
            MatrixProduct.multiply(
                input, MatrixView(weights + layer.weight, rows: layer.inputs, columns: layer.outputs),
                bias: weights + layer.bias, active: index == 0 ? active : nil, relu: index < layers.count - 1,
                into: output)
            input = MatrixView(output)
        }
        return output
    }

    /// Adds the gradient to `target` and, if asked, writes that of the stack's input.
    ///
    /// `target` may be the weights: a layer's weights are read for the last time, to pass the gradient on, just
    /// before they change.
    func backward(
        from outputGradient: MutableMatrixView, input: MatrixView, active: ActiveColumns? = nil,
        weights: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>, inputGradient: MutableMatrixView? = nil,
        workspace: Workspace
    ) {
        var delta = outputGradient
        for (index, layer) in layers.enumerated().reversed() {
            var next = delta
            var layerInput = input
            if index > 0 {
                let base = workspace.outputs[index - 1].base
                layerInput = MatrixView(base, rows: input.rows, columns: layer.inputs)
                next = workspace.nextGradient(rows: input.rows, columns: layer.inputs)
                passBack(delta, through: layer, gate: layerInput, weights: weights, into: next)
            } else if let inputGradient {
                passBack(delta, through: layer, gate: nil, weights: weights, into: inputGradient)
            }
            MatrixProduct.addOuter(
                layerInput, MatrixView(delta), active: index == 0 ? active : nil,
                into: MutableMatrixView(target + layer.weight, rows: layer.inputs, columns: layer.outputs))
            KernelLevel.best.addRows(MatrixView(delta), into: target + layer.bias)
            delta = next
        }
    }

    /// The gradient of a layer's inputs from that of its outputs, closed where ReLU gave zero.
    private func passBack(
        _ delta: MutableMatrixView, through layer: Layer, gate: MatrixView?, weights: UnsafePointer<Float>,
        into result: MutableMatrixView
    ) {
        let weight = MatrixView(weights + layer.weight, rows: layer.inputs, columns: layer.outputs)
        MatrixProduct.multiplyTransposed(MatrixView(delta), weight, gate: gate, into: result)
    }
}

extension DenseStack.Workspace {
    /// Room for the gradient of the next layer down, while that of the layer above is still being read.
    fileprivate func nextGradient(rows: Int, columns: Int) -> MutableMatrixView {
        swap(&delta, &nextDelta)
        delta.reserve(rows * columns)
        return MutableMatrixView(delta.base, rows: rows, columns: columns)
    }
}
