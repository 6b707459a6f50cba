/// How the server turns the mean update of a round into the step of the global model.
///
/// x ← x + step(Δ): the mean update Δ is taken as a pseudo-gradient with its sign turned (Reddi 2021). A step is
/// *element-wise*: what becomes of a coordinate depends on that coordinate and its state alone, so that models are
/// worked on piece by piece, in memory that does not depend on their size. It is plain Float64 arithmetic, whose
/// operations give the same bits on every processor.
///
/// A new one is one file; `ServerOptimiserContract` of TributaryTesting says in words what it breaks:
///
/// ```swift
/// struct Damped: ServerOptimiser {
///     static let about = PartDescription(
///         name: "damped", summary: "Half of the step.", paper: "ours", combinations: "anything")
///     static let parameters: [PartParameter<Damped>] = []
///     func replace(_ update: inout MutableSpan<Double>, state: inout MutableSpan<Float>, _ context: StepContext) {
///         for index in update.indices { update[index] *= 0.5 * context.learningRate }
///     }
/// }
/// ```
public protocol ServerOptimiser: StrategyPart {
    /// The server's learning rate where a plan says none.
    var defaultLearningRate: Double { get }
    /// The vectors that it keeps from round to round, each as long as the model. Raise the number in the form's name
    /// when their meaning changes.
    var stateForm: OptimiserStateForm { get }

    /// Replaces each coordinate Δ of a piece of the mean update by the step x takes along it, and brings the state up to
    /// date.
    ///
    /// `state` holds the same piece of every vector of `stateForm`, one whole piece after the other: coordinate i of
    /// vector j is at j · update.count + i.
    func replace(_ update: inout MutableSpan<Double>, state: inout MutableSpan<Float>, _ context: StepContext)
}

extension ServerOptimiser {
    /// 1: for optimisers whose step is about as long as the update.
    public var defaultLearningRate: Double { 1 }
    /// Nothing is kept.
    public var stateForm: OptimiserStateForm { .none }
}

/// What a step may depend on besides its coordinate.
public struct StepContext: Hashable, Sendable {
    /// η_g of this round. The step is proportional to it.
    public var learningRate: Double
    /// t: the number of this step, 1 for the first. Only rounds that commit count.
    public var number: Int

    /// A context with all its parts.
    public init(learningRate: Double = 1, number: Int = 1) {
        (self.learningRate, self.number) = (learningRate, number)
    }

    /// `base` to the power of the step's number, by squaring: the same bits everywhere, which a library's power
    /// does not promise.
    public func power(of base: Double) -> Double {
        var (result, square, left) = (1.0, base, number)
        while left > 0 {
            if left & 1 == 1 { result *= square }
            square *= square
            left >>= 1
        }
        return result
    }
}

/// The vectors that an optimiser keeps, and what they start from.
public struct OptimiserStateForm: Hashable, Sendable {
    /// One vector.
    public struct Vector: Hashable, Sendable {
        /// Its name: lower-case letters, digits and hyphens.
        public var name: String
        /// What every coordinate starts from.
        public var initial: Float

        /// A vector with both its parts.
        public init(_ name: String, initial: Float = 0) {
            (self.name, self.initial) = (name, initial)
        }
    }

    /// The form's name and version, for example `adam-1`; empty if nothing is kept.
    public var name: String
    /// The vectors, in the order in which a step is handed them.
    public var vectors: [Vector]

    /// A form with both its parts.
    public init(name: String, vectors: [Vector]) {
        (self.name, self.vectors) = (name, vectors)
    }

    /// Nothing is kept.
    public static let none = OptimiserStateForm(name: "", vectors: [])

    /// Whether nothing is kept.
    public var isEmpty: Bool { vectors.isEmpty }
}
