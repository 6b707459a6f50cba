/// The method's part of the making of a model: what stands between the mean update and the server optimiser.
public struct MethodOrder: Sendable {
    /// The method.
    public var method: any FederatedMethod
    /// What `FederatedMethod.advance` made of the round's figures for `step`.
    public var factors: [Double]
    /// What the method keeps (float32), a vector as long as the model for each of its form; empty before the first step, and
    /// always for a method that keeps none.
    public var vectors: [TensorBlob]

    /// A method's part with all that it needs.
    public init(_ method: any FederatedMethod, factors: [Double], vectors: [TensorBlob] = []) {
        (self.method, self.factors, self.vectors) = (method, factors, vectors)
    }

    /// Replaces a piece of the mean update by the pseudo-gradient. `message` and `state` hold the same piece of each of their
    /// vectors, one after another.
    package func step(
        _ update: UnsafeMutableBufferPointer<Double>, message: UnsafeBufferPointer<Double>,
        state: UnsafeMutableBufferPointer<Float>
    ) {
        let form = method.form
        precondition(message.count == form.messages.count * update.count, "messages of another length")
        precondition(state.count == form.server.count * update.count, "a state of another length")
        var moves = update.mutableSpan
        var memory = state.mutableSpan
        method.step(&moves, message: message.span, state: &memory, factors: factors)
    }
}

extension MethodOrder: Hashable {
    /// Whether both are the same method with the same parameters and factors.
    public static func == (left: MethodOrder, right: MethodOrder) -> Bool {
        left.method.identity == right.method.identity && left.factors == right.factors
            && left.vectors == right.vectors
    }

    /// Hashes what is compared.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(method.identity)
        hasher.combine(factors)
        hasher.combine(vectors)
    }
}
