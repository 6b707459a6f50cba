public import TributaryCore

/// A client's own model of a run whose clients have such (`strategy.personalisation`), for the app to use.
public struct PersonalModel: Hashable, Sendable {
    /// The parameters, tensor after tensor in the order of the run's layout.
    public var weights: [Float]
    /// The round in which the client came to it.
    public var round: RoundNumber

    /// A model with both its parts.
    public init(weights: [Float], round: RoundNumber) {
        (self.weights, self.round) = (weights, round)
    }
}

extension FederatedClient {
    /// The client's own model of a run, from its store; nil if there is none yet.
    ///
    /// It is there once an update of the client was accepted, or it has scored its own model, and is replaced as either happens
    /// again: after training it has the shared part as this client had trained it, after scoring as the global model has it. It may
    /// be asked for at any time, before and beside `run` too; what the run goes on from is kept apart from it.
    ///
    /// ```swift
    /// try await FederatedClient.withClient(trainer, settings: settings) { client in
    ///     if let own = try await client.personalModel(of: run) { keyboard.use(own.weights) }
    ///     try await client.run()
    /// }
    /// ```
    /// - Throws: `ClientError` if the store cannot be read.
    public func personalModel(of run: RunID) async throws -> PersonalModel? {
        try await storing { try $0.personalModel(of: run) }
    }
}
