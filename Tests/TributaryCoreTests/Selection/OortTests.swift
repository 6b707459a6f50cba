import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

@Suite struct OortTests {
    @Test func utilityIsThePublishedOne() {
        #expect(abs(OortScores.utility(losses: [0.5, 1, 2]) - 3.968627) < 1e-6)
        #expect(OortScores.utility(losses: []) == 0)
        #expect(OortScores.utility(exampleCount: 3, rootMeanSquareLoss: .nan).isFinite)
    }

    @Test func scoresAreTheirThreeTerms() {
        let clients = [
            OortScores.Client(utility: 1, lastRound: 1, seconds: 1), .init(utility: 2, lastRound: 2, seconds: 1),
            .init(utility: 4, lastRound: 3, seconds: 4), .init(utility: 10, lastRound: 4, seconds: 2),
        ]
        let scores = OortScores(clip: 100, preferred: 2, penalty: 2).scores(of: clients, in: 5)
        // ln 5 = 1.6094379: √(0.16094379 / L), and a quarter of the third, which takes twice as long as is preferred.
        let expected = [0.401178, 0.111111 + 0.283676, (0.333333 + 0.231620) / 4, 1 + 0.200589]
        for (score, value) in zip(scores, expected) { #expect(abs(score - value) < 1e-5) }
    }

    @Test func utilitiesAreClippedBeforeTheyAreScaled() {
        let clients = (1...100).map { OortScores.Client(utility: Double($0), lastRound: 1, seconds: 1) }
        let scores = OortScores(clip: 95, preferred: 1, penalty: 2).scores(of: clients, in: 1)
        for (index, score) in scores.enumerated() {
            #expect(abs(score - Double(min(index, 94)) / 94) < 1e-12)
        }
        let even = clients.map { OortScores.Client(utility: 3, lastRound: 1, seconds: $0.seconds) }
        #expect(OortScores(clip: 95, preferred: 1, penalty: 2).scores(of: even, in: 1).allSatisfy { $0 == 0 })
    }

    @Test func percentilesAreNearestRanks() {
        let values = [30.0, 10, 20, 40]
        let ranks = [1, 25, 26, 50, 75, 76, 100].map { OortScores.percentile($0, of: values) }
        #expect(ranks == [10, 10, 20, 20, 30, 40, 40])
    }

    @Test(arguments: TestSeeds.first(30)) func exploitationTakesThoseNearTheCutOff(seed: Seed) {
        var oort = OortSelector()
        (oort.exploration, oort.floor, oort.penalty) = (0, 0, 0)
        var stream = seed.stream()
        let round = known(40, count: 10, &stream)
        let chosen = oort.candidates(for: round, random: &stream)
        #expect(Set(chosen).count == 10)
        // The terms once more, in another form: all clients were last there in round 1, so that only utilities differ.
        let utilities = (0..<40).map { round.state.clients[ClientID(index: $0)]?.figures[0] ?? 0 }
        let clip = utilities.sorted()[37]
        let low = utilities.min() ?? 0
        let staleness = (0.1 * log(50.0)).squareRoot()
        let scores = utilities.map { (min($0, clip) - low) / (clip - low) + staleness }
        let cutOff = scores.sorted(by: >)[9] * 0.95
        for client in chosen { #expect(scores[client.index] >= cutOff - 1e-12) }
    }

    @Test(arguments: TestSeeds.first(30)) func aShareOfTheRoundGoesToUnseenClients(seed: Seed) {
        var stream = seed.stream()
        var round = known(40, count: 10, &stream)
        for index in 20..<40 { round.state.clients[ClientID(index: index)] = nil }
        for (number, share) in [(1, 9), (2, 8), (30, 5), (500, 2)] {
            round.number = RoundNumber(number)
            let chosen = OortSelector().candidates(for: round, random: &stream)
            #expect(chosen.filter { $0.index >= 20 }.count == share)
            #expect(Set(chosen).count == 10)
        }
    }

    @Test func fastUnseenClientsArePreferred() {
        var stream = Seed(3).stream()
        var round = known(40, count: 10, &stream)
        round.state.clients = [:]
        round.population = SelectionPopulation(
            exampleCounts: (0..<40).map { _ in 5 }, expectedSeconds: (0..<40).map { $0 < 20 ? 1 : 9 })
        let fast = (0..<200).reduce(0) { sum, _ in
            sum + OortSelector().candidates(for: round, random: &stream).filter { $0.index < 20 }.count
        }
        #expect(fast > 1500)
    }

    @Test func thosePickedTooOftenAreLeftOutWhileThereAreOthers() {
        var stream = Seed(4).stream()
        var oort = OortSelector()
        (oort.exploration, oort.floor) = (0, 0)
        var round = known(40, count: 10, &stream)
        for index in 0..<12 {
            round.state.clients[ClientID(index: index)]?.invitations = 11
            round.state.clients[ClientID(index: index)]?.figures[0] = 1e9
        }
        #expect(oort.candidates(for: round, random: &stream).allSatisfy { $0.index >= 12 })
        round.count = 35
        let chosen = oort.candidates(for: round, random: &stream)
        #expect(Set(chosen).count == 35 && chosen.filter { $0.index >= 12 }.count == 28)
    }

    @Test func thePacerFollowsWhatRoundsGather() {
        func percentile(after windows: [Double]) -> Double {
            var pacer = OortPacer(percentile: 30)
            for (place, gathered) in windows.enumerated() {
                pacer.gathered = gathered
                pacer.roundEnded(RoundNumber((place + 1) * 20 - 1), window: 20)
                #expect(pacer.gathered == gathered)
                pacer.roundEnded(RoundNumber((place + 1) * 20), window: 20)
                #expect(pacer.gathered == 0 && OortPacer(pacer.figures) == pacer)
            }
            return pacer.percentile
        }
        #expect(percentile(after: [100]) == 30)
        #expect(percentile(after: [100, 109]) == 35)
        #expect(percentile(after: [100, 91, 95]) == 40)
        #expect(percentile(after: [100, 150]) == 30)
        #expect(percentile(after: [100, 601]) == 25)
        #expect(percentile(after: [Double](repeating: 1, count: 40)) == 100)
    }

    private func known(_ population: Int, count: Int, _ stream: inout RandomStream) -> SelectionRound {
        let clients = (0..<population).map(ClientID.init(index:))
        var state = SelectionState(form: "oort-1", figures: OortPacer(percentile: 100).figures)
        for client in clients {
            state.clients[client] = .init(
                invitations: 1, lastRound: RoundNumber(1), figures: [stream.exponential(mean: 10), 1])
        }
        return SelectionRound(
            number: RoundNumber(50), count: count, eligible: clients,
            population: SelectionPopulation(
                exampleCounts: clients.map { _ in 5 }, expectedSeconds: clients.map { _ in 1 }), state: state)
    }
}
