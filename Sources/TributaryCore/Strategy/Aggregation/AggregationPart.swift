/// The part of a strategy that makes one update of a round's: the exact weighted mean, or a rule that stands updates which
/// are broken or were sent to harm.
///
/// The mean is summed as updates arrive, in memory that does not grow with their number. Rules have to see the updates
/// together: in simulation they are kept until the round ends, on a server they are read from their blobs in pieces.
public protocol AggregationPart: StrategyPart {
    /// The rule; nil for the exact weighted mean.
    var rule: (any RobustRule)? { get }
}

extension AggregationPart where Self: RobustRule {
    /// The rule itself.
    public var rule: (any RobustRule)? { self }
}

/// The exact weighted mean Σ n_k Δ_k / Σ n_k (McMahan 2017).
public struct WeightedMean: AggregationPart {
    /// What there is to know of it.
    public static let about = PartDescription(
        name: "mean", summary: "The exact mean, weighted by server.weighting.",
        paper: "McMahan, Moore, Ramage, Hampson, Agüera y Arcas 2017, Communication-Efficient Learning",
        combinations: "any other parts; one bad client can move it as far as server.update-bound lets it")
    /// There are none.
    public static let parameters: [PartParameter<WeightedMean>] = []

    /// The mean.
    public init() {}

    /// None: it is summed as updates arrive.
    public var rule: (any RobustRule)? { nil }
}

/// An aggregation of any type as a value that can be compared.
public struct Aggregation: Hashable, Sendable {
    /// The part.
    public var part: any AggregationPart

    /// The part as such a value.
    public init(_ part: any AggregationPart = WeightedMean()) { self.part = part }

    /// Whether both are the same part with the same parameters.
    public static func == (left: Aggregation, right: Aggregation) -> Bool { left.part.identity == right.part.identity }

    /// Hashes what is compared.
    public func hash(into hasher: inout Hasher) { hasher.combine(part.identity) }
}

extension Aggregation {
    /// Refuses a rule that could not aggregate what a round may end with.
    ///
    /// - Parameter counts: from the quorum to the most contributions that a round takes.
    func check(for counts: ClosedRange<Int>) throws(PlanError) {
        guard let rule = part.rule else { return }
        // Where a rule expects a share of the clients to be bad, more of them may be too few where fewer were enough.
        for count in counts.lowerBound...min(counts.upperBound, counts.lowerBound + 1000) {
            guard let refusal = rule.refusal(of: count) else { continue }
            throw PlanError(
                "strategy.aggregation, cohort.quorum: a round may end with \(count) contributions, and "
                    + refusal.description)
        }
    }
}
