import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

@Suite struct RenyiAccountantTests {
    private static func spent(
        _ rate: Double, _ sigma: Double, _ steps: Int, orders: [Double] = RenyiAccountant.defaultOrders
    ) throws -> RenyiAccountant {
        var accountant = RenyiAccountant(orders: orders)
        accountant.add(try SampledGaussian(samplingRate: rate, noiseMultiplier: sigma), count: steps)
        return accountant
    }

    @Test func wholeOrdersGiveTheReferenceFigures() throws {
        for row in RenyiReferences.whole {
            let accountant = try Self.spent(row.rate, row.sigma, row.steps, orders: RenyiReferences.wholeOrders)
            let tight = accountant.guarantee(delta: row.delta)
            #expect(abs(tight.epsilon - row.tight.epsilon) < 1e-6, "\(row)")
            #expect(tight.order == row.tight.order, "\(row)")
            let classic = accountant.guarantee(delta: row.delta, by: .classic)
            let expected = try #require(row.classic)
            #expect(abs(classic.epsilon - expected.epsilon) < 1e-6, "\(row)")
            #expect(classic.order == expected.order, "\(row)")
        }
    }

    @Test func fractionalOrdersGiveTheReferenceFigures() throws {
        for row in RenyiReferences.fractional {
            let accountant = try Self.spent(row.rate, row.sigma, row.steps, orders: RenyiReferences.fractionalOrders)
            let tight = accountant.guarantee(delta: row.delta)
            #expect(abs(tight.epsilon - row.tight.epsilon) < 1e-6, "\(row)")
            #expect(tight.order == row.tight.order, "\(row)")
            // A finer grid can only find a smaller ε.
            let finer = try Self.spent(row.rate, row.sigma, row.steps).guarantee(delta: row.delta)
            #expect(finer.epsilon <= tight.epsilon)
        }
    }

    @Test func singleDivergencesAgreeToThePrintedDigits() throws {
        for row in RenyiReferences.divergences {
            let step = try SampledGaussian(samplingRate: row.rate, noiseMultiplier: row.sigma)
            let expected = try #require(Double(row.text))
            let digits = row.text.prefix { $0 != "e" }.filter(\.isNumber).drop { $0 == "0" }.count
            let unit = pow(10, floor(log10(expected)) + 1 - Double(digits))
            #expect(abs(row.steps * step.renyiDivergence(order: row.order) - expected) < unit, "\(row)")
        }
    }

    @Test func fractionalOrdersAgreeWithIntegrationInManyDigits() throws {
        for row in RenyiReferences.integrals {
            let step = try SampledGaussian(samplingRate: row.rate, noiseMultiplier: row.sigma)
            let relative = step.renyiDivergence(order: row.order) / row.divergence - 1
            #expect(abs(relative) < 1e-8, "\(row): \(relative)")
        }
    }

    @Test(arguments: TestSeeds.first(40))
    func divergencesAgreeWithNumericalIntegration(seed: Seed) throws {
        var stream = seed.stream()
        let rate = pow(10, -4 * stream.uniform())
        let sigma = 0.3 * pow(30, stream.uniform())
        let step = try SampledGaussian(samplingRate: min(rate, 0.999), noiseMultiplier: sigma)
        for _ in 0..<5 {
            let order = 1.01 + 20 * stream.uniform() * min(1, sigma)
            for order in [order, order.rounded(.up)] where order > 1 {
                let expected = SampledGaussianIntegral(step).divergence(order: order)
                let actual = step.renyiDivergence(order: order)
                #expect(abs(actual - expected) <= 1e-9 * expected + 1e-15, "\(step) at \(order)")
            }
        }
    }

    @Test(arguments: TestSeeds.first(60))
    func costsGrowWithStepsAndSamplingAndFallWithNoiseAndDelta(seed: Seed) throws {
        var stream = seed.stream()
        let rate = pow(10, -5 * stream.uniform())
        let sigma = 0.4 * pow(20, stream.uniform())
        let steps = 1 + stream.uniform(below: 5000)
        let delta = pow(10, -3 - 6 * stream.uniform())
        let base = try Self.spent(rate, sigma, steps)
        let epsilon = base.guarantee(delta: delta).epsilon
        #expect(epsilon <= base.guarantee(delta: delta, by: .classic).epsilon)
        #expect(epsilon >= base.guarantee(delta: 1.5 * delta).epsilon)
        #expect(epsilon <= (try Self.spent(rate, sigma, steps + 1).guarantee(delta: delta).epsilon))
        #expect(epsilon >= (try Self.spent(rate, sigma * 1.01, steps).guarantee(delta: delta).epsilon) * (1 - 1e-12))
        let more = try Self.spent(min(1, rate * 1.01), sigma, steps)
        #expect(epsilon <= more.guarantee(delta: delta).epsilon * (1 + 1e-12))
        // A divergence grows with its order, and (α − 1)ρ(α) is convex.
        for (index, divergence) in base.divergences.enumerated().dropFirst() {
            #expect(divergence >= base.divergences[index - 1] * (1 - 1e-9))
        }
    }

    @Test(arguments: TestSeeds.first(40))
    func withoutSamplingNothingIsBelowTheExactGaussian(seed: Seed) throws {
        var stream = seed.stream()
        let sigma = 0.2 * pow(200, stream.uniform())
        let steps = 1 + stream.uniform(below: 200)
        let delta = pow(10, -2 - 8 * stream.uniform())
        let bound = try Self.spent(1, sigma, steps).guarantee(delta: delta).epsilon
        let together = sigma / Double(steps).squareRoot()
        let exact = ExactGaussian.epsilon(delta: delta, noiseMultiplier: together)
        #expect(bound >= exact)
        #expect(exact == 0 || abs(ExactGaussian.delta(epsilon: exact, noiseMultiplier: together) / delta - 1) < 1e-6)
        // And sampling can only help.
        #expect(try Self.spent(0.5, sigma, steps).guarantee(delta: delta).epsilon <= bound)
    }

