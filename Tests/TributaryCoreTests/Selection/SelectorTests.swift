import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

@Suite struct SelectorTests {
    @Test(arguments: TestSeeds.first(20)) func everySelectorKeepsTheContract(seed: Seed) {
        #expect(ClientSelectorContract(ProportionalSelector()).violations(seed: seed.rawValue) == [])
        #expect(ClientSelectorContract(PowerOfChoice()).violations(seed: seed.rawValue) == [])
        var last = PowerOfChoice()
        (last.loss, last.candidates) = (.last, 9)
        #expect(ClientSelectorContract(last).violations(seed: seed.rawValue) == [])
        #expect(ClientSelectorContract(OortSelector()).violations(seed: seed.rawValue) == [])
        var eager = OortSelector()
        (eager.exploration, eager.floor, eager.picks, eager.window) = (0, 0, 2, 3)
        #expect(ClientSelectorContract(eager).violations(seed: seed.rawValue) == [])
    }

    @Test func theContractSaysWhatABadSelectorBreaks() {
        let broken = ClientSelectorContract(Careless()).violations(seed: 1)
        #expect(broken.contains("a candidate is named twice"))
        #expect(broken.contains("a candidate is not eligible"))
        #expect(broken.contains("it keeps figures, and its form has no name"))
    }

    @Test(arguments: TestSeeds.first(50)) func asManyCandidatesAsPlacesIsProportionalSelection(seed: Seed) {
        var stream = seed.stream()
        let round = SelectionRound.random(&stream)
        var choice = PowerOfChoice()
        choice.candidates = round.count
        var (one, other) = (seed.stream(), seed.stream())
        let candidates = choice.candidates(for: round, random: &one)
        let losses = candidates.map { _ in stream.uniform() }
        let chosen = choice.choose(round.count, of: candidates, losses: losses).sorted()
        #expect(chosen == ProportionalSelector().candidates(for: round, random: &other).sorted())
    }

    @Test(arguments: TestSeeds.first(50)) func theLargestLossesAmongTheCandidatesAreChosen(seed: Seed) {
        var stream = seed.stream()
        let round = SelectionRound.random(&stream)
        let candidates = PowerOfChoice().candidates(for: round, random: &stream)
        let losses = candidates.map { _ in Double(stream.uniform(below: 5)) }
        let chosen = Set(PowerOfChoice().choose(round.count, of: candidates, losses: losses))
        #expect(chosen.count == min(round.count, candidates.count))
        let least = zip(candidates, losses).filter { chosen.contains($0.0) }.map(\.1).min() ?? 0
        for (client, loss) in zip(candidates, losses) where !chosen.contains(client) { #expect(loss <= least) }
    }

    @Test func byLastLossesThoseWhoNeverReportedComeFirst() {
        var choice = PowerOfChoice()
        (choice.loss, choice.candidates) = (.last, 4)
        var state = SelectionState(form: choice.form.name)
        let clients = (0..<4).map(ClientID.init(index:))
        let report = SelectionFact.Report(meanLoss: 2, seconds: 1)
        let facts = [
            SelectionFact(client: clients[0], exampleCount: 1, report: report),
            SelectionFact(client: clients[1], exampleCount: 1, report: .init(meanLoss: 3, seconds: 1)),
            SelectionFact(client: clients[2], exampleCount: 1, report: nil),
        ]
        state.roundEnded(RoundNumber(1), facts, selector: choice)
        let round = SelectionRound(
            number: RoundNumber(2), count: 3, eligible: clients,
            population: SelectionPopulation(exampleCounts: [1, 1, 1, 1]), state: state)
        var stream = Seed(1).stream()
        let order = choice.candidates(for: round, random: &stream)
        #expect(Set(order.prefix(2)) == [clients[2], clients[3]])
        #expect(order[2] == clients[1])
    }

    @Test func limitsLetNobodyInTooOften() {
        let limits = ParticipationLimits(cap: 2, gap: 3)
        func allows(_ invitations: Int, last: Int, now: Int) -> Bool {
            limits.allow(
                .init(invitations: invitations, lastRound: RoundNumber(last), figures: []), in: RoundNumber(now))
        }
        #expect(limits.allow(nil, in: RoundNumber(1)))
        #expect(!allows(1, last: 4, now: 5) && !allows(1, last: 4, now: 6) && allows(1, last: 4, now: 7))
        #expect(!allows(2, last: 1, now: 100))
        #expect(!ParticipationLimits(gap: 1).isLimited && ParticipationLimits(cap: 1).isLimited)
    }
}

extension SelectionRound {
    static func random(_ stream: inout RandomStream) -> SelectionRound {
        let population = 10 + stream.uniform(below: 40)
        let clients = (0..<population).map(ClientID.init(index:)).filter { _ in !stream.bernoulli(0.2) }
        return SelectionRound(
            number: RoundNumber(1), count: 1 + stream.uniform(below: 5), eligible: clients,
            population: SelectionPopulation(exampleCounts: (0..<population).map { _ in 1 + stream.uniform(below: 90) }),
            state: .none)
    }
}

private struct Careless: ClientSelector {
    static let about = PartDescription(name: "careless", summary: "s", paper: "p", combinations: "c")
    static let parameters: [PartParameter<Careless>] = []
    var form: SelectorForm { SelectorForm(clientFigures: [0]) }
    func candidates(for round: SelectionRound, random: inout RandomStream) -> [ClientID] {
        Array(repeating: ClientID(39), count: round.count)
    }
}
