import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// Rules against their definitions over random rounds, and what they reduce to.
@Suite struct RobustRuleTests {
    @Test(arguments: TestSeeds.first(20))
    func krumChoosesWhatItsDefinitionDoes(seed: Seed) throws {
        let round = Round(seed, atLeast: { 2 * $0 + 3 })
        for neighbours in KrumNeighbours.allCases {
            let number = round.count - round.adversaries - (neighbours == .published ? 2 : 1)
            let chosen = round.oracle.lowest(
                round.count - round.adversaries, among: Array(0..<round.count), neighbours: number)
            let krum = Krum(limit: .count(round.adversaries), neighbours: neighbours)
            #expect(try krum.aggregate(round.updates) == round.oracle.mean(of: [chosen[0]]))
            let multi = Krum(limit: .count(round.adversaries), selection: .allButLimit, neighbours: neighbours)
            #expect(isClose(try multi.aggregate(round.updates), round.oracle.mean(of: chosen), within: 1e-13))
        }
    }

    @Test(arguments: TestSeeds.first(20))
    func bulyanChoosesWhatItsDefinitionDoes(seed: Seed) throws {
        let round = Round(seed, atLeast: { 4 * $0 + 3 })
        let theta = round.count - 2 * round.adversaries
        let kept = round.count - 4 * round.adversaries
        let iterated = round.oracle.meanAroundMedian(
            of: round.oracle.bulyanChoice(adversaries: round.adversaries), kept: kept)
        let limit = AdversaryLimit.count(round.adversaries)
        #expect(isClose(try Bulyan(limit: limit).aggregate(round.updates), iterated, within: 1e-13))
        let once = round.oracle.lowest(
            theta, among: Array(0..<round.count), neighbours: round.count - round.adversaries - 2)
        #expect(
            isClose(
                try Bulyan(limit: limit, selection: .oneShot).aggregate(round.updates),
                round.oracle.meanAroundMedian(of: once, kept: kept), within: 1e-13))
    }

    @Test(arguments: TestSeeds.first(10))
    func equalScoresGoToTheLowestClientNumber(seed: Seed) throws {
        // Three pairs of equal updates, all pairs as far apart as the others.
        let corners: [[Float]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
        var updates = corners + corners
        var stream = seed.stream()
        stream.shuffle(&updates)
        let rule = Krum(limit: .count(1))
        #expect(try rule.aggregate(MemoryUpdates(updates)) == updates[0].map(Double.init))
    }

    @Test(arguments: TestSeeds.first(10))
    func withoutAdversariesRulesAreTheMean(seed: Seed) throws {
        let updates = RobustSamples.updates(8, length: 50, seed: seed)
        var sum = try #require(UpdateSum(parameterCount: 50, bound: 8, weightLimit: 8))
        for update in updates { expectEqual(sum.add(update, weight: 1), nil) }
        let mean = try #require(sum.mean())
        let none = AdversaryLimit.count(0)
        let rules: [any RobustRule] = [
            TrimmedMean(limit: none), Bulyan(limit: none), Krum(limit: none, selection: .allButLimit),
            NormBounding(bound: 1e6), CentredClipping(bound: 1e6),
        ]
        for rule in rules {
            #expect(isClose(try rule.aggregate(MemoryUpdates(updates)), mean, within: 1e-9), "\(rule)")
        }
    }

    @Test(arguments: 1...12)
    func trimmingAllButTheMiddleIsTheMedian(count: Int) throws {
        let updates = MemoryUpdates(RobustSamples.updates(count, length: 40, seed: Seed(UInt64(count))))
        let trimmed = try TrimmedMean(limit: .count((count - 1) / 2)).aggregate(updates)
        #expect(trimmed == (try CoordinateMedian().aggregate(updates)))
    }

    @Test(arguments: TestSeeds.first(5))
    func thousandsOfUpdatesHaveAMedianToo(seed: Seed) throws {
        let updates = RobustSamples.updates(1201, length: 20, seed: seed)
        let expected = (0..<20).map { coordinate in updates.map { Double($0[coordinate]) }.sorted()[600] }
        #expect(try CoordinateMedian().aggregate(MemoryUpdates(updates)) == expected)
    }

    @Test(arguments: TestSeeds.first(10))
    func centredClippingGoesStepByStep(seed: Seed) throws {
        let updates = RobustSamples.updates(6, length: 30, seed: seed)
        var centre = RobustSamples.updates(1, length: 30, seed: seed.derived("previous"))[0].map(Double.init)
        let found = try CentredClipping(bound: 2, steps: 3).aggregate(MemoryUpdates(updates, previous: centre))
        for _ in 0..<3 {
            let offsets = updates.map { zip($0, centre).map { Double($0) - $1 } }
            for offset in offsets {
                let factor = min(1, 2 / RobustSamples.norm(offset)) / 6
                for index in centre.indices { centre[index] += factor * offset[index] }
            }
        }
        #expect(isClose(found, centre, within: 1e-12))
    }

    /// A random round with a few updates that are far off.
    private struct Round {
        let adversaries: Int
        let updates: MemoryUpdates
        var count: Int { updates.updates.count }
        var oracle: KrumOracle { KrumOracle(updates: updates.updates) }

        init(_ seed: Seed, atLeast least: (Int) -> Int) {
            var stream = seed.derived("round").stream()
            adversaries = stream.uniform(below: 5)
            let count = least(adversaries) + stream.uniform(below: 8)
            let length = [1, 3, 40, 700][stream.uniform(below: 4)]
            let honest = RobustSamples.updates(count, length: length, seed: seed)
            updates = MemoryUpdates(RobustSamples.attacked(honest, adversaries: adversaries, size: 3, seed: seed))
        }
    }
}
