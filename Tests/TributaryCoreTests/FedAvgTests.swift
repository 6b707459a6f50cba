import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// FedAvg against its published definition (McMahan 2017) and the laws that follow from it.
@Suite struct FedAvgTests {
    @Test func averagesModelsByTheirExamples() throws {
        let next = try average([([1, 2], 10), ([3, -2], 30), ([0, 1], 60)], from: [0, 0])
        #expect(abs(next[0] - 1) < 1e-6 && abs(next[1] - 0.2) < 1e-6)
    }

    @Test(arguments: TestSeeds.first(30))
    func equalModelsAverageToThemselves(seed: Seed) throws {
        var stream = seed.stream()
        let global = (0..<50).map { _ in Float(stream.normal()) }
        // Halves of the same exponent as the model's values, so that the differences are exact in Float32.
        let local = global.map { $0 * 0.5 }
        let models = (0..<(1 + stream.uniform(below: 9))).map { _ in (local, 1 + stream.uniform(below: 1000)) }
        #expect(try average(models, from: global) == local)
    }

    @Test(arguments: TestSeeds.first(30))
    func splittingAClientIntoIdenticalHalvesChangesNothing(seed: Seed) throws {
        var stream = seed.stream()
        let global = (0..<30).map { _ in Float(stream.normal()) }
        var models = (0..<6).map { _ in
            (global.map { $0 + Float(stream.normal() * 0.1) }, 2 * (1 + stream.uniform(below: 100)))
        }
        let whole = try average(models, from: global)
        let (model, weight) = models.removeFirst()
        models += [(model, weight / 2), (model, weight / 2)]
        stream.shuffle(&models)
        #expect(try average(models, from: global) == whole)
    }

    @Test func theServerRateScalesTheStep() {
        var weights: [Float] = [1, 1]
        var state = OptimiserState.none
        let norm = ServerStep(learningRate: 0.5).advance(&weights, state: &state, along: [2, -4])
        #expect(weights == [2, -1])
        #expect(abs(norm - 5.0.squareRoot()) < 1e-12)
    }

    @Test func anUpdateOfTheWrongLengthIsMalformed() throws {
        var sum = try #require(UpdateSum(parameterCount: 3, bound: 8, weightLimit: 10))
        expectEqual(sum.add([1, 2], weight: 1), .malformed)
        expectEqual(sum.add([1, 2, 9], weight: 1), .outOfBound)
        expectEqual(sum.add([1, 2, .nan], weight: 1), .notFinite)
        expectEqual(sum.add([1, 2, 3], weight: 11), .badWeight)
        #expect(sum.mean() == nil)
    }

    /// The next model from local models with their weights.
    private func average(_ models: [([Float], Int)], from global: [Float]) throws -> [Float] {
        let limit = models.reduce(0) { $0 + $1.1 }
        var sum = try #require(UpdateSum(parameterCount: global.count, bound: 8, weightLimit: limit))
        for (model, weight) in models {
            var update = model
            _ = ModelDifference.replace(&update, minus: global)
            expectEqual(sum.add(update, weight: weight), nil)
        }
        var next = global
        var state = OptimiserState.none
        _ = ServerStep().advance(&next, state: &state, along: try #require(sum.mean()))
        return next
    }
}
