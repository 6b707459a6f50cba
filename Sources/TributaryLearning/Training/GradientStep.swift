import TributaryCore
import TributaryMath

/// What happens between a gradient and the weights: clipping, weight decay, momentum, the learning rate.
struct GradientStep {
    let solver: LocalSolver

    /// Makes `gradient` a vector of `count` zeros, in the memory it has.
    static func zero(_ gradient: inout [Float], count: Int) {
        if gradient.count == count {
            gradient.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
        } else {
            gradient = [Float](repeating: 0, count: count)
        }
    }

    /// g ← g + offset + μ(y − x): what a method adds to a gradient. Before it is clipped, so that where the sum is zero stays
    /// where training rests.
    func correct(gradient: inout [Float], offset: [Float], weights: [Float], start: [Float]) {
        let count = gradient.count
        gradient.withUnsafeMutableBufferPointer { gradient in
            if !offset.isEmpty {
                precondition(offset.count == count, "an offset of another length than the model")
                offset.withUnsafeBufferPointer { offset in
                    for index in 0..<count { gradient[index] += offset[index] }
                }
            }
            guard solver.proximal != 0 else { return }
            let pull = Float(solver.proximal)
            weights.withUnsafeBufferPointer { weights in
                start.withUnsafeBufferPointer { start in
                    for index in 0..<count { gradient[index] += pull * (weights[index] - start[index]) }
                }
            }
        }
    }

    /// g ← g · min(1, c/‖g‖); g ← g + λy; v ← ρv + g; y ← y − η·v (or g without momentum).
    func apply(gradient: [Float], velocity: inout [Float], weights: inout [Float]) {
        var factor: Float = 1
        if let clipNorm = solver.clipNorm {
            let norm = Self.sumOfSquares(gradient).squareRoot()
            if norm > clipNorm { factor = Float(clipNorm / norm) }
        }
        let decay = Float(solver.weightDecay)
        let rate = Float(solver.learningRate)
        let momentum = Float(solver.momentum)
        let hasMomentum = solver.momentum != 0
        let count = weights.count
        gradient.withUnsafeBufferPointer { gradient in
            velocity.withUnsafeMutableBufferPointer { velocity in
                weights.withUnsafeMutableBufferPointer { weights in
                    if hasMomentum {
                        for index in 0..<count {
                            let slope = gradient[index] * factor + decay * weights[index]
                            velocity[index] = momentum * velocity[index] + slope
                            weights[index] -= rate * velocity[index]
                        }
                    } else {
                        for index in 0..<count {
                            weights[index] -= rate * (gradient[index] * factor + decay * weights[index])
                        }
                    }
                }
            }
        }
    }

    /// Σ gᵢ² in Float64, in eight sums side by side.
    private static func sumOfSquares(_ values: [Float]) -> Double {
        var sums = SIMD8<Double>()
        var index = 0
        while index + 8 <= values.count {
            var eight = SIMD8<Double>()
            for lane in 0..<8 { eight[lane] = Double(values[index + lane]) }
            sums += eight * eight
            index += 8
        }
        var total = sums.sum()
        while index < values.count {
            total += Double(values[index]) * Double(values[index])
            index += 1
        }
        return total
    }
}
