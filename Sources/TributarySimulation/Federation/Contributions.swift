import TributaryCore

/// The figures of a round's contributions that reports show.
struct Contributions: Sendable {
    /// What an encoding made of an update.
    struct Encoded: Sendable {
        var byteCount: Int
        var relativeError: Double
    }

    struct Entry: Sendable {
        var client: ClientID
        var outcome: TrainingOutcome
        var norm: Double
        var weight = 1
        /// What its method sends beside the update.
        var figures: [Double] = []
        /// What the client will remember if the round commits; nil if there is nothing to.
        var memory: [Float]?
        /// √(Σ loss² / n) at the model of the round, if the selector asks for it.
        var rootMeanSquareLoss: Double?
        /// From the invitation to the update's arrival.
        var seconds = 0.0
        /// Nil where numbers travel as they are.
        var encoded: Encoded?
        /// Whether the update was within the bound that privacy clips to; nil without privacy.
        var isWithinClip: Bool?
    }

    private(set) var entries: [Entry] = []

    mutating func add(_ entry: Entry) {
        entries.append(entry)
    }

    /// Puts the entries into the clients' order, so that floating-point sums do not depend on who came first.
    mutating func close() {
        entries.sort { $0.client < $1.client }
    }

    /// The mean training loss weighted by examples; nil without contributions. Meaningful after `close`.
    var meanLoss: Double? {
        let examples = entries.reduce(0) { $0 + $1.outcome.exampleCount }
        guard examples > 0 else { return nil }
        return entries.reduce(0) { $0 + $1.outcome.meanLoss * Double($1.outcome.exampleCount) } / Double(examples)
    }

    /// The mean of ‖v̂ − v‖² / ‖v‖²; nil where numbers travel as they are. Meaningful after `close`.
    var meanEncodingError: Double? {
        let errors = entries.compactMap { $0.encoded?.relativeError }
        return errors.isEmpty ? nil : errors.reduce(0, +) / Double(errors.count)
    }

    /// The sizes of the updates; nil without contributions. Meaningful after `close`.
    func norms(aggregate: Double) -> RoundSummary.UpdateNorms? {
        let norms = entries.map(\.norm)
        guard let smallest = norms.min(), let largest = norms.max() else { return nil }
        let mean = norms.reduce(0, +) / Double(norms.count)
        return RoundSummary.UpdateNorms(smallest: smallest, mean: mean, largest: largest, aggregate: aggregate)
    }
}
