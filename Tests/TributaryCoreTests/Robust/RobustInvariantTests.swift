import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// The laws that hold for the rules (algorithms of the median family, Krum's, and the geometric median).
@Suite struct RobustInvariantTests {
    private static let count = 11
    private static let length = 9

    @Test(arguments: RuleCase.all.filter { !$0.asksForNumbers }, TestSeeds.first(8))
    func theOrderOfUpdatesDoesNotMatter(_ rule: RuleCase, seed: Seed) throws {
        var stream = seed.derived("order").stream()
        let updates = Self.updates(seed)
        let weights = updates.map { _ in 1 + stream.uniform(below: 50) }
        var order = Array(updates.indices)
        stream.shuffle(&order)
        let shuffled = MemoryUpdates(order.map { updates[$0] }, weights: order.map { weights[$0] })
        let before = try rule.rule.aggregate(MemoryUpdates(updates, weights: weights))
        #expect(isClose(try rule.rule.aggregate(shuffled), before, within: rule.precision))
    }

    @Test(arguments: RuleCase.all, TestSeeds.first(8))
    func movingAllUpdatesMovesTheAggregate(_ rule: RuleCase, seed: Seed) throws {
        var stream = seed.derived("shift").stream()
        // On a grid that single precision holds after the move too, so that the updates themselves are not rounded.
        let updates = Self.updates(seed).map { $0.map { ($0 * 4096).rounded() / 4096 } }
        let shift = (0..<Self.length).map { _ in Float(stream.uniform(below: 64) - 32) }
        let moved = updates.map { zip($0, shift).map { $0 + $1 } }
        let expected = zip(try rule.rule.aggregate(MemoryUpdates(updates)), shift).map { $0 + Double($1) }
        #expect(isClose(try rule.rule.aggregate(MemoryUpdates(moved)), expected, within: 1e-7))
    }

    @Test(arguments: RuleCase.all, TestSeeds.first(8))
    func scalingAllUpdatesScalesTheAggregate(_ rule: RuleCase, seed: Seed) throws {
        let updates = Self.updates(seed)
        let scaled = updates.map { $0.map { $0 * 8 } }
        let expected = try rule.rule.aggregate(MemoryUpdates(updates)).map { $0 * 8 }
        #expect(isClose(try rule.rule.aggregate(MemoryUpdates(scaled)), expected, within: rule.precision))
    }

    @Test(arguments: RuleCase.all.filter(\.turns), TestSeeds.first(8))
    func turningAllUpdatesTurnsTheAggregate(_ rule: RuleCase, seed: Seed) throws {
        let updates = Self.updates(seed)
        let rotation = Rotation(Self.length, seed: seed)
        let turned = updates.map { rotation.turn($0.map(Double.init)).map { Float($0) } }
        let expected = rotation.turn(try rule.rule.aggregate(MemoryUpdates(updates)))
        #expect(isClose(try rule.rule.aggregate(MemoryUpdates(turned)), expected, within: 1e-5))
    }

    @Test(arguments: RuleCase.all)
    func identicalUpdatesAreTheirOwnAggregate(_ rule: RuleCase) throws {
        let update = Self.updates(Seed(1))[0]
        let updates = [[Float]](repeating: update, count: Self.count)
        #expect(try rule.rule.aggregate(MemoryUpdates(updates)).map { Float($0) } == update)
    }

    /// Coordinate by coordinate, or by choice, the aggregate is among the honest updates, however large the others are.
    @Test(
        arguments: RuleCase.all.filter { !($0.rule is GeometricMedian) },
        [Float(1e30), .greatestFiniteMagnitude])
    func enormousUpdatesDoNotTakeTheAggregateOutOfTheHonestRange(_ rule: RuleCase, size: Float) throws {
        for seed in TestSeeds.first(10) {
            let honest = Self.updates(seed).dropLast(2)
            let attacked = RobustSamples.attacked(Self.updates(seed), adversaries: 2, size: size, seed: seed)
            let aggregate = try rule.rule.aggregate(MemoryUpdates(attacked))
            for coordinate in aggregate.indices {
                let values = honest.map { Double($0[coordinate]) }
                #expect(aggregate[coordinate] >= (values.min() ?? 0) - 1e-12)
                #expect(aggregate[coordinate] <= (values.max() ?? 0) + 1e-12)
            }
            if rule.rule as? Krum == Krum(limit: .count(2)) {
                #expect(honest.contains { $0.map(Double.init) == aggregate })
            }
        }
    }

    @Test(arguments: TestSeeds.first(10))
    func enormousUpdatesDoNotMoveTheGeometricMedianFar(seed: Seed) throws {
        let honest = Self.updates(seed).dropLast(2)
        let reach = honest.map { RobustSamples.norm($0) }.max() ?? 0
        let updates = MemoryUpdates(
            RobustSamples.attacked(Self.updates(seed), adversaries: 2, size: 1e30, seed: seed))
        let fromOrigin = try GeometricMedian(start: .origin).aggregate(updates)
        #expect(RobustSamples.norm(fromOrigin) <= 11.0 / 9 * reach + 1)
        let converged = try GeometricMedian(steps: 300, tolerance: 0).aggregate(updates)
        #expect(RobustSamples.norm(converged) <= 2 * 9.0 / 7 * reach)
    }

    @Test(arguments: TestSeeds.first(10))
    func enormousUpdatesCountForTheBoundAtMost(seed: Seed) throws {
        let attacked = RobustSamples.attacked(Self.updates(seed), adversaries: 2, size: 1e30, seed: seed)
        let bounded = try NormBounding(bound: 3).aggregate(MemoryUpdates(attacked))
        #expect(RobustSamples.norm(bounded) <= 3 * (1 + 1e-12))
        let previous = Self.updates(seed)[0].map(Double.init)
        let clipped = try CentredClipping(bound: 0.5, steps: 3).aggregate(MemoryUpdates(attacked, previous: previous))
        #expect(RobustSamples.norm(zip(clipped, previous).map { $0 - $1 }) <= 1.5 * (1 + 1e-12))
    }

    private static func updates(_ seed: Seed) -> [[Float]] {
        RobustSamples.updates(count, length: length, seed: seed)
    }
}

/// A random turn of space: rows of length one at right angles, by Gram and Schmidt.
private struct Rotation {
    private var rows: [[Double]] = []

    init(_ dimension: Int, seed: Seed) {
        var stream = seed.derived("rotation").stream()
        while rows.count < dimension {
            var row = (0..<dimension).map { _ in stream.normal() }
            for other in rows {
                let share = zip(row, other).reduce(0) { $0 + $1.0 * $1.1 }
                row = zip(row, other).map { $0 - share * $1 }
            }
            let norm = RobustSamples.norm(row)
            rows.append(row.map { $0 / norm })
        }
    }

    func turn(_ vector: [Double]) -> [Double] {
        rows.map { zip($0, vector).reduce(0) { $0 + $1.0 * $1.1 } }
    }
}
