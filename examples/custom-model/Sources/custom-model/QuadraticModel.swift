import Foundation
import TributaryCore
import TributaryLearning
import TributaryMath

/// Logistic regression on two features, their squares and their product: its decision line is a conic section.
struct QuadraticModel: Model {
    let layout = TensorLayout([(name: "weight", shape: [5]), (name: "bias", shape: [1])])

    func initialWeights(seed: Seed) -> [Float] {
        var stream = seed.derived("quadratic").stream()
        return (0..<layout.count).map { _ in Float(0.01 * stream.normal()) }
    }

    func makeWorkspace() {}

    func addGradient(
        of batch: Batch, scale: Float, weights: Span<Float>, to gradient: inout MutableSpan<Float>,
        workspace: inout Void
    ) -> Double {
        var lossSum = 0.0
        for row in 0..<batch.count {
            let terms = Self.terms(batch, row)
            let margin = Self.margin(terms, weights)
            let isStorm = batch.classes[row] == 1
            lossSum += Self.loss(margin, isStorm)
            // d loss / d margin = σ(margin) − label
            let slope = (1 / (1 + exp(-margin)) - (isStorm ? 1 : 0)) * scale
            for index in 0..<5 { gradient[index] += slope * terms[index] }
            gradient[5] += slope
        }
        return lossSum
    }

    func evaluate(_ batch: Batch, weights: Span<Float>, workspace: inout Void) -> Evaluation {
        var (lossSum, correct) = (0.0, 0)
        for row in 0..<batch.count {
            let margin = Self.margin(Self.terms(batch, row), weights)
            let isStorm = batch.classes[row] == 1
            lossSum += Self.loss(margin, isStorm)
            if (margin > 0) == isStorm { correct += 1 }
        }
        return Evaluation(exampleCount: batch.count, lossSum: lossSum, correctCount: correct)
    }

    private static func terms(_ batch: Batch, _ row: Int) -> SIMD8<Float> {
        let (x, y) = (batch.features[2 * row], batch.features[2 * row + 1])
        return SIMD8(x, y, x * x, y * y, x * y, 0, 0, 0)
    }

    private static func margin(_ terms: SIMD8<Float>, _ weights: Span<Float>) -> Float {
        var sum = weights[5]
        for index in 0..<5 { sum += weights[index] * terms[index] }
        return sum
    }

    /// −log of the probability of the true class, in a form that does not overflow.
    private static func loss(_ margin: Float, _ isStorm: Bool) -> Double {
        let signed = Double(isStorm ? -margin : margin)
        return max(signed, 0) + log1p(exp(-abs(signed)))
    }
}
