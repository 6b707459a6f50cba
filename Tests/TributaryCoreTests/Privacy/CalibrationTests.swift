import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

@Suite struct CalibrationTests {
    private static func epsilon(_ step: SampledGaussian, _ count: Int, _ delta: Double) -> Double {
        var accountant = RenyiAccountant()
        accountant.add(step, count: count)
        return accountant.guarantee(delta: delta).epsilon
    }

    @Test(arguments: TestSeeds.first(12))
    func theNoiseForABudgetSpendsItAlmostToTheEnd(seed: Seed) throws {
        var stream = seed.stream()
        let rate = pow(10, -3 * stream.uniform())
        let steps = 1 + stream.uniform(below: 3000)
        let (epsilon, delta) = (0.1 * pow(200, stream.uniform()), pow(10, -4 - 4 * stream.uniform()))
        let budget = try PrivacyBudget(epsilon: epsilon, delta: delta)
        let sigma = try #require(
            try budget.noiseMultiplier(for: steps) { (sigma) throws(PrivacyError) in
                try SampledGaussian(samplingRate: rate, noiseMultiplier: sigma)
            })
        let step = try SampledGaussian(samplingRate: rate, noiseMultiplier: sigma)
        let spent = Self.epsilon(step, steps, delta)
        #expect(spent <= epsilon)
        #expect(spent >= epsilon * (1 - 1e-4), "σ = \(sigma)")
    }

    @Test(arguments: TestSeeds.first(12))
    func theStepsOfABudgetFitAndOneMoreDoesNot(seed: Seed) throws {
        var stream = seed.stream()
        let step = try SampledGaussian(
            samplingRate: pow(10, -3 * stream.uniform()), noiseMultiplier: 0.5 + 3 * stream.uniform())
        let budget = try PrivacyBudget(epsilon: 0.5 + 8 * stream.uniform(), delta: 1e-5)
        let count = budget.stepCount(of: step)
        #expect(count == 0 || Self.epsilon(step, count, 1e-5) <= budget.epsilon)
        #expect(Self.epsilon(step, count + 1, 1e-5) > budget.epsilon)
    }

    @Test func thereAreBudgetsWithoutAnAnswerAndAnswersWithoutALimit() throws {
        let budget = try PrivacyBudget(epsilon: 1, delta: 1e-5)
        let none = try SampledGaussian(samplingRate: 1, noiseMultiplier: 0)
        #expect(budget.stepCount(of: none) == 0)
        let free = try SampledGaussian(samplingRate: 0, noiseMultiplier: 0)
        #expect(budget.stepCount(of: free) == PrivacyBudget.stepLimit)
        let noise = try budget.noiseMultiplier(for: 1 << 40) { (sigma) throws(PrivacyError) in
            try SampledGaussian(samplingRate: 1, noiseMultiplier: sigma)
        }
        #expect(noise == nil)
    }

    @Test(arguments: [(0, 1e-5), (-1, 1e-5), (.nan, 1e-5), (.infinity, 1e-5), (1, 0), (1, 1), (1, .nan)])
    func budgetsThatMakeNoSenseAreRefused(epsilon: Double, delta: Double) {
        #expect(throws: PrivacyError.self) { try PrivacyBudget(epsilon: epsilon, delta: delta) }
    }
}
