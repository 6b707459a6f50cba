/// How a model did on a set of examples.
public struct Score: Codable, Hashable, Sendable {
    /// Examples scored.
    public var exampleCount: Int
    /// Mean loss per example: cross-entropy in nats, or the squared error.
    public var loss: Double
    /// Share predicted right, in 0 ... 1; nil for regression.
    public var accuracy: Double?

    /// A score with all its parts.
    public init(exampleCount: Int, loss: Double, accuracy: Double?) {
        (self.exampleCount, self.loss, self.accuracy) = (exampleCount, loss, accuracy)
    }

    /// The means of an evaluation; nil if it scored no examples.
    public init?(_ evaluation: Evaluation) {
        guard let loss = evaluation.loss else { return nil }
        self.init(exampleCount: evaluation.exampleCount, loss: loss, accuracy: evaluation.accuracy)
    }
}

/// How a model did on clients' own held-out data: the mean and the spread over clients.
public struct FederatedScore: Codable, Hashable, Sendable {
    /// Clients that were evaluated and had held-out examples.
    public var clientCount: Int
    /// The mean over clients weighted by their examples.
    public var mean: Score
    /// How accuracy spreads over clients; nil for regression.
    public var accuracy: Spread?
    /// How loss spreads over clients.
    public var loss: Spread

    /// The spread of one figure over clients, every client counting once.
    public struct Spread: Codable, Hashable, Sendable {
        /// The unweighted mean over clients.
        public var mean: Double
        /// The variance over clients.
        public var variance: Double
        /// The mean of the worst tenth of the clients (at least one): lowest accuracy, highest loss.
        public var worstTenth: Double
        /// The mean of the best tenth of the clients (at least one).
        public var bestTenth: Double
        /// The values at 0, 10, 25, 50, 75, 90 and 100 % of the clients in ascending order.
        public var quantiles: [Double]
    }

    /// The score of the given clients; nil if none of them held out an example.
    public init?(_ evaluations: [Evaluation]) {
        let scored = evaluations.filter { $0.exampleCount > 0 }
        var all = Evaluation.empty
        for evaluation in scored { all.merge(evaluation) }
        guard let mean = Score(all) else { return nil }
        self.mean = mean
        clientCount = scored.count
        let accuracies = scored.compactMap(\.accuracy)
        accuracy = accuracies.count == scored.count ? Spread(accuracies, higherIsBetter: true) : nil
        loss = Spread(scored.compactMap(\.loss), higherIsBetter: false)
    }
}

extension FederatedScore.Spread {
    /// Jain's index of fairness (Σ x)² / (n Σ x²) (Jain, Chiu, Hawe 1984): 1 if all clients have the same, 1/n if one has all.
    public var jainIndex: Double {
        let square = mean * mean
        return square + variance > 0 ? square / (square + variance) : 1
    }

    /// The shares of clients at which `quantiles` are given.
    public static let quantileShares = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1]

    /// The spread of the given values, of which there is at least one.
    init(_ values: [Double], higherIsBetter: Bool) {
        // A diverged client's NaN, of either sign, is above every number.
        let sorted = values.sorted { $0 < $1 || ($1.isNaN && !$0.isNaN) }
        let count = Double(sorted.count)
        let mean = sorted.reduce(0, +) / count
        let tenth = max(1, sorted.count / 10)
        let low = sorted.prefix(tenth).reduce(0, +) / Double(tenth)
        let high = sorted.suffix(tenth).reduce(0, +) / Double(tenth)
        self.mean = mean
        variance = sorted.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
        worstTenth = higherIsBetter ? low : high
        bestTenth = higherIsBetter ? high : low
        quantiles = Self.quantileShares.map { share in
            // Linear interpolation between order statistics (type 7 of Hyndman and Fan 1996).
            let position = share * (count - 1)
            let below = Int(position)
            let above = min(below + 1, sorted.count - 1)
            return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
        }
    }
}
