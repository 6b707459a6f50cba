import Testing
import TributaryCore

/// What a round with too few contributions is told, and how many are enough.
@Suite struct RobustRefusalTests {
    @Test(arguments: 0...4)
    func aRuleTakesWhatItsPaperNeedsAndNoLess(adversaries: Int) {
        let limit = AdversaryLimit.count(adversaries)
        let needs: [(any RobustRule, Int)] = [
            (CoordinateMedian(), 1), (TrimmedMean(limit: limit), 2 * adversaries + 1),
            (Krum(limit: limit), 2 * adversaries + 3),
            (Krum(limit: limit, selection: .allButLimit), 2 * adversaries + 3),
            (Krum(limit: limit, selection: .count(20)), 20 + adversaries),
            (Bulyan(limit: limit), 4 * adversaries + 3), (GeometricMedian(), 1), (NormBounding(bound: 1), 1),
            (CentredClipping(bound: 1), 1),
        ]
        for (rule, least) in needs {
            for count in 0..<40 { #expect((rule.refusal(of: count) == nil) == (count >= least), "\(rule), \(count)") }
            let updates = [[Float]](repeating: [1], count: least - 1)
            let error = #expect(throws: RobustRuleError.self) { try rule.aggregate(MemoryUpdates(updates)) }
            #expect(error?.code == .tooFewContributions)
            #expect(throws: Never.self) { try rule.aggregate(MemoryUpdates(updates + [[1]])) }
        }
    }

    @Test func theRefusalNamesTheRuleAndTheNumbers() {
        #expect(
            Krum(limit: .count(2)).refusal(of: 5)?.description
                == "Krum with f = 2 needs n ≥ 2f + 3 = 7 contributions, and there are 5; "
                + "raise the quorum or lower what the rule assumes")
        #expect(
            Bulyan(limit: .share(0.3)).refusal(of: 10)?.description.hasPrefix(
                "Bulyan with f = 3 needs n ≥ 4f + 3 = 15 contributions, and there are 10;") == true)
    }

    @Test func aShareIsRoundedDownAsOneWouldByHand() {
        #expect(AdversaryLimit.share(0.29).resolved(among: 100) == 29)
        #expect(AdversaryLimit.share(0.1).resolved(among: 39) == 3)
        #expect(AdversaryLimit.share(0).resolved(among: 100) == 0)
        #expect(AdversaryLimit.share(1.0 / 3).resolved(among: 9) == 3)
    }

    @Test func refusedUpdatesCountTowardsTheLimit() throws {
        #expect(AdversaryLimit.count(2).discounting(1).resolved(among: 6) == 1)
        #expect(AdversaryLimit.count(2).discounting(3).resolved(among: 4) == 0)
        // ⌊0.2 · 10⌋ of the ten that came, less the one that is out.
        #expect(AdversaryLimit.share(0.2).discounting(1).resolved(among: 9) == 1)

        let krum = Krum(limit: .count(2))
        #expect(krum.refusal(of: 6) != nil)
        #expect(krum.discounting(1).refusal(of: 6) == nil)
        #expect(Bulyan(limit: .count(1)).discounting(1) == Bulyan(limit: .count(1).discounting(1)))
        #expect(TrimmedMean(limit: .count(1)).discounting(2).refusal(of: 1) == nil)
        #expect(CoordinateMedian().discounting(5) == CoordinateMedian())
    }
}
