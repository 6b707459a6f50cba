public import TributaryMath

/// Chooses a round's clients by what is known of them: their data, how long they take, what they reported before.
///
/// A selector is a value without hidden state: what survives a round is in ``SelectionState``, which is handed in and out
/// and is part of a run's checkpoints. A round asks it for three things:
///
/// 1. `candidates`: clients in the order in which they would be invited. All randomness is here.
/// 2. `choose`: the cohort out of them. A selector that measures losses is told F_k(x) of every candidate at the model of
///    the round; others take the first of the candidates.
/// 3. `advance`: its figures, of the run and of clients, after what the round's clients reported.
///
/// ```swift
/// struct MostExamples: ClientSelector {
///     static let about = PartDescription(name: "most-examples", summary: "…", paper: "…", combinations: "…")
///     static let parameters: [PartParameter<MostExamples>] = []
///     func candidates(for round: SelectionRound, random: inout RandomStream) -> [ClientID] {
///         round.eligible.sorted { round.exampleCount(of: $0) > round.exampleCount(of: $1) }
///     }
/// }
/// ```
///
/// `ClientSelectorContract` of TributaryTesting says in words what a new one breaks.
public protocol ClientSelector: StrategyPart {
    /// What it keeps and measures. Raise the number in the form's name when the meaning of figures changes.
    var form: SelectorForm { get }
    /// The weighting that it is meant for, where a plan says none; nil: by examples.
    var weighting: UpdateWeighting? { get }

    /// Refuses a plan in which it could not work, in a line that names the fields.
    ///
    /// - Parameter inviteCount: how many clients a round invites.
    func check(_ plan: Plan, inviteCount: Int) throws(PlanError)
    /// Different eligible clients in the order of preference; at least as many as the round wants, if there are.
    func candidates(for round: SelectionRound, random: inout RandomStream) -> [ClientID]
    /// At most `count` of the candidates.
    ///
    /// - Parameter losses: F_k(x) of each candidate, if the form measures them; else empty.
    func choose(_ count: Int, of candidates: [ClientID], losses: [Double]) -> [ClientID]
    /// Brings figures up to date when a round has ended. That the clients took part is in the state already.
    ///
    /// - Parameter facts: one for each client of the cohort, in ascending order.
    func advance(_ state: inout SelectionState, by facts: [SelectionFact], in round: RoundNumber)
}

extension ClientSelector {
    /// Nothing is kept or measured.
    public var form: SelectorForm { .none }
    /// By examples.
    public var weighting: UpdateWeighting? { nil }
    /// Any plan will do.
    public func check(_ plan: Plan, inviteCount: Int) throws(PlanError) {}
    /// The first of them.
    public func choose(_ count: Int, of candidates: [ClientID], losses: [Double]) -> [ClientID] {
        Array(candidates.prefix(count))
    }
    /// Nothing to bring up to date.
    public func advance(_ state: inout SelectionState, by facts: [SelectionFact], in round: RoundNumber) {}
}

/// What a selector keeps from round to round, and what it has measured.
public struct SelectorForm: Hashable, Sendable {
    /// What is measured for a selector, beside what training tells anyway.
    public enum Measure: Hashable, Sendable {
        /// Nothing.
        case nothing
        /// F_k(x) of the candidates at the model of the round, before anybody is invited.
        case candidateLosses
        /// √(Σ loss² / n) of the examples of clients that contribute, at the model they were given.
        case squareLosses
    }

    /// The form's name and version, for example `oort-1`; empty if nothing is kept.
    public var name: String
    /// What the figures of the run are before the first round.
    public var figures: [Double]
    /// What the figures of a client are before it takes part for the first time.
    public var clientFigures: [Double]
    /// What is measured.
    public var measure: Measure
    /// Whether it asks how long clients are expected to take.
    public var usesSeconds: Bool

    /// A form with all its parts.
    public init(
        name: String = "", figures: [Double] = [], clientFigures: [Double] = [], measure: Measure = .nothing,
        usesSeconds: Bool = false
    ) {
        (self.name, self.figures, self.clientFigures) = (name, figures, clientFigures)
        (self.measure, self.usesSeconds) = (measure, usesSeconds)
    }

