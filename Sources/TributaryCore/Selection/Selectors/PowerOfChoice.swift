public import TributaryMath

/// Power-of-choice (Cho, Wang, Joshi 2022): of d candidates, drawn in proportion to their examples, those with the largest
/// losses.
///
/// Faster where clients differ, and biased: more so the larger d is. With as many candidates as a round invites it is
/// ``ProportionalSelector`` to the bit.
public struct PowerOfChoice: ClientSelector {
    /// How a client's loss is known.
    public enum Estimate: String, CaseIterable, Hashable, Sendable {
        /// Candidates are sent the model and say F_k(x).
        case exact
        /// By the mean training loss of a client's last contribution; who made none comes first.
        case last
    }

    /// d; 0 for twice as many as a round invites.
    public var candidates = 0
    /// How a client's loss is known.
    public var loss = Estimate.exact

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "power-of-choice",
        summary: "Of candidates drawn in proportion to their examples, those with the largest losses.",
        paper: "Cho, Wang, Joshi 2022, Towards Understanding Biased Client Selection in Federated Learning",
        combinations: "any other parts; updates count alike unless server.weighting says otherwise")
    /// d and the estimate.
    public static let parameters: [PartParameter<PowerOfChoice>] = [
        PartParameter(
            "candidates", \.candidates, "d: how many are considered; 0 for twice as many as a round invites.",
            must: "a whole number from 0"
        ) { $0 >= 0 },
        PartParameter(
            "loss", \.loss, "exact: the loss of the model on all of a candidate's examples. last: as it last reported."),
    ]

    /// Twice as many candidates, by their exact losses.
    public init() {}

    /// Alike.
    public var weighting: UpdateWeighting? { .uniform }
    /// The last loss of a client, or nothing.
    public var form: SelectorForm {
        switch loss {
        case .exact: SelectorForm(measure: .candidateLosses)
        // No loss is below 0: a client that never reported is told from those that did.
        case .last: SelectorForm(name: "power-of-choice-1", clientFigures: [-1])
        }
    }

    /// There must be as many candidates as places.
    public func check(_ plan: Plan, inviteCount: Int) throws(PlanError) {
        guard candidates == 0 || candidates >= inviteCount else {
            throw PlanError(
                "cohort.selection power-of-choice considers \(candidates) candidates, and a round invites \(inviteCount); "
                    + "raise candidates or lower the cohort")
        }
    }

    /// d of them; by last losses in their order.
    public func candidates(for round: SelectionRound, random: inout RandomStream) -> [ClientID] {
        let drawn = WeightedDraw.proportional(
            candidates == 0 ? 2 * round.count : candidates, of: round.eligible,
            weight: { Double(round.exampleCount(of: $0)) }, random: &random)
        guard loss == .last else { return drawn }
        let losses = drawn.map { client in
            round.state.clients[client].map { $0.figures[0] < 0 ? .infinity : $0.figures[0] } ?? .infinity
        }
        return choose(round.count, of: drawn, losses: losses)
    }

    /// Those with the largest losses, in the order of the draw where losses are the same. A loss that is no number is larger
    /// than any.
    public func choose(_ count: Int, of candidates: [ClientID], losses: [Double]) -> [ClientID] {
        guard !losses.isEmpty else { return Array(candidates.prefix(count)) }
        let keys = losses.map { $0.isNaN ? .infinity : $0 }
        let order = candidates.indices.sorted { (keys[$1], $0) < (keys[$0], $1) }
        return order.prefix(count).map { candidates[$0] }
    }

    /// Notes losses.
    public func advance(_ state: inout SelectionState, by facts: [SelectionFact], in round: RoundNumber) {
        guard loss == .last else { return }
        for fact in facts {
            guard let report = fact.report else { continue }
            // Figures are finite, so that a checkpoint holds them as they are.
            let loss = report.meanLoss.isFinite ? max(report.meanLoss, 0) : .greatestFiniteMagnitude
            state.clients[fact.client]?.figures[0] = loss
        }
    }
}
