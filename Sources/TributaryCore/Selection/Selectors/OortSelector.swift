import Foundation
public import TributaryMath

/// Oort (Lai, Zhu, Madhyastha, Chowdhury 2021): clients whose data still teaches the model much, unless they take too long.
///
/// A share ε of a round explores clients that were never invited, fast ones rather; the rest goes to those known, by scores
/// (``OortScores``) of what they reported when they last took part. ε falls from round to round down to a floor. The duration
/// that is preferred is a percentile of the durations known, which a pacer raises when what rounds gather no longer changes.
public struct OortSelector: ClientSelector {
    /// ε in the first round.
    public var exploration = 0.9
    /// What ε is multiplied by from round to round.
    public var decay = 0.98
    /// The least ε.
    public var floor = 0.2
    /// a: how hard clients count that take longer than preferred.
    public var penalty = 2.0
    /// The percentile of durations that is preferred at first.
    public var percentile = 30.0
    /// How many rounds the pacer compares with as many before.
    public var window = 20
    /// The percentile that utilities are clipped at.
    public var clip = 95.0
    /// Who was picked more often than that is left out.
    public var picks = 10

    /// What there is to know of it.
    public static let about = PartDescription(
        name: "oort",
        summary: "Clients with large losses on many examples that do not take too long, and some unseen ones.",
        paper: "Lai, Zhu, Madhyastha, Chowdhury 2021, Oort: Efficient Federated Learning via Guided Participant "
            + "Selection",
        combinations:
            "any other parts; in simulation it costs contributors a pass over their examples, over a network it goes by "
            + "their mean training losses")
    /// Exploration, the system's part, the pacer, and what keeps it from a few clients.
    public static let parameters: [PartParameter<OortSelector>] = [
        share("exploration", \.exploration, "ε: the share of a round that goes to unseen clients, in the first round."),
        share("decay", \.decay, "What ε is multiplied by from round to round."),
        share("floor", \.floor, "The least ε."),
        PartParameter(
            "penalty", \.penalty, "a: a client that takes t longer than the preferred T counts (T/t)^a.",
            must: "a number from 0 to 100"
        ) { $0 >= 0 && $0 <= 100 },
        percent("percentile", \.percentile, "The percentile of known durations that is preferred at first."),
        PartParameter(
            "window", \.window, "How many rounds the pacer compares with as many before.",
            must: "a whole number from 1"
        ) { $0 >= 1 },
        percent("clip", \.clip, "The percentile that utilities are clipped at."),
        PartParameter(
            "picks", \.picks,
            "Clients picked more often are left out, the most picked ones first, up to 30 % of those known.",
            must: "a whole number from 1"
        ) { $0 >= 1 },
    ]

    private static func share(
        _ name: String, _ keyPath: any WritableKeyPath<OortSelector, Double> & Sendable, _ summary: String
    ) -> PartParameter<OortSelector> {
        PartParameter(name, keyPath, summary, must: "a share from 0 to 1") { $0 >= 0 && $0 <= 1 }
    }

    private static func percent(
        _ name: String, _ keyPath: any WritableKeyPath<OortSelector, Double> & Sendable, _ summary: String
    ) -> PartParameter<OortSelector> {
        PartParameter(name, keyPath, summary, must: "a number above 0 and at most 100") { $0 > 0 && $0 <= 100 }
    }

    /// The published values.
    public init() {}

    /// Of the run: the pacer's. Of a client: its utility and seconds when it last contributed, −1 if it never did.
    public var form: SelectorForm {
        SelectorForm(
            name: "oort-1", figures: OortPacer(percentile: percentile).figures, clientFigures: [-1, -1],
            measure: .squareLosses, usesSeconds: true)
    }

    /// The most of those known that are left out for having been picked too often.
    private static let excludedShare = 0.3

    /// ε in a round.
    func exploration(in round: RoundNumber) -> Double {
        max(floor, exploration * pow(decay, Double(round.rawValue - 1)))
    }

    /// Those known, by score; then unseen ones; then, if there is nobody else, those picked too often.
    public func candidates(for round: SelectionRound, random: inout RandomStream) -> [ClientID] {
        let (known, excluded) = split(round.eligible.filter { round.state.clients[$0] != nil }, round.state)
        let unseen = round.eligible.filter { round.state.clients[$0] == nil }
        let explored = min(Int(exploration(in: round.number) * Double(round.count)), unseen.count)
        let exploited = min(round.count - explored, known.count)
        var chosen = exploit(exploited, of: known, round, &random)
        chosen += WeightedDraw.successive(
            round.count - exploited, of: unseen, weight: { 1 / max(round.expectedSeconds(of: $0), 1e-9) },
            random: &random)
        return chosen + excluded.prefix(round.count - chosen.count)
    }

    /// Those that may be exploited in ascending order, and those picked too often, the least picked first.
    private func split(_ known: [ClientID], _ state: SelectionState) -> ([ClientID], [ClientID]) {
        func count(_ client: ClientID) -> Int { state.clients[client]?.invitations ?? 0 }
        let often = known.filter { count($0) > picks }.sorted { (count($0), $0) < (count($1), $1) }
        let excluded = Array(often.suffix(Int(Self.excludedShare * Double(known.count))))
        let out = Set(excluded)
        return (known.filter { !out.contains($0) }, excluded)
    }

    private func exploit(
        _ count: Int, of known: [ClientID], _ round: SelectionRound, _ random: inout RandomStream
    ) -> [ClientID] {
        guard count > 0 else { return [] }
        let clients = known.map { client in
            let history = round.state.clients[client]
            let (utility, seconds) = (history?.figures[0] ?? -1, history?.figures[1] ?? -1)
            return OortScores.Client(
                utility: max(utility, 0), lastRound: history?.lastRound.rawValue ?? 1,
                seconds: seconds < 0 ? round.expectedSeconds(of: client) : seconds)
        }
        let pacer = OortPacer(round.state.figures)
        let scores = OortScores(
            clip: clip, preferred: OortScores.percentile(pacer.percentile, of: clients.map(\.seconds)), penalty: penalty
        ).scores(of: clients, in: round.number.rawValue)
        let least = OortScores.admission(scores, places: count)
        let admitted = known.indices.filter { scores[$0] >= least }
        let byClient = Dictionary(uniqueKeysWithValues: admitted.map { (known[$0], scores[$0]) })
        return WeightedDraw.successive(
            count, of: admitted.map { known[$0] }, weight: { byClient[$0] ?? 0 }, random: &random)
    }

    /// Notes utilities and durations, and tells the pacer.
    public func advance(_ state: inout SelectionState, by facts: [SelectionFact], in round: RoundNumber) {
        var pacer = OortPacer(state.figures)
        for fact in facts {
            guard let report = fact.report else { continue }
            let utility = OortScores.utility(
                exampleCount: fact.exampleCount, rootMeanSquareLoss: report.rootMeanSquareLoss ?? report.meanLoss)
            state.clients[fact.client]?.figures = [utility, report.seconds]
            pacer.gathered += utility
        }
        pacer.roundEnded(round, window: window)
        state.figures = pacer.figures
    }
}
