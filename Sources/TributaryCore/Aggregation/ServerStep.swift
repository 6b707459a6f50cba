/// Turns the mean update of a round into the next global model: x ← x + η_g Δ (FedAvg; McMahan 2017).
///
/// Element-wise in plain Float64 with one rounding to Float32, so that it gives the same bits on every processor.
public struct ServerStep: Hashable, Sendable {
    /// The server's learning rate η_g; 1 is model averaging.
    public var learningRate: Double

    /// A step with the given learning rate.
    public init(learningRate: Double = 1) {
        self.learningRate = learningRate
    }

    /// Moves `weights` along `meanUpdate` and returns the L2 norm of the move. Both must have the same length.
    public func advance(_ weights: inout [Float], along meanUpdate: [Double]) -> Double {
        precondition(weights.count == meanUpdate.count, "an update of another length than the model")
        var squares = 0.0
        weights.withUnsafeMutableBufferPointer { weights in
            meanUpdate.withUnsafeBufferPointer { advance(weights, along: $0, squares: &squares) }
        }
        return squares.squareRoot()
    }

    /// Moves a piece of a model along the same piece of the mean update. `squares` carries the sum of the squares of all
    /// moves from one piece to the next: its root is the L2 norm of the whole move, to the bit.
    package func advance(
        _ weights: UnsafeMutableBufferPointer<Float>, along meanUpdate: UnsafeBufferPointer<Double>,
        squares: inout Double
    ) {
        precondition(weights.count == meanUpdate.count, "an update of another length than the model")
        var sum = squares
        for index in weights.indices {
            let move = learningRate * meanUpdate[index]
            sum += move * move
            weights[index] = Float(Double(weights[index]) + move)
        }
        squares = sum
    }
}
