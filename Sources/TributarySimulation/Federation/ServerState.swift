public import TributaryCore
import TributaryMath

/// All that survives from one round to the next: with the plan and the data, it determines the rest of the run.
public struct ServerState: Hashable, Sendable {
    /// The global model.
    public var weights: Weights
    /// The last round that ended; 0 before the first.
    public var lastRound: RoundNumber
    /// The global model's version.
    public var modelVersion: ModelVersion
    /// Virtual time.
    public var now: Instant

    /// The state with all its parts.
    public init(weights: Weights, lastRound: RoundNumber, modelVersion: ModelVersion, now: Instant) {
        self.weights = weights
        self.lastRound = lastRound
        self.modelVersion = modelVersion
        self.now = now
    }

    /// The state before the first round.
    public init(initial weights: Weights) {
        self.init(weights: weights, lastRound: RoundNumber(0), modelVersion: ModelVersion(0), now: .start)
    }
}
