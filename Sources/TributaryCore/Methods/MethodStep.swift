/// The part of a round's end that a method has: from the mean update to the pseudo-gradient that the server optimiser
/// takes.
public struct MethodStep: Sendable {
    private let method: any FederatedMethod
    private let populationSize: Int

    /// The end of a round of a population of `populationSize` clients.
    public init(_ method: any FederatedMethod, populationSize: Int) {
        (self.method, self.populationSize) = (method, populationSize)
    }

    /// Replaces the mean update and brings the state up to date, but for what clients remember.
    ///
    /// - Parameters:
    ///   - message: the means of the messages, one whole vector after another, every client counting alike.
    ///   - contributions: all of the round, in the clients' order.
    public func advance(
        _ update: inout [Double], message: [Double], contributions: [MethodContribution], state: inout MethodState
    ) {
        precondition(message.count == method.form.messages.count * update.count, "messages of another length")
        let factors = method.advance(&state.figures, by: contributions, populationSize: populationSize)
        var moves = update.mutableSpan
        var memory = state.vectors.values.mutableSpan
        method.step(&moves, message: message.span, state: &memory, factors: factors)
    }
}
