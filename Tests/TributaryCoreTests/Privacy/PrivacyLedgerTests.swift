import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

@Suite struct PrivacyLedgerTests {
    private static let step = makeStep(1.0)

    private static func makeStep(_ sigma: Double) -> SampledGaussian? {
        try? SampledGaussian(samplingRate: 0.01, noiseMultiplier: sigma)
    }

    private static func stored(_ ledger: PrivacyLedger) throws -> PrivacyLedger {
        try JSONDecoder().decode(PrivacyLedger.self, from: try JSONEncoder().encode(ledger))
    }

    @Test func aRoundIsSpentOnceHoweverOftenItIsReserved() throws {
        let step = try #require(Self.step)
        var ledger = PrivacyLedger(budget: try PrivacyBudget(epsilon: 3, delta: 1e-5))
        #expect(ledger.spent.epsilon == 0)
        expectEqual(ledger.reserve(step, for: RoundNumber(1)), .reserved)
        let after = ledger
        #expect(ledger.spent.epsilon > 0)
        for _ in 0..<3 { expectEqual(ledger.reserve(step, for: RoundNumber(1)), .repeated) }
        #expect(ledger == after && ledger.spent == after.spent)
        let other = try #require(Self.makeStep(2))
        expectEqual(ledger.reserve(other, for: RoundNumber(1)), .conflicting(recorded: step))
        #expect(!ledger.covers(other, for: RoundNumber(1)) && ledger.covers(step, for: RoundNumber(1)))
        #expect(ledger == after)
    }

    @Test func theBudgetEndsBeforeItIsExceeded() throws {
        let step = try #require(Self.step)
        let budget = try PrivacyBudget(epsilon: 1, delta: 1e-5)
        var ledger = PrivacyLedger(budget: budget)
        var round = RoundNumber(1)
        while ledger.covers(step, for: round) {
            expectEqual(ledger.reserve(step, for: round), .reserved)
            round = round.next
        }
        #expect(ledger.roundCount == budget.stepCount(of: step))
        #expect(ledger.spent.epsilon <= 1)
        let full = ledger
        expectEqual(ledger.reserve(step, for: round), .exhausted)
        #expect(ledger == full && ledger.entries.count == 1)
        // A cheaper step may still fit; a repeated one always does.
        expectEqual(ledger.reserve(step, for: RoundNumber(1)), .repeated)
        expectEqual(ledger.reserve(try #require(Self.makeStep(50)), for: round), .reserved)
    }

    @Test(arguments: TestSeeds.first(12))
    func crashesAndReplaysNeitherSpendTwiceNorForget(seed: Seed) throws {
        var stream = seed.stream()
        let steps = try [1.0, 1.5, 4].map { try #require(Self.makeStep($0)) }
        let budget = try PrivacyBudget(epsilon: 2, delta: 1e-6)
        let rounds = (1...40).map { (RoundNumber($0), steps[stream.uniform(below: 3)]) }
        var straight = PrivacyLedger(budget: budget)
        for (round, step) in rounds { expectEqual(straight.reserve(step, for: round), .reserved) }

        // The same rounds with crashes: what was stored comes back, and some rounds are played again, in any order.
        var ledger = PrivacyLedger(budget: budget)
        var disk = ledger
        var done = 0
        while done < rounds.count {
            _ = ledger.reserve(rounds[done].1, for: rounds[done].0)
            if stream.bernoulli(0.2) {
                // Before it was stored: nothing was released, so the round may be new again.
                ledger = try Self.stored(disk)
                continue
            }
            disk = ledger
            done += 1
            if stream.bernoulli(0.2) {
                ledger = try Self.stored(disk)
                var replay = Array(rounds[..<done])
                stream.shuffle(&replay)
                for (round, step) in replay { expectEqual(ledger.reserve(step, for: round), .repeated) }
            }
        }
        #expect(ledger == straight)
        #expect(ledger.spent == straight.spent)
    }

    @Test(arguments: TestSeeds.first(20))
    func theOrderOfReservationsDoesNotChangeABit(seed: Seed) throws {
        var stream = seed.stream()
        let steps = try [1.0, 1.5].map { try #require(Self.makeStep($0)) }
        var rounds = (1...30).map { (RoundNumber($0), steps[stream.uniform(below: 2)]) }
        let budget = try PrivacyBudget(epsilon: 5, delta: 1e-6)
        var (first, second) = (PrivacyLedger(budget: budget), PrivacyLedger(budget: budget))
        for (round, step) in rounds { expectEqual(first.reserve(step, for: round), .reserved) }
        stream.shuffle(&rounds)
        for (round, step) in rounds { expectEqual(second.reserve(step, for: round), .reserved) }
        #expect(first == second && first.spent == second.spent)
        // Neighbours with the same step are one entry.
        #expect(zip(first.entries, first.entries.dropFirst()).allSatisfy { $0.step != $1.step })
    }

    @Test func whatIsStoredIsReadAgainAndDamageIsNot() throws {
        let step = try #require(Self.step)
        var ledger = PrivacyLedger(budget: try PrivacyBudget(epsilon: 3, delta: 1e-5))
        for round in [1, 2, 3, 7] { expectEqual(ledger.reserve(step, for: RoundNumber(round)), .reserved) }
        #expect(try Self.stored(ledger) == ledger)
        #expect(ledger.entries.map(\.count) == [3, 1] && ledger.roundCount == 4)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(ledger), as: UTF8.self)
        let damages = [
            ("\"version\":1", "\"version\":2"), ("\"version\":1", "\"version\":\"1\""), ("\"first\":7", "\"first\":3"),
            ("\"first\":1", "\"first\":9"), ("\"last\":7", "\"last\":99999999999999"),
            ("\"noiseMultiplier\":1", "\"noiseMultiplier\":-1"), ("\"epsilon\":3", "\"epsilon\":0"),
        ]
        for (sound, damaged) in damages {
            #expect(text.contains(sound))
            let other = Data(text.replacingOccurrences(of: sound, with: damaged).utf8)
            #expect(throws: (any Error).self, "\(damaged)") {
                try JSONDecoder().decode(PrivacyLedger.self, from: other)
            }
        }
    }
}
