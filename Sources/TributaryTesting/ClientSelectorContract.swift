public import TributaryCore
import TributaryMath

/// What every `ClientSelector` promises, as checks that any of them can be put through.
///
/// ```swift
/// #expect(ClientSelectorContract(OortSelector()).violations(seed: 1) == [])
/// ```
public struct ClientSelectorContract<Selector: ClientSelector> {
    private let selector: Selector
    private let populationSize = 40
    private let count = 6

    /// The contract of a selector with its parameters.
    public init(_ selector: Selector) {
        self.selector = selector
    }

    /// What the selector breaks, in words; empty if it keeps the contract.
    public func violations(seed: UInt64) -> [String] {
        var broken = selector.namingViolations + formViolations
        let (first, again) = (course(Seed(seed)), course(Seed(seed)))
        broken += first.broken
        if first.state != again.state || first.cohorts != again.cohorts {
            broken.append("the same course gives another state or other cohorts")
        }
        return Set(broken).sorted()
    }

    private var formViolations: [String] {
        let form = selector.form
        var broken: [String] = []
        if form.name.isEmpty, !(form.figures + form.clientFigures).isEmpty {
            broken.append("it keeps figures, and its form has no name")
        }
        if !form.name.isEmpty, !PartNames.isName(form.name) { broken.append("'\(form.name)' is no name") }
        if !(form.figures + form.clientFigures).allSatisfy(\.isFinite) {
            broken.append("its figures begin with what is not finite")
        }
        return broken
    }

    /// Rounds in which some clients are away and some fail, with losses that may be anything.
    private func course(_ seed: Seed) -> (state: SelectionState, cohorts: [[ClientID]], broken: [String]) {
        var stream = seed.derived("client-selector").stream()
        let population = SelectionPopulation(
            exampleCounts: (0..<populationSize).map { _ in stream.uniform(below: 30) },
            expectedSeconds: (0..<populationSize).map { _ in stream.exponential(mean: 10) })
        var state = SelectionState(
            form: selector.form.name, figures: selector.form.figures)
        var (cohorts, broken): ([[ClientID]], [String]) = ([], [])
        for number in 1...50 {
            let away = stream.uniform()
            let eligible = (0..<populationSize).map(ClientID.init(index:)).filter { _ in !stream.bernoulli(away) }
            let round = SelectionRound(
                number: RoundNumber(number), count: min(count, eligible.count), eligible: eligible,
                population: population, state: state)
            let cohort = choose(round, seed.derived("round", UInt64(number)), &stream, &broken)
            cohorts.append(cohort)
            let facts = cohort.map { fact(of: $0, population, &stream) }
            let before = state
            state.roundEnded(round.number, facts, selector: selector)
            broken += violations(of: state, after: before, Set(cohort))
        }
        return (state, cohorts, broken)
    }

    private func choose(
        _ round: SelectionRound, _ seed: Seed, _ stream: inout RandomStream, _ broken: inout [String]
    ) -> [ClientID] {
        var random = seed.stream()
        let candidates = selector.candidates(for: round, random: &random)
        var repeated = seed.stream()
        if selector.candidates(for: round, random: &repeated) != candidates {
            broken.append("the same random numbers give other candidates")
        }
        if Set(candidates).count != candidates.count { broken.append("a candidate is named twice") }
        if !Set(candidates).isSubset(of: round.eligible) { broken.append("a candidate is not eligible") }
        let useful = round.eligible.filter { round.exampleCount(of: $0) > 0 }.count
        if candidates.count < min(round.count, useful) { broken.append("places are left empty, and clients are there") }
        var losses: [Double] = []
        if selector.form.measure == .candidateLosses {
            losses = candidates.map { _ in stream.bernoulli(0.1) ? .nan : stream.exponential(mean: 1) }
        }
        let cohort = selector.choose(round.count, of: candidates, losses: losses)
        if cohort.count != min(round.count, candidates.count) { broken.append("it chooses too many or too few") }
        if Set(cohort).count != cohort.count { broken.append("a client is chosen twice") }
        if !Set(cohort).isSubset(of: candidates) { broken.append("a client is chosen that was no candidate") }
        return cohort.sorted()
    }

    private func fact(
        of client: ClientID, _ population: SelectionPopulation, _ stream: inout RandomStream
    ) -> SelectionFact {
        var loss = stream.exponential(mean: 1)
        if stream.bernoulli(0.1) { loss = stream.bernoulli(0.5) ? .nan : .infinity }
        let report = SelectionFact.Report(
            meanLoss: loss, rootMeanSquareLoss: selector.form.measure == .squareLosses ? loss : nil,
            seconds: stream.exponential(mean: 10))
        return SelectionFact(
            client: client, exampleCount: population.exampleCount(of: client),
            report: stream.bernoulli(0.2) ? nil : report)
    }

    private func violations(
        of state: SelectionState, after before: SelectionState, _ cohort: Set<ClientID>
    ) -> [String] {
        var broken: [String] = []
        if state.form != before.form { broken.append("its form changes") }
        if state.figures.count != selector.form.figures.count { broken.append("the number of its figures changes") }
        let widths = Set(state.clients.values.map(\.figures.count))
        if !widths.isSubset(of: [selector.form.clientFigures.count]) {
            broken.append("the number of a client's figures changes")
        }
        if !(state.figures + state.clients.values.flatMap(\.figures)).allSatisfy(\.isFinite) {
            broken.append("a figure is not finite")
        }
        for (client, history) in state.clients where !cohort.contains(client) && before.clients[client] != history {
            broken.append("something changes about a client that was not there")
        }
        return broken
    }
}
