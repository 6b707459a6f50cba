import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

@Suite struct TreeAggregatorTests {
    private static let key: NoiseKey = {
        var stream = Seed(11).stream()
        return NoiseKey.random(using: &stream)
    }()

    private static func noise(_ count: Int) throws -> GridNoise {
        try GridNoise(clip: UpdateClip(bound: 1), noiseMultiplier: 1, count: count, fractionBits: 30)
    }

    private static func vector(_ count: Int, _ change: (UnsafeMutableBufferPointer<Double>) -> Void) -> [Double] {
        var sums = [Double](repeating: 0, count: count)
        sums.withUnsafeMutableBufferPointer { change($0) }
        return sums
    }

    private static func next(_ tree: inout TreeAggregator) throws -> TreeAggregator.Step {
        let step = tree.advance()
        return try #require(step)
    }

    @Test(arguments: [1, 2, 5, 16, 37])
    func theSumOfAllStepsHasTheNoiseOfItsCoverOnly(leaves: Int) throws {
        let noise = try Self.noise(5)
        var tree = try TreeAggregator(leafLimit: leaves)
        var running = [Double](repeating: 0, count: 5)
        for leaf in 1...leaves {
            let step = try Self.next(&tree)
            running.withUnsafeMutableBufferPointer { noise.add(step, to: $0, runKey: Self.key) }
            // The cover is the binary expansion of the number of leaves, and covers each once.
            let cover = tree.cover
            #expect(cover.count == leaf.nonzeroBitCount)
            let covered = cover.flatMap { ($0.index << $0.level) + 1...($0.index + 1) << $0.level }
            #expect(covered == Array(1...leaf))
            let expected = Self.vector(5) { sums in
                for node in cover { noise.add(to: sums, key: node.key(from: Self.key)) }
            }
            #expect(running == expected)
        }
        expectEqual(tree.advance(), nil)
    }

    @Test func aLeafIsInFewNodesAndEveryNodeCompletesOnce() throws {
        let leaves = 100
        var tree = try TreeAggregator(leafLimit: leaves)
        let completed = try (1...leaves).map { _ in try Self.next(&tree).completed }
        #expect(Set(completed).count == leaves)
        for leaf in 1...leaves {
            let above = completed.filter { (leaf - 1) >> $0.level == $0.index }
            // ⌊log₂ T⌋ + 1: what the sensitivity is counted by.
            #expect(above.count <= 7)
        }
    }

    @Test func aCrashDrawsNoNoiseAgain() throws {
        let noise = try Self.noise(3)
        var straight = try TreeAggregator(leafLimit: 64)
        var crashing = straight
        for round in 1...64 {
            let step = try Self.next(&straight)
            // The state was stored before the round; the round is played twice from there.
            let stored = try JSONEncoder().encode(crashing)
            _ = crashing.advance()
            crashing = try JSONDecoder().decode(TreeAggregator.self, from: stored)
            let replayed = try Self.next(&crashing)
            let first = Self.vector(3) { noise.add(step, to: $0, runKey: Self.key) }
            #expect(first == Self.vector(3) { noise.add(replayed, to: $0, runKey: Self.key) }, "\(round)")
        }
        #expect(crashing == straight)
    }

    @Test func anotherTreeHasOtherNoise() throws {
        let noise = try Self.noise(3)
        var tree = try TreeAggregator(leafLimit: 2)
        let first = try Self.next(&tree)
        _ = tree.advance()
        expectEqual(tree.advance(), nil)
        tree.restart()
        #expect(tree.leafCount == 0 && tree.tree == 2 && tree.cover.isEmpty)
        let second = try Self.next(&tree)
        #expect(second.swallowed.isEmpty && second.completed.level == 0)
        let (left, right) = (
            Self.vector(3) { noise.add(first, to: $0, runKey: Self.key) },
            Self.vector(3) { noise.add(second, to: $0, runKey: Self.key) }
        )
        #expect(left != right)
    }

    @Test func theNoiseOfASumGrowsWithTheLogarithm() throws {
        let count = 2000
        let noise = try Self.noise(count)
        var tree = try TreeAggregator(leafLimit: 40)
        var running = [Double](repeating: 0, count: count)
        for leaf in 1...40 {
            let step = try Self.next(&tree)
            running.withUnsafeMutableBufferPointer { noise.add(step, to: $0, runKey: Self.key) }
            let (_, variance) = moments(running.map { $0 / Double(noise.deviation) })
            let expected = Double(leaf.nonzeroBitCount)
            #expect(abs(variance / expected - 1) < 5 * (2 / Double(count)).squareRoot(), "\(leaf)")
        }
    }

    @Test(arguments: [
        #"{"version":2,"leafLimit":4,"tree":1,"leafCount":0}"#, #"{"version":1,"leafLimit":0,"tree":1,"leafCount":0}"#,
        #"{"version":1,"leafLimit":4,"tree":0,"leafCount":0}"#, #"{"version":1,"leafLimit":4,"tree":1,"leafCount":5}"#,
        #"{"version":1,"leafLimit":4,"tree":1,"leafCount":-1}"#, #"{"version":1,"leafLimit":4,"tree":1}"#,
    ])
    func aDamagedStateIsRefused(text: String) {
        #expect(throws: (any Error).self) { try JSONDecoder().decode(TreeAggregator.self, from: Data(text.utf8)) }
    }
}
