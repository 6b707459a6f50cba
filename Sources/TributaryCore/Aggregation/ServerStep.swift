/// The step that makes the next global model of a round's mean update, with everything of this round filled in.
///
/// Element-wise in Float64, as the optimiser has it, with one rounding to Float32, so that it gives the same bits on every
/// processor.
public struct ServerStep: Sendable {
    /// What turns the mean update into a step.
    public var optimiser: any ServerOptimiser
    /// The round's learning rate and the step's number.
    public var context: StepContext

    /// A step of the given optimiser.
    public init(_ optimiser: any ServerOptimiser, _ context: StepContext = StepContext()) {
        (self.optimiser, self.context) = (optimiser, context)
    }

    /// The step of FedAvg: x ← x + η_g Δ.
    public init(learningRate: Double = 1) {
        self.init(ServerSGD(), StepContext(learningRate: learningRate))
    }

    /// Moves `weights` by the step along `meanUpdate`, brings `state` up to date and returns the L2 norm of the move. The
    /// update must have the weights' length, the state the optimiser's form.
    public func advance(
        _ weights: inout [Float], state: inout OptimiserState, along meanUpdate: consuming [Double]
    ) -> Double {
        precondition(state.fits(optimiser.stateForm, parameterCount: weights.count), "the state of another optimiser")
        var moves = meanUpdate
        var squares = 0.0
        weights.withUnsafeMutableBufferPointer { weights in
            state.values.withUnsafeMutableBufferPointer { state in
                moves.withUnsafeMutableBufferPointer {
                    advance(weights, state: state, along: $0, squares: &squares)
                }
            }
        }
        return squares.squareRoot()
    }

    /// Moves a piece of a model by the step along the same piece of the mean update, which is used up. `state` holds that
    /// piece of every vector, one after another. `squares` carries the sum of the squares of all moves from one
    /// piece to the next: its root is the L2 norm of the whole move, to the bit.
    package func advance(
        _ weights: UnsafeMutableBufferPointer<Float>, state: UnsafeMutableBufferPointer<Float>,
        along meanUpdate: UnsafeMutableBufferPointer<Double>, squares: inout Double
    ) {
        precondition(weights.count == meanUpdate.count, "an update of another length than the model")
        precondition(state.count == optimiser.stateForm.vectors.count * weights.count, "a state of another length")
        var moves = meanUpdate.mutableSpan
        var memory = state.mutableSpan
        optimiser.replace(&moves, state: &memory, context)
        var sum = squares
        for index in weights.indices {
            let move = meanUpdate[index]
            sum += move * move
            weights[index] = Float(Double(weights[index]) + move)
        }
        squares = sum
    }
}

extension ServerStep: Hashable {
    /// Whether both are the same optimiser with the same parameters, and the same round's figures.
    public static func == (left: ServerStep, right: ServerStep) -> Bool {
        left.optimiser.identity == right.optimiser.identity && left.context == right.context
    }

    /// Hashes what is compared.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(optimiser.identity)
        hasher.combine(context)
    }
}
