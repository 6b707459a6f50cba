import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// Attacks are what their papers write.
@Suite struct AttackTests {
    private let honest: [[Float]] = [[1, 10], [3, 10], [5, 40]]
    private var statistics: HonestStatistics {
        var statistics = HonestStatistics(parameterCount: 2)
        for update in honest { statistics.add(update) }
        return statistics
    }

    @Test func statisticsAreMeanAndDeviation() {
        #expect(statistics.count == 3)
        #expect(isClose(statistics.mean, [3, 20]))
        let deviations = [statistics.deviation(0), statistics.deviation(1)]
        #expect(isClose(deviations, [(8.0 / 3).squareRoot(), 200.0.squareRoot()]))
        #expect(HonestStatistics(parameterCount: 1).deviation(0) == 0)
    }

    @Test func attacksOnAnUpdateOfOnesOwn() {
        #expect(forge(.signFlip(scale: 2), [1, -3]) == [-2, 6])
        #expect(forge(.scaling(factor: 10), [1, -3]) == [10, -30])
    }

    @Test func attacksOnTheHonestMean() {
        #expect(forge(.innerProduct(scale: 0.5), [7, 7]) == [-1.5, -10])
        let little = forge(.littleIsEnough(deviations: 1.5), [7, 7])
        let expected = [3 - 1.5 * (8.0 / 3).squareRoot(), 20 - 1.5 * 200.0.squareRoot()]
        #expect(isClose(little.map(Double.init), expected, within: 1e-6))
        #expect(Attack.innerProduct(scale: 1).needsHonestStatistics)
        #expect(!Attack.gaussian(deviation: 1).needsHonestStatistics)
    }

    @Test func noiseHasItsDeviationAndTheUpdateForMean() {
        let update = [Float](repeating: 2, count: 20_000)
        let noisy = forge(.gaussian(deviation: 3), update).map { Double($0) - 2 }
        let mean = noisy.reduce(0, +) / 20_000
        let variance = noisy.reduce(0) { $0 + $1 * $1 } / 20_000
        #expect(abs(mean) < 4 * 3 / 20_000.0.squareRoot())
        #expect(abs(variance / 9 - 1) < 4 * (2.0 / 20_000).squareRoot())
        #expect(forge(.gaussian(deviation: 3), update) == forge(.gaussian(deviation: 3), update))
    }

    /// Values of the standard normal distribution's table.
    @Test(arguments: [(50, 12, 0.3360), (50, 24, 1.4261), (10, 2, 0), (51, 0, -0.0246)])
    func littleIsEnoughFollowsTheTable(contributions: Int, adversaries: Int, expected: Double) {
        let deviations = Attack.littleIsEnoughDeviations(contributions: contributions, adversaries: adversaries)
        #expect(abs(deviations - expected) < 5e-4)
    }

    @Test func labelsAreFlipped() {
        #expect((0..<10).map { LabelFlip.reversed.label($0, classCount: 10) } == (0..<10).map { 9 - $0 })
        #expect((0..<4).map { LabelFlip.one(from: 2, to: 0).label($0, classCount: 4) } == [0, 1, 0, 3])
    }

    /// A mean follows model replacement wherever it wants; robust rules stay with the honest.
    @Test(arguments: RuleCase.all.filter { !($0.rule is GeometricMedian) })
    func rulesStandTheAttacksThatTheMeanDoesNot(_ rule: RuleCase) throws {
        let updates = RobustSamples.updates(11, length: 40, seed: Seed(3))
        var statistics = HonestStatistics(parameterCount: 40)
        for update in updates.dropLast(2) { statistics.add(update) }
        for attack in [
            Attack.signFlip(scale: 20), .scaling(factor: 100), .gaussian(deviation: 50), .innerProduct(scale: 30),
        ] {
            var stream = Seed(4).stream()
            var attacked = updates
            for place in [9, 10] { attack.replace(&attacked[place], honest: statistics, stream: &stream) }
            let aggregate = try rule.rule.aggregate(MemoryUpdates(attacked))
            let mean = try TrimmedMean(limit: .count(0)).aggregate(MemoryUpdates(attacked))
            #expect(distance(aggregate, statistics.mean) < 0.6 * RobustSamples.norm(statistics.mean))
            #expect(distance(mean, statistics.mean) > RobustSamples.norm(statistics.mean))
        }
    }

    private func distance(_ left: [Double], _ right: [Double]) -> Double {
        RobustSamples.norm(zip(left, right).map { $0 - $1 })
    }

    private func forge(_ attack: Attack, _ update: [Float]) -> [Float] {
        var stream = Seed(11).stream()
        var forged = update
        attack.replace(&forged, honest: attack.needsHonestStatistics ? statistics : nil, stream: &stream)
        return forged
    }
}