    @Test func theExactGaussianHasItsReferenceFigures() throws {
        #expect(abs(ExactGaussian.epsilon(delta: 1e-5, noiseMultiplier: 1) - 4.377178) < 1e-6)
        #expect(abs(ExactGaussian.epsilon(delta: 1e-6, noiseMultiplier: 2) - 2.254084) < 1e-6)
        let single = try Self.spent(1, 1, 1, orders: RenyiReferences.fractionalOrders)
        #expect(abs(single.guarantee(delta: 1e-5).epsilon - 4.728507) < 1e-6)
        #expect(ExactGaussian.epsilon(delta: 0.9, noiseMultiplier: 1) == 0)
        #expect(ExactGaussian.delta(epsilon: 1000, noiseMultiplier: 1) == 0)
    }

    @Test func aConstantDivergenceIsConverted() {
        let orders = (2...32).map { Double($0) }
        let accountant = RenyiAccountant(orders: orders, divergences: orders.map { _ in 1.1 })
        let guarantee = accountant.guarantee(delta: 1e-5)
        #expect(abs(guarantee.epsilon - 1.327838062) < 1e-9)
        #expect(guarantee.order == 32)
    }

    @Test func theTreeHasItsReferenceFigures() throws {
        for (multiplier, classic, tight) in [(1.13, 19.74, 18.7096), (8.83, 2.04, 1.7732)] {
            let tree = try TreeMechanism(leafLimit: 1600, noiseMultiplier: multiplier)
            var accountant = RenyiAccountant(orders: RenyiReferences.fractionalOrders)
            accountant.add(tree.step)
            #expect(accountant.guarantee(delta: 1e-6, by: .classic).epsilon <= classic + 0.005)
            #expect(abs(accountant.guarantee(delta: 1e-6).epsilon - tight) < 1e-4)
        }
        // Sensitivity √(⌊log₂ T⌋ + 1), times the participations.
        for (leaves, levels) in [(1, 1.0), (2, 2), (3, 2), (4, 3), (1023, 10), (1024, 11)] {
            let tree = try TreeMechanism(leafLimit: leaves, noiseMultiplier: 3)
            #expect(tree.step.noiseMultiplier == 3 / levels.squareRoot() && tree.step.samplingRate == 1)
        }
        let twice = try TreeMechanism(leafLimit: 8, noiseMultiplier: 3, participations: 2)
        #expect(twice.step.noiseMultiplier == 3 / (2 * 4.0.squareRoot()))
        #expect(throws: PrivacyError.self) { try TreeMechanism(leafLimit: 0, noiseMultiplier: 1) }
        #expect(throws: PrivacyError.self) { try TreeMechanism(leafLimit: 4, noiseMultiplier: 1, participations: 5) }
    }

    @Test func compositionAddsDivergences() throws {
        let (one, two) = (
            try SampledGaussian(samplingRate: 0.02, noiseMultiplier: 0.9),
            try SampledGaussian(samplingRate: 0.3, noiseMultiplier: 3)
        )
        var accountant = RenyiAccountant()
        accountant.add(one, count: 7)
        accountant.add(two)
        accountant.add(one, count: 0)
        for (order, divergence) in zip(accountant.orders, accountant.divergences) {
            #expect(divergence == 7 * one.renyiDivergence(order: order) + two.renyiDivergence(order: order))
        }
    }

    @Test func theEndsOfTheScaleAreExact() throws {
        let (nobody, everybody, unprotected) = (
            try Self.spent(0, 1, 1_000_000), try Self.spent(1, 2, 1), try Self.spent(0.5, 0, 1)
        )
        #expect(nobody.divergences.allSatisfy { $0 == 0 })
        #expect(nobody.guarantee(delta: 1e-9).epsilon == 0)
        #expect(RenyiAccountant().guarantee(delta: 1e-300).epsilon == 0)
        #expect(zip(everybody.orders, everybody.divergences).allSatisfy { $1 == $0 / 8 })
        #expect(unprotected.guarantee(delta: 0.5).epsilon == .infinity)
        #expect(try Self.spent(0.5, 0, 0).guarantee(delta: 1e-5).epsilon == 0)
        // Almost everybody is almost everybody.
        for (order, divergence) in zip(everybody.orders, try Self.spent(1 - 1e-12, 2, 1).divergences) {
            #expect(abs(divergence / (order / 8) - 1) < 1e-9)
        }
        for sigma in [1e-300, 1e-9, 1e9, 1e160] {
            let curve = try Self.spent(1e-9, sigma, 1).divergences
            #expect(curve.allSatisfy { $0 >= 0 })
        }
    }

    @Test(arguments: [(-0.1, 1), (1.1, 1), (.nan, 1), (0.5, -1), (0.5, .nan), (0.5, .infinity)])
    func stepsThatMakeNoSenseAreRefused(rate: Double, sigma: Double) throws {
        #expect(throws: PrivacyError.self) { try SampledGaussian(samplingRate: rate, noiseMultiplier: sigma) }
        let text = #"{"samplingRate": 2, "noiseMultiplier": 1}"#
        #expect(throws: PrivacyError.self) { try JSONDecoder().decode(SampledGaussian.self, from: Data(text.utf8)) }
    }
}
