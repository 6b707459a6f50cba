import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

@Suite struct SelectionTests {
    @Test(arguments: TestSeeds.first(40))
    func theLargestAreThoseThatSortingFinds(seed: Seed) throws {
        var stream = seed.stream()
        let count = stream.uniform(below: 400)
        // Few different magnitudes, so that many are equal; of all exponents, so that every pass decides.
        let choices = (0..<(1 + stream.uniform(below: 60))).map { _ in
            Float(sign: .plus, exponent: stream.uniform(below: 200) - 140, significand: Float(1 + stream.uniform()))
        }
        let update = (0..<count).map { _ in
            (stream.bernoulli(0.1) ? 0 : choices[stream.uniform(below: choices.count)])
                * (stream.bernoulli(0.5) ? 1 : -1)
        }
        let wanted = stream.uniform(below: count + 1)
        let sorted = update.indices.sorted { (-update[$0].magnitude, $0) < (-update[$1].magnitude, $1) }
        #expect(try Self.selected(wanted, of: update, blockLength: 64) == sorted.prefix(wanted).sorted())
    }

    @Test func ofEqualMagnitudesTheFirstAreChosen() throws {
        #expect(try Self.selected(3, of: [1, -2, 2, 2, -1, 2], blockLength: 2) == [1, 2, 3])
        #expect(try Self.selected(2, of: [0, 0, 0], blockLength: 9) == [0, 1])
        #expect(try Self.selected(0, of: [1, 2], blockLength: 9).isEmpty)
    }

    @Test(arguments: [Float.nan, -.nan, .infinity, -.infinity, Float(bitPattern: 0x7F80_0001)])
    func numbersThatAreNotFiniteAreNotRanked(odd: Float) {
        let update: [Float] = [1, odd, 3]
        #expect(update.withUnsafeBufferPointer { TopSelection(1, of: $0) } == nil)
    }

    @Test(arguments: TestSeeds.first(20))
    func aSeedChoosesAsManyAsItShouldInOrder(seed: Seed) {
        var stream = seed.stream()
        let length = 1 + stream.uniform(below: 500)
        let count = stream.uniform(below: length + 1)
        let places = Self.chosen(count, of: length, by: stream.next(), at: 64)
        #expect(places.count == count && Set(places).count == count && places == places.sorted())
        #expect(places.allSatisfy { Int($0) < length })
    }

    /// 20,000 seeds choose 3 of 10: each place 3 times in 10, each pair 1 in 15.
    @Test func everyChoiceIsAsLikely() {
        let draws = 20_000
        var (single, pair) = ([Int](repeating: 0, count: 10), 0)
        for seed in 0..<UInt64(draws) {
            let places = Self.chosen(3, of: 10, by: seed, at: 0)
            for place in places { single[Int(place)] += 1 }
            if places.contains(2), places.contains(9) { pair += 1 }
        }
        func isShare(_ count: Int, _ share: Double) -> Bool {
            abs(Double(count) - share * Double(draws)) < 4 * (share * (1 - share) * Double(draws)).squareRoot()
        }
        #expect(single.allSatisfy { isShare($0, 0.3) })
        #expect(isShare(pair, 1.0 / 15))
    }

    private static func selected(_ count: Int, of update: [Float], blockLength: Int) throws -> [Int] {
        try update.withUnsafeBufferPointer { update in
            var selection = try #require(TopSelection(count, of: update))
            var places = [UInt16](repeating: 0, count: blockLength)
            return stride(from: 0, to: update.count, by: blockLength).flatMap { start in
                let block = UnsafeBufferPointer(rebasing: update[start..<min(start + blockLength, update.count)])
                let found = selection.select(in: block, into: &places)
                return places[..<found].map { start + Int($0) }
            }
        }
    }

    private static func chosen(_ count: Int, of length: Int, by seed: UInt64, at coordinate: Int) -> [UInt16] {
        var places = [UInt16](repeating: 0, count: count + 1)
        SeededSelection(seed: seed).select(count, of: length, at: coordinate, into: &places)
        return Array(places[..<count])
    }
}