    /// Nothing is kept or measured.
    public static let none = SelectorForm()
}

/// What a selector is told of the round it chooses for.
public struct SelectionRound: Sendable {
    /// The round.
    public var number: RoundNumber
    /// How many clients it invites.
    public var count: Int
    /// Who may be invited, in ascending order.
    public var eligible: [ClientID]
    /// What is known of the population.
    public var population: SelectionPopulation
    /// What is known from earlier rounds.
    public var state: SelectionState

    /// A round with all its parts.
    public init(
        number: RoundNumber, count: Int, eligible: [ClientID], population: SelectionPopulation, state: SelectionState
    ) {
        (self.number, self.count, self.eligible) = (number, count, eligible)
        (self.population, self.state) = (population, state)
    }

    /// n_k.
    public func exampleCount(of client: ClientID) -> Int { population.exampleCount(of: client) }
    /// How long a client is expected to take for a round, in seconds, if the form asks for it.
    public func expectedSeconds(of client: ClientID) -> Double { population.expectedSeconds(of: client) }
}

/// What is known of the clients of a population beside what a selector keeps.
public struct SelectionPopulation: Hashable, Sendable {
    private enum Clients: Hashable, Sendable {
        /// All are known from the start, by their places.
        case counted(exampleCounts: [Int], expectedSeconds: [Double])
        /// Clients come and go; known are the examples of those who have said so.
        case open(exampleCounts: [ClientID: Int], otherwise: Int)
    }

    private let clients: Clients

    /// A population that is known from the start.
    ///
    /// - Parameters:
    ///   - exampleCounts: n_k by client.
    ///   - expectedSeconds: how long each is expected to take for a round; empty unless the selector's form asks for it.
    public init(exampleCounts: [Int], expectedSeconds: [Double] = []) {
        clients = .counted(exampleCounts: exampleCounts, expectedSeconds: expectedSeconds)
    }

    /// A population whose clients come and go: n_k of those who have said so; the others are taken for as large as these are
    /// on average. Everybody is expected to take as long as everybody else.
    public init(reported exampleCounts: [ClientID: Int]) {
        let total = exampleCounts.values.reduce(0.0) { $0 + Double($1) }
        let mean = exampleCounts.isEmpty ? 1 : total / Double(exampleCounts.count)
        clients = .open(exampleCounts: exampleCounts, otherwise: max(1, Int(mean.rounded())))
    }

    /// n_k, or what it is taken for.
    public func exampleCount(of client: ClientID) -> Int {
        switch clients {
        case .counted(let counts, _): counts[client.index]
        case .open(let counts, let otherwise): counts[client] ?? otherwise
        }
    }

    /// How long a client is expected to take for a round, in seconds.
    public func expectedSeconds(of client: ClientID) -> Double {
        if case .counted(_, let seconds) = clients { seconds[client.index] } else { 1 }
    }

    /// The most clients that selectors are for: they look at every one of them in every round.
    public static let limit = 1_000_000
}

/// What became of a client's invitation, as far as a selector may know.
public struct SelectionFact: Hashable, Sendable {
    /// What a contribution says beside its update.
    public struct Report: Hashable, Sendable {
        /// The mean training loss.
        public var meanLoss: Double
        /// √(Σ loss² / n) at the model of the round; nil unless the selector's form asks for it.
        public var rootMeanSquareLoss: Double?
        /// From the invitation to the update's arrival.
        public var seconds: Double

        /// A report with all its parts.
        public init(meanLoss: Double, rootMeanSquareLoss: Double? = nil, seconds: Double) {
            (self.meanLoss, self.rootMeanSquareLoss, self.seconds) = (meanLoss, rootMeanSquareLoss, seconds)
        }
    }

    /// Who was invited.
    public var client: ClientID
    /// n_k.
    public var exampleCount: Int
    /// What it contributed; nil if nothing came of it in time.
    public var report: Report?

    /// A fact with all its parts.
    public init(client: ClientID, exampleCount: Int, report: Report?) {
        (self.client, self.exampleCount, self.report) = (client, exampleCount, report)
    }
}
