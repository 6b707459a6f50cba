import Foundation
import Testing

@Suite struct PrivacyTests {
    private static let sampled = "--rate 0.01 --noise-multiplier 1 --delta 1e-5"

    private static let mistakes = [
        Mistake("privacy epsilom", 64, "epsilon"),
        Mistake("privacy epsilon --noise-multiplier 1 --rounds 10 --delta 1e-5", 64, "--rate", "--cohort"),
        Mistake("privacy epsilon --rate 0.01 --noise-multiplier 1 --rounds 10", 64, "--delta"),
        Mistake("privacy epsilon --rate 2 --noise-multiplier 1 --rounds 10 --delta 1e-5", 64, "--rate", "2"),
        Mistake("privacy epsilon --rate x --noise-multiplier 1 --rounds 10 --delta 1e-5", 64, "--rate", "x"),
        Mistake(
            "privacy epsilon --rate 0.1 --noise-multiplier -1 --rounds 10 --delta 1e-5", 64, "noise multiplier", "-1"),
        Mistake("privacy epsilon --rate 0.1 --noise-multiplier nan --rounds 10 --delta 1e-5", 64, "noise multiplier"),
        Mistake("privacy epsilon --rate 0.1 --noise-multiplier 1 --rounds 0 --delta 1e-5", 64, "--rounds", "0"),
        Mistake("privacy epsilon --rate 0.1 --noise-multiplier 1 --rounds 10 --delta 1", 64, "--delta"),
        Mistake("privacy epsilon --rate 0.1 --cohort 3 --noise-multiplier 1 --rounds 9 --delta 1e-5", 64, "--cohort"),
        Mistake("privacy epsilon --cohort 3 --noise-multiplier 1 --rounds 9 --delta 1e-5", 64, "--population"),
        Mistake(
            "privacy epsilon --cohort 30 --population 9 --noise-multiplier 1 --rounds 9 --delta 1e-5", 64, "30", "9"),
        Mistake("privacy epsilon --mechanism tre --noise-multiplier 1 --rounds 9 --delta 1e-5", 64, "tre", "tree"),
        Mistake(
            "privacy epsilon --mechanism tree --rate 0.1 --noise-multiplier 1 --rounds 9 --delta 1e-5", 64, "--rate"),
        Mistake(
            "privacy epsilon --mechanism local --tree-rounds 3 --noise-multiplier 1 --rounds 9 --delta 1e-5", 64, "tree"
        ),
        Mistake(
            "privacy epsilon --mechanism tree --tree-rounds 0 --noise-multiplier 1 --rounds 9 --delta 1e-5", 64, "0"),
        Mistake("privacy rounds --mechanism tree --noise-multiplier 1 --epsilon 1 --delta 1e-5", 64, "--tree-rounds"),
        Mistake("privacy rounds --rate 0.1 --noise-multiplier 1 --epsilon 0 --delta 1e-5", 64, "ε"),
        Mistake(
            "privacy noise --rate 1 --rounds 1000000000000 --epsilon 0.1 --delta 1e-5", 64, "--epsilon", "--rounds"),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsAnsweredInOneLine(_ mistake: Mistake) throws {
        let outcome = try Workspace().tributary(mistake.line)
        #expect(outcome.status == mistake.status)
        #expect(
            outcome.errors.hasPrefix("error: ") && outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)"
        )
        for word in mistake.words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
        #expect(outcome.output.isEmpty)
    }

    private struct Figures: Decodable {
        var mechanism: String
        var samplingRate: Double?
        var noiseMultiplier: Double
        var rounds: Int
        var epsilon: Double
        var epsilonClassic: Double
        var epsilonExact: Double?
        var budgetEpsilon: Double?
        var notes: [String]
    }

    private static func figures(_ line: String) throws -> Figures {
        let outcome = try Workspace().succeed("privacy \(line) --json")
        #expect(outcome.output.hasSuffix("}\n") && outcome.output.split(separator: "\n").count == 1)
        return try JSONDecoder().decode(Figures.self, from: Data(outcome.output.utf8))
    }

    @Test func epsilonIsThatOfTheAccountant() throws {
        let figures = try Self.figures("epsilon \(Self.sampled) --rounds 1000")
        #expect(abs(figures.epsilon - 2.101365) < 1e-6 && figures.epsilonExact == nil)
        #expect(figures.mechanism == "sampled" && figures.samplingRate == 0.01)
        let cohort = try Self.figures(
            "epsilon --cohort 100 --population 10000 --noise-multiplier 1 --rounds 1000 --delta 1e-3")
        #expect(cohort.samplingRate == 0.01 && cohort.epsilon < figures.epsilon)
        #expect(cohort.notes.contains { $0.contains("1 / 10000") })
        let text = try Workspace().succeed("privacy epsilon \(Self.sampled) --rounds 1000").output
        #expect(text.contains("2.10137 at δ = 1e-05") && text.contains("note: "))
    }

    @Test func withoutSamplingTheExactFigureIsGivenToo() throws {
        let tree = try Self.figures("epsilon --mechanism tree --rounds 1600 --noise-multiplier 8.83 --delta 1e-6")
        #expect(abs(tree.epsilon - 1.7732) < 1e-4)
        #expect(try #require(tree.epsilonExact) < tree.epsilon)
        let local = try Self.figures("epsilon --mechanism local --rounds 1 --noise-multiplier 1 --delta 1e-5")
        #expect(abs(try #require(local.epsilonExact) - 4.377178) < 1e-6)
    }

    @Test func noiseAndRoundsAreTheOtherWayRound() throws {
        let noise = try Self.figures("noise --rate 0.01 --rounds 1000 --epsilon 2 --delta 1e-5")
        #expect(noise.epsilon <= 2 && noise.epsilon > 1.9998 && noise.budgetEpsilon == 2)
        let rounds = try Self.figures(
            "rounds --rate 0.01 --noise-multiplier \(noise.noiseMultiplier) --epsilon 2 --delta 1e-5")
        #expect(rounds.rounds == 1000)
        let trees = try Self.figures(
            "rounds --mechanism tree --tree-rounds 100 --noise-multiplier 20 --epsilon 3 --delta 1e-5")
        #expect(trees.rounds % 100 == 0 && trees.rounds > 0)
        let none = try Self.figures("rounds --rate 0.5 --noise-multiplier 0 --epsilon 3 --delta 1e-5")
        #expect(none.rounds == 0 && none.notes.contains { $0.contains("not even one") })
    }
}
