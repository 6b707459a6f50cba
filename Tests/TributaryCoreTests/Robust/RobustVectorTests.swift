import Testing
import TributaryCore

/// Every number of the reference example: seven updates of two parameters, of which the last is an adversary's. All
/// entries and squared distances are exact in binary, so ties are exact.
@Suite struct RobustVectorTests {
    private static let updates: [[Float]] = [
        [1, 1], [1.125, 0.875], [0.75, 1.25], [1.0625, 1.375], [1.5, 0.9375], [0.625, 0.6875], [10, -10],
    ]
    private let one = AdversaryLimit.count(1)

    @Test func mean() throws {
        try expect(TrimmedMean(limit: .count(0)), gives: [2.2946428571, -0.5535714286])
    }

    @Test func median() throws {
        try expect(CoordinateMedian(), gives: [1.0625, 0.9375])
    }

    @Test func trimmedMean() throws {
        try expect(TrimmedMean(limit: .count(1)), gives: [1.0875, 0.95])
        try expect(TrimmedMean(limit: .count(2)), gives: [1.0625, 0.9375])
        try expect(TrimmedMean(limit: .share(0.3)), gives: [1.0625, 0.9375])
    }

    @Test func krum() throws {
        try expect(Krum(limit: one), gives: [1, 1])
    }

    @Test func multiKrum() throws {
        try expect(Krum(limit: one, selection: .count(3)), gives: [0.9583333333, 1.0416666667])
        try expect(Krum(limit: one, selection: .count(4)), gives: [0.984375, 1.125])
        try expect(Krum(limit: one, selection: .count(5)), gives: [1.0875, 1.0875])
    }

    @Test func krumWithOneMoreNeighbour() throws {
        let best = Krum(limit: one, selection: .count(6), neighbours: .oneMore)
        try expect(best, gives: [1.0104166667, 1.0208333333])
        try expect(
            Krum(limit: one, selection: .allButLimit, neighbours: .oneMore), gives: [1.0104166667, 1.0208333333])
    }

    @Test(arguments: Bulyan.Selection.allCases)
    func bulyan(selection: Bulyan.Selection) throws {
        try expect(Bulyan(limit: one, selection: selection), gives: [1.0625, 0.9375])
    }

    @Test(arguments: [
        (1, [1.2767315394, 0.7086960777]), (2, [1.1355350616, 0.9195701192]), (3, [1.1006158409, 0.9204974696]),
    ])
    func geometricMedian(steps: Int, expected: [Double]) throws {
        try expect(GeometricMedian(smoothing: 1e-6, steps: steps), gives: expected)
    }

    @Test func geometricMedianConverged() throws {
        let rule = GeometricMedian(smoothing: 1e-6, steps: 10_000, tolerance: 0)
        try expect(rule, gives: [1.0280345, 0.9830506], within: 1e-7)
        let point = try rule.aggregate(MemoryUpdates(Self.updates))
        let distances = Self.updates.map { hypotenuse(Double($0[0]) - point[0], Double($0[1]) - point[1]) }
        #expect(abs(distances.reduce(0, +) / 7 - 2.3017989693) < 1e-10)
    }

    @Test func geometricMedianOfWeightedUpdates() throws {
        let updates = MemoryUpdates(Self.updates, weights: [10, 20, 30, 10, 10, 10, 10])
        let start = NormBounding(bound: 100)
        try expect(start, of: updates, gives: [1.86875, -0.05])
        try expect(GeometricMedian(smoothing: 1e-6), of: updates, gives: [1.0859197121, 0.9221284477])
    }

    @Test func geometricMedianFromTheOrigin() throws {
        let rule = GeometricMedian(smoothing: 0.1, steps: 3, start: .origin)
        let updates = MemoryUpdates([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
        try expect(rule, of: updates, gives: [3.7878876, 4.7878876, 5.7878876], within: 5e-8)
    }

    @Test func normBounding() throws {
        try expect(NormBounding(bound: 2), gives: [1.0681019375, 0.6729694911])
    }

    @Test func centredClipping() throws {
        try expect(CentredClipping(bound: 1), gives: [0.6860724772, 0.4971739258])
    }

    private func expect(
        _ rule: some RobustRule, of updates: MemoryUpdates = MemoryUpdates(Self.updates), gives expected: [Double],
        within tolerance: Double = 6e-11, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let found = try rule.aggregate(updates)
        #expect(
            zip(found, expected).allSatisfy { abs($0 - $1) < tolerance } && found.count == expected.count,
            "\(found) instead of \(expected)", sourceLocation: sourceLocation)
    }

    private func hypotenuse(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }
}
