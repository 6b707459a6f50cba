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
        for index in weights.indices {
            let move = learningRate * meanUpdate[index]
            squares += move * move
            weights[index] = Float(Double(weights[index]) + move)
        }
        return squares.squareRoot()
    }
}
