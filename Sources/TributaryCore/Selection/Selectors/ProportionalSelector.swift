public import TributaryMath

/// Clients in proportion to their examples, who then count alike: as unbiased as uniform selection with weights by examples,
/// and what most analyses assume (Li et al. 2020, On the Convergence of FedAvg on Non-IID Data, scheme II).
public struct ProportionalSelector: ClientSelector {
    /// What there is to know of it.
    public static let about = PartDescription(
        name: "proportional",
        summary: "Each client with a probability in proportion to its examples; updates count alike.",
        paper: "McMahan et al. 2017; Li, Huang, Yang, Wang, Zhang 2020, On the Convergence of FedAvg on Non-IID Data",
        combinations: "any other parts; with server.weighting examples large clients count twice")
    /// There are none.
    public static let parameters: [PartParameter<ProportionalSelector>] = []

    /// In proportion to examples.
    public init() {}

    /// Alike.
    public var weighting: UpdateWeighting? { .uniform }

    /// As many as the round wants.
    public func candidates(for round: SelectionRound, random: inout RandomStream) -> [ClientID] {
        WeightedDraw.proportional(
            round.count, of: round.eligible, weight: { Double(round.exampleCount(of: $0)) }, random: &random)
    }
}
