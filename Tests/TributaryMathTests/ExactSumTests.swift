import BigInt
import Testing
import TributaryMath
import TributaryTesting

/// The exact sum against big-integer arithmetic and the laws it promises.
@Suite struct ExactSumTests {
    @Test(arguments: TestSeeds.first(40))
    func equalsBigIntegerArithmetic(seed: Seed) throws {
        let terms = Terms(seed: seed)
        var sum = terms.emptySum
        for (vector, weight) in zip(terms.vectors, terms.weights) { expectEqual(sum.add(vector, weight: weight), nil) }
        #expect(sum.integers.map { BigInt($0) } == terms.bigIntegerSum)
        #expect(sum.totalWeight == terms.weights.reduce(0, +))
    }

    @Test(arguments: TestSeeds.first(20))
    func doesNotDependOnOrderGroupingOrPartialSums(seed: Seed) throws {
        let terms = Terms(seed: seed)
        var stream = seed.derived("order").stream()
        var reference = terms.emptySum
        for (vector, weight) in zip(terms.vectors, terms.weights) { _ = reference.add(vector, weight: weight) }

        var order = Array(terms.vectors.indices)
        stream.shuffle(&order)
        var parts = [terms.emptySum, terms.emptySum, terms.emptySum]
        for place in order {
            _ = parts[stream.uniform(below: 3)].add(terms.vectors[place], weight: terms.weights[place])
        }
        var merged = terms.emptySum
        for part in parts { expectEqual(merged.merge(part), true) }
        #expect(merged.integers == reference.integers)
        #expect(merged.mean() == reference.mean())

        var fused = terms.emptySum
        let refusals = fused.addAll(order.map { terms.vectors[$0] }, weights: order.map { terms.weights[$0] })
        #expect(refusals.allSatisfy { $0 == nil })
        #expect(fused.integers == reference.integers)
    }

    @Test(arguments: TestSeeds.first(20))
    func anUnusableVectorLeavesNoTrace(seed: Seed) throws {
        let terms = Terms(seed: seed)
        var stream = seed.derived("bad").stream()
        var clean = terms.emptySum
        _ = clean.addAll(terms.vectors, weights: terms.weights)

        var vectors = terms.vectors
        var weights = terms.weights
        var expected = [ExactSum.Refusal?](repeating: nil, count: vectors.count)
        for (poison, refusal) in [
            (Float.nan, ExactSum.Refusal.notFinite), (-.infinity, .notFinite), (8.5, .outOfBound),
        ] {
            var bad = terms.vectors[0]
            bad[stream.uniform(below: bad.count)] = poison
            let place = stream.uniform(below: vectors.count + 1)
            vectors.insert(bad, at: place)
            weights.insert(1, at: place)
            expected.insert(refusal, at: place)
        }
        var sum = terms.emptySum
        expectEqual(sum.addAll(vectors, weights: weights), expected)
        #expect(sum.integers == clean.integers)
        #expect(sum.totalWeight == clean.totalWeight)
        #expect(sum.termCount == clean.termCount)
    }

    @Test func refusesWeightsThatWouldLeaveTheExactRange() throws {
        let grid = try #require(FixedPointGrid(bound: 8, weightLimit: 100))
        var sum = ExactSum(count: 1, grid: grid)
        expectEqual(sum.add([1], weight: 0), .badWeight)
        expectEqual(sum.add([1], weight: -3), .badWeight)
        expectEqual(sum.add([1], weight: 99), nil)
        expectEqual(sum.add([1], weight: 2), .badWeight)
        expectEqual(sum.add([1], weight: Int.max), .badWeight)
        expectEqual(sum.add([1], weight: 1), nil)
        #expect(sum.mean() == [1])
        var other = ExactSum(count: 1, grid: grid)
        _ = other.add([1], weight: 1)
        expectEqual(sum.merge(other), false)
        #expect(sum.totalWeight == 100)
    }

    @Test func theLargestSumThatTheLimitsAllowIsExact() throws {
        for (bound, limit) in [(Float(8), 1), (8, 3), (1, 1 << 40), (1e-3, 60_000), (123.456, 1_000_003)] {
            let grid = try #require(FixedPointGrid(bound: bound, weightLimit: limit))
            var sum = ExactSum(count: 2, grid: grid)
            expectEqual(sum.add([bound, -bound], weight: limit), nil)
            let expected = BigInt((Double(bound) * grid.scale).rounded(.toNearestOrEven)) * BigInt(limit)
            #expect(sum.integers.map { BigInt($0) } == [expected, -expected])
            #expect(abs(expected) < BigInt(1) << 53 + 1)
        }
        #expect(FixedPointGrid(bound: .infinity, weightLimit: 1) == nil)
        #expect(FixedPointGrid(bound: 8, weightLimit: 0) == nil)
    }
}

/// Random vectors within a bound of 8, with weights, and the oracle for their sum.
private struct Terms {
    let grid: FixedPointGrid
    var vectors: [[Float]] = []
    var weights: [Int] = []

    init(seed: Seed) {
        var stream = seed.stream()
        // Around the tile length, where blocking could go wrong.
        let count = [1, 7, 2047, 2048, 2049, 5000][stream.uniform(below: 6)]
        for _ in 0..<(1 + stream.uniform(below: 19)) {
            let size = stream.logNormal(mu: -4, sigma: 3)
            vectors.append((0..<count).map { _ in Float(max(-8, min(8, stream.normal() * size))) })
            weights.append(1 + stream.uniform(below: 5000))
        }
        guard let grid = FixedPointGrid(bound: 8, weightLimit: weights.reduce(3, +)) else {
            preconditionFailure("limits without a grid")
        }
        self.grid = grid
    }

    var emptySum: ExactSum { ExactSum(count: vectors[0].count, grid: grid) }

    var bigIntegerSum: [BigInt] {
        vectors[0].indices.map { index in
            zip(vectors, weights).reduce(BigInt(0)) { sum, term in
                let scaled = Double(term.0[index]) * grid.scale
                return sum + BigInt(scaled.rounded(.toNearestOrEven)) * BigInt(term.1)
            }
        }
    }
}

extension ExactSum {
    fileprivate mutating func addAll(_ vectors: [[Float]], weights: [Int]) -> [Refusal?] {
        let flat = vectors.flatMap { $0 }
        let length = vectors.first?.count ?? 0
        return flat.withUnsafeBufferPointer { flat in
            let parts = vectors.indices.map { UnsafeBufferPointer(rebasing: flat[$0 * length..<($0 + 1) * length]) }
            return add(parts, weights: weights)
        }
    }
}
