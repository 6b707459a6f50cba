import Testing
import TributaryCore
import TributaryLearning
import TributaryMath

/// Every gradient against the slope of the loss along random directions.
@Suite struct ModelsGradientTests {
    @Test func softmaxRegression() throws {
        try check(DenseNetwork.classifier(inputs: 6, hidden: [], classes: 3), SmallData.classes(7))
    }

    @Test func linearRegression() throws {
        try check(DenseNetwork.regression(inputs: 6, hidden: []), SmallData.numbers(7))
    }

    @Test func perceptron() throws {
        try check(DenseNetwork.classifier(inputs: 6, hidden: [17, 40], classes: 3), SmallData.classes(7))
    }

    @Test func perceptronForNumbers() throws {
        try check(DenseNetwork.regression(inputs: 6, hidden: [17]), SmallData.numbers(7))
    }

    @Test func perceptronOnBytesWithBlankColumns() throws {
        try check(DenseNetwork.classifier(inputs: 30, hidden: [17], classes: 4), SmallData.bytes(7))
    }

    @Test func convolutional() throws {
        let network = ConvolutionalNetwork(height: 8, width: 7, channels: 3, classes: 3, filters: (5, 18), hidden: 6)
        try check(network, SmallData.classes(4, shape: [8, 7, 3]))
    }

    @Test func recurrent() throws {
        try check(CharacterLSTM(vocabulary: 11, classes: 11, embedding: 3, widths: [9, 17]), SmallData.text(5))
    }

    private func check<M: Model>(_ model: M, _ dataset: Dataset) throws {
        var workspace = model.makeWorkspace()
        var batch = Batch(width: dataset.train.width)
        batch.gather((0..<UInt32(dataset.train.count)).map { $0 }[...], from: dataset.train)
        let agreeing = (1...10 as ClosedRange<UInt64>).filter { seed in
            let weights = model.initialWeights(seed: Seed(seed))
            var stream = Seed(seed).derived("direction").stream()
            let length = Double(weights.count).squareRoot()
            let direction = weights.map { _ in Float(stream.normal() / length) }
            var gradient = [Float](repeating: 0, count: weights.count)
            let loss = addGradient(model, batch, weights, &gradient, &workspace)
            let predicted = zip(gradient, direction).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            let slope = slope(model, batch, weights, direction, &workspace)
            let sameLoss = abs(loss - lossSum(model, batch, weights, &workspace)) < 1e-4 * max(1, loss)
            return sameLoss && abs(predicted - slope) < 2e-3 * max(1, abs(slope))
        }
        // ReLU and maxima bend the loss, now and then right where we stand; a wrong gradient is wrong everywhere.
        #expect(agreeing.count >= 8, "\(agreeing)")
    }

    /// The slope along a direction by a central difference.
    private func slope<M: Model>(
        _ model: M, _ batch: Batch, _ weights: [Float], _ direction: [Float], _ workspace: inout M.Workspace
    ) -> Double {
        let step: Float = 0.01
        let above = zip(weights, direction).map { $0 + step * $1 }
        let below = zip(weights, direction).map { $0 - step * $1 }
        let difference = lossSum(model, batch, above, &workspace) - lossSum(model, batch, below, &workspace)
        return difference / Double(2 * step)
    }

    private func addGradient<M: Model>(
        _ model: M, _ batch: Batch, _ weights: [Float], _ gradient: inout [Float], _ workspace: inout M.Workspace
    ) -> Double {
        var span = gradient.mutableSpan
        return model.addGradient(of: batch, scale: 1, weights: weights.span, to: &span, workspace: &workspace)
    }

    private func lossSum<M: Model>(
        _ model: M, _ batch: Batch, _ weights: [Float], _ workspace: inout M.Workspace
    ) -> Double {
        model.evaluate(batch, weights: weights.span, workspace: &workspace).lossSum
    }
}
