import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// How rules read: in order, in pieces of any size, and never on after something that is not a number.
@Suite struct RobustSourceTests {
    static let rules: [any RobustRule] =
        RuleCase.all.map(\.rule) + [NormBounding(bound: 1), CentredClipping(bound: 1, steps: 2)]

    @Test(arguments: rules.indices)
    func theSizeOfPiecesDoesNotShow(_ index: Int) throws {
        let rule = Self.rules[index]
        let updates = RobustSamples.updates(11, length: 3_001, seed: Seed(7))
        var results: Set<[UInt64]> = []
        for tileBytes in [0, 30_000, 60_000, 1 << 20] {
            var source = MemoryUpdates(updates, previous: updates[3].map(Double.init))
            source.tileBytes = tileBytes
            results.insert(try rule.aggregate(source).map(\.bitPattern))
        }
        #expect(results.count == 1)
    }

    @Test(arguments: rules.indices)
    func passesGoThroughTheUpdatesInOrder(_ index: Int) throws {
        var source = WatchedUpdates(MemoryUpdates(RobustSamples.updates(11, length: 2_000, seed: Seed(8))))
        var end = 0
        try Self.rules[index].aggregate(&source) { range, piece throws(WatchedUpdates.Failure) in
            #expect(range.lowerBound == end && piece.count == range.count)
            end = range.upperBound
        }
        #expect(end == 2_000)
        #expect(source.isInOrder)
        #expect(source.passes.first == Array(0..<11))
        #expect(source.passes.allSatisfy { $0 == $0.sorted() })
        #expect(source.longest < 2_000)
    }

    @Test(arguments: rules.indices)
    func aNumberThatIsNotFiniteReachesNoRule(_ index: Int) throws {
        for (place, coordinate, bad) in [(0, 0, Float.nan), (4, 1_999, .infinity), (10, 700, -.infinity)] {
            var updates = RobustSamples.updates(11, length: 2_000, seed: Seed(9))
            updates[place][coordinate] = bad
            let error = #expect(throws: RobustRuleError.self) {
                try Self.rules[index].aggregate(MemoryUpdates(updates))
            }
            #expect(error?.code == .notFinite(place: place))
            #expect(error?.description.hasPrefix("contribution \(place) ") == true)
        }
    }

    @Test(arguments: rules.indices)
    func aFailureOfTheSourceOrTheSinkEndsIt(_ index: Int) throws {
        let updates = MemoryUpdates(RobustSamples.updates(11, length: 2_000, seed: Seed(10)))
        var source = WatchedUpdates(updates)
        source.failsAt = 1_500
        do throws(RobustFailure<WatchedUpdates.Failure>) {
            try Self.rules[index].aggregate(&source) { _, _ throws(WatchedUpdates.Failure) in }
            Issue.record("nothing was thrown")
        } catch {
            guard case .source(.reading) = error else { throw error }
        }
        source = WatchedUpdates(updates)
        do throws(RobustFailure<WatchedUpdates.Failure>) {
            try Self.rules[index].aggregate(&source) { _, _ throws(WatchedUpdates.Failure) in throw .writing }
            Issue.record("nothing was thrown")
        } catch {
            guard case .source(.writing) = error else { throw error }
        }
    }

    @Test(arguments: rules.indices)
    func modelsWithoutParametersHaveAnEmptyAggregate(_ index: Int) throws {
        let updates = [[Float]](repeating: [], count: 11)
        #expect(try Self.rules[index].aggregate(MemoryUpdates(updates)).isEmpty)
    }
}

/// Updates in memory, read in small pieces, that remember how they were read and may fail.
private struct WatchedUpdates: UpdateSource {
    enum Failure: Error {
        case reading, writing
    }

    private var updates: MemoryUpdates
    private var end = 0
    var failsAt = Int.max
    private(set) var isInOrder = true
    private(set) var longest = 0
    /// The updates that each pass read.
    private(set) var passes: [[Int]] = []

    init(_ updates: MemoryUpdates) {
        self.updates = updates
    }

    var parameterCount: Int { updates.parameterCount }
    var weights: [Int] { updates.weights }
    var tileBytes: Int { 4 * 11 * 600 }

    mutating func read(
        _ range: Range<Int>, of updates: [Int], into rows: [UnsafeMutableBufferPointer<Float>]
    ) throws(Failure) {
        if range.contains(failsAt) { throw .reading }
        if range.lowerBound == 0 {
            isInOrder = isInOrder && (passes.isEmpty || end == parameterCount)
            passes.append(updates)
        } else {
            isInOrder = isInOrder && range.lowerBound == end && passes.last == updates
        }
        isInOrder = isInOrder && rows.allSatisfy { $0.count == range.count } && rows.count == updates.count
        end = range.upperBound
        longest = max(longest, range.count)
        self.updates.read(range, of: updates, into: rows)
    }
}
