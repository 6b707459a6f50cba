import TributaryBLAS

/// One LSTM layer over a whole window.
///
/// What does not depend on the step before (the inputs' share of all gates, and every weight gradient) is one large
/// product over all steps; only hidden-to-gates runs step by step.
struct LSTMLayer: Hashable, Sendable {
    let inputs, width: Int
    /// Where the tensors begin and end in the flat vector.
    let input, hidden, bias, end: Int

    init(inputs: Int, width: Int, offset: Int) {
        self.inputs = inputs
        self.width = width
        input = offset
        hidden = input + inputs * 4 * width
        bias = hidden + width * 4 * width
        end = bias + 4 * width
    }

    /// What the passes write: for every step the gates (their gradients after the backward pass), the cell, its tanh
    /// and the output.
    final class Workspace {
        let gates = Scratch<Float>()
        let cell = Scratch<Float>()
        let tanhCell = Scratch<Float>()
        let hidden = Scratch<Float>()
        let cellGradient = Scratch<Float>()
        let carried = Scratch<Float>()
    }

    private func inputWeights(_ weights: UnsafePointer<Float>) -> MatrixView {
        MatrixView(weights + input, rows: inputs, columns: 4 * width)
    }

    private func hiddenWeights(_ weights: UnsafePointer<Float>) -> MatrixView {
        MatrixView(weights + hidden, rows: width, columns: 4 * width)
    }

    /// Runs the layer over `steps` steps of `rows` rows each.
    func forward(
        _ sequence: UnsafePointer<Float>, rows: Int, steps: Int, weights: UnsafePointer<Float>, workspace: Workspace
    ) {
        let (size, gateSize) = (rows * width, rows * 4 * width)
        workspace.gates.reserve(steps * gateSize)
        workspace.cell.reserve(steps * size)
        workspace.tanhCell.reserve(steps * size)
        workspace.hidden.reserve(steps * size)
        let (gates, cell, hidden) = (workspace.gates.base, workspace.cell.base, workspace.hidden.base)
        MatrixProduct.multiply(
            MatrixView(sequence, rows: steps * rows, columns: inputs), inputWeights(weights), bias: weights + bias,
            into: MutableMatrixView(gates, rows: steps * rows, columns: 4 * width))
        for step in 0..<steps {
            if step > 0 {
                MatrixProduct.multiply(
                    MatrixView(hidden + (step - 1) * size, rows: rows, columns: width), hiddenWeights(weights),
                    accumulate: true,
                    into: MutableMatrixView(gates + step * gateSize, rows: rows, columns: 4 * width))
            }
            KernelLevel.best.lstmForward(
                rows: rows, width: width, gates: gates + step * gateSize,
                previousCell: step > 0 ? UnsafePointer(cell + (step - 1) * size) : nil, cell: cell + step * size,
                tanhCell: workspace.tanhCell.base + step * size, hidden: hidden + step * size)
        }
    }

    /// Adds the gradient to `target` and writes that of the layer's input, given that of its outputs at every step
    /// (which is overwritten).
    func backward(
        from outputGradient: UnsafeMutablePointer<Float>, input sequence: UnsafePointer<Float>,
        inputGradient: UnsafeMutablePointer<Float>, rows: Int, steps: Int, weights: UnsafePointer<Float>,
        target: UnsafeMutablePointer<Float>, workspace: Workspace
    ) {
        backThroughTime(outputGradient, rows: rows, steps: steps, weights: weights, workspace: workspace)
        let gates = workspace.gates.base
        let all = MatrixView(gates, rows: steps * rows, columns: 4 * width)
        MatrixProduct.multiplyTransposed(
            all, inputWeights(weights),
            into: MutableMatrixView(inputGradient, rows: steps * rows, columns: inputs))
        MatrixProduct.addOuter(
            MatrixView(sequence, rows: steps * rows, columns: inputs), all,
            into: MutableMatrixView(target + input, rows: inputs, columns: 4 * width))
        MatrixProduct.addOuter(
            MatrixView(workspace.hidden.base, rows: (steps - 1) * rows, columns: width),
            MatrixView(gates + rows * 4 * width, rows: (steps - 1) * rows, columns: 4 * width),
            into: MutableMatrixView(target + hidden, rows: width, columns: 4 * width))
        KernelLevel.best.addRows(all, into: target + bias)
    }

    /// Turns the stored gates into gradients of their pre-activations, last step first.
    private func backThroughTime(
        _ outputGradient: UnsafeMutablePointer<Float>, rows: Int, steps: Int, weights: UnsafePointer<Float>,
        workspace: Workspace
    ) {
        let (size, gateSize) = (rows * width, rows * 4 * width)
        let (gates, cell) = (workspace.gates.base, workspace.cell.base)
        workspace.carried.reserve(size)
        workspace.cellGradient.reserve(size)
        workspace.cellGradient.base.update(repeating: 0, count: size)
        let carried = workspace.carried.base
        for step in (0..<steps).reversed() {
            let gradient = outputGradient + step * size
            if step < steps - 1 {
                MatrixProduct.multiplyTransposed(
                    MatrixView(gates + (step + 1) * gateSize, rows: rows, columns: 4 * width), hiddenWeights(weights),
                    into: MutableMatrixView(carried, rows: rows, columns: width))
                for index in 0..<size { gradient[index] += carried[index] }
            }
            KernelLevel.best.lstmBackward(
                rows: rows, width: width, gates: gates + step * gateSize,
                previousCell: step > 0 ? UnsafePointer(cell + (step - 1) * size) : nil,
                tanhCell: workspace.tanhCell.base + step * size, hiddenGradient: gradient,
                cellGradient: workspace.cellGradient.base)
        }
    }
}
