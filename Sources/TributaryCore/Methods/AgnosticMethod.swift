import Foundation

/// AFL (Mohri et al. 2019): the model that does best for the mixture of clients that it does worst for,
/// min over x of max over λ of Σ λ_k F_k(x).
///
/// The server keeps λ, a weight for every client, all of which take part in every round. Updates count by λ, and then λ
/// moves towards the clients with large losses: λ ← Proj(λ + η_λ F(x)) onto the simplex, or by the exponentiated rule
/// λ_k ∝ λ_k exp(η_λ F_k(x)). The loss of a client that fails in a round is not known and counts as zero, as in the paper's
/// stochastic gradients; the round's mean is over the others.
///
/// Where clients come and go, λ is over those who are registered when a round is opened. Who is new gets 1/N of it, and the λ of
/// the others is made to fill the rest: while λ has not moved yet, it is even.
public struct AgnosticMethod: FederatedMethod {
    /// How λ moves.
    public enum Rule: String, CaseIterable, Hashable, Sendable {
        /// Along the losses, and back onto the simplex.
        case projection
        /// By factors that grow with the losses.
        case exponentiated
    }

    /// η_λ.
    public var rate = 0.1
    /// How λ moves.
    public var rule = Rule.projection

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "afl", summary: "Updates count by λ, which moves towards the clients with large losses.",
        paper: "Mohri, Sivek, Suresh 2019, Agnostic Federated Learning",
        combinations: "cohort.selection all, up to 10000 clients; any local solver and server optimiser")
    /// η_λ and the rule.
    public static let parameters: [PartParameter<AgnosticMethod>] = [
        PartParameter("rate", \.rate, "η_λ: how fast λ follows the losses.", must: "a number from 0 to 1e6") {
            $0 >= 0 && $0 <= 1e6
        },
        PartParameter("rule", \.rule, "How λ moves."),
    ]

    /// Projection with η_λ = 0.1.
    public init() {}

    /// λ takes the place of weights.
    public var weighting: UpdateWeighting? { .uniform }
    /// The loss.
    public var form: MethodForm {
        var form = MethodForm(name: "afl-1")
        (form.figures, form.measure) = (["loss"], .loss)
        (form.hasFigurePerClient, form.weightLimit) = (true, Int(Self.wholeWeight))
        return form
    }

    /// λ is of everybody, and follows the losses of everybody.
    public func check(_ plan: Plan) throws(PlanError) {
        guard plan.cohort.selection == .all else {
            throw PlanError(
                "strategy.method afl weighs all clients against one another, and cohort.selection is "
                    + "\(plan.cohort.selection.planText); give cohort.selection all")
        }
    }

    /// The most clients: a weight in 2^20ths has to tell them apart.
    public var populationLimit: Int? { 10_000 }

    /// λ: everybody alike.
    public func initialFigures(populationSize: Int) -> [Double] {
        [Double](repeating: 1 / Double(populationSize), count: populationSize)
    }

    /// 1/N for who is new; the others share the rest in proportion to their λ.
    public func figures(_ figures: [Double], movedTo places: [Int?]) -> [Double] {
        let stayed = places.compactMap(\.self)
        let total = stayed.reduce(0.0) { $0 + figures[$1] }
        // Nobody has stayed who had a say.
        guard total > 0 else { return initialFigures(populationSize: places.count) }
        let (count, share) = (Double(places.count), Double(stayed.count) / Double(places.count))
        return places.map { place in place.map { figures[$0] / total * share } ?? 1 / count }
    }

    /// The weight of λ_k = 1.
    private static let wholeWeight = 0x1p20

    /// λ_k in 2^20ths: exact sums have whole weights.
    public func weight(of client: ClientID, weight: Int, figures: [Double]) -> Int {
        max(1, Int((figures[client.index] * Self.wholeWeight).rounded()))
    }

    /// The loss.
    public func finish(
        _ work: LocalWork, update: inout MutableSpan<Float>, memory: inout MutableSpan<Float>,
        message: inout MutableSpan<Float>
    ) -> [Double] { [work.loss] }

    /// Moves λ.
    public func advance(
        _ figures: inout [Double], by contributions: [MethodContribution], populationSize: Int
    ) -> [Double] {
        switch rule {
        case .projection:
            for one in contributions { figures[one.client.index] += rate * one.figures[0] }
            Self.project(&figures)
        case .exponentiated:
            // Factors are relative to the largest, so that none overflows.
            let largest = contributions.reduce(0) { max($0, $1.figures[0]) }
            var factors = [Double](repeating: exp(-rate * largest), count: figures.count)
            for one in contributions { factors[one.client.index] = exp(rate * (one.figures[0] - largest)) }
            for index in figures.indices { figures[index] *= factors[index] }
            let total = figures.reduce(0, +)
            for index in figures.indices { figures[index] /= total }
        }
        return []
    }

    /// The nearest point of the simplex: all coordinates less the one number that leaves a sum of 1, and none below 0
    /// (Duchi et al. 2008).
    package static func project(_ point: inout [Double]) {
        // The nearest point is the same when all coordinates are moved alike. Below zero, however far they lie apart, the 1 is
        // not lost beside them: losses are their clients' word.
        let largest = point.max() ?? 0
        for index in point.indices { point[index] -= largest }
        var (sum, shift) = (0.0, 0.0)
        for (index, value) in point.sorted(by: >).enumerated() {
            sum += value
            let candidate = (sum - 1) / Double(index + 1)
            guard value > candidate else { break }
            shift = candidate
        }
        for index in point.indices { point[index] = max(0, point[index] - shift) }
    }
}
