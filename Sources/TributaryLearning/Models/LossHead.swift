import TributaryBLAS
import TributaryCore

/// What a network's last layer is compared with, and how.
package enum LossHead: Hashable, Sendable {
    /// Cross-entropy of the softmax over the outputs, −log p(label), in nats.
    case crossEntropy
    /// (y − t)² of the single output; averaged over a batch it is the mean squared error.
    case squaredError

    /// Scores the outputs of a batch. With `scale` ≠ 0 they are replaced by `scale` times the gradient of the loss;
    /// with 0 what they hold afterwards is not defined.
    func score(_ outputs: MutableMatrixView, batch: Batch, scale: Float) -> Evaluation {
        switch self {
        case .crossEntropy:
            let (loss, correct) = batch.classes.withUnsafeBufferPointer { labels in
                labels.baseAddress.map { KernelLevel.best.softmaxLoss(outputs, labels: $0, scale: scale) } ?? (0, 0)
            }
            return Evaluation(exampleCount: batch.count, lossSum: loss, correctCount: correct)
        case .squaredError:
            var loss = 0.0
            for row in 0..<outputs.rows {
                let error = outputs.base[row * outputs.stride] - batch.targets[row]
                loss += Double(error) * Double(error)
                outputs.base[row * outputs.stride] = 2 * error * scale
            }
            return Evaluation(exampleCount: batch.count, lossSum: loss, correctCount: nil)
        }
    }
}
