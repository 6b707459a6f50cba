import BigInt
import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

@Suite struct ClippingTests {
    /// The sum of the squares as a whole number of 2^−300.
    private static func exactSquares(_ update: [Float]) -> BigInt {
        update.reduce(into: BigInt(0)) { sum, value in
            guard value != 0 else { return }
            let whole = BigInt(Int(value.significand * 0x1p23))
            sum += (whole * whole) << (2 * (Int(value.exponent) - 23) + 300)
        }
    }

    /// C² in the same units.
    private static func exactSquare(_ bound: Double) -> BigInt {
        let whole = BigInt(Int(bound.significand * 0x1p52))
        let shift = 2 * (Int(bound.exponent) - 52) + 300
        return whole * whole << shift
    }

    private static func update(_ count: Int, from stream: inout RandomStream) -> [Float] {
        (0..<count).map { _ in Float(stream.normal()) }
    }

    @Test(arguments: TestSeeds.first(200))
    func aClippedUpdateIsWithinTheBoundExactlyAndCloseToIt(seed: Seed) throws {
        var stream = seed.stream()
        let original = Self.update(1 + stream.uniform(below: 300), from: &stream)
        let bound = 0.001 * pow(1e4, stream.uniform())
        let clip = try UpdateClip(bound: bound)
        var update = original
        let outcome = clip.clip(&update)
        #expect(Self.exactSquares(update) <= Self.exactSquare(bound))
        let norm = Double(Self.exactSquares(original)).squareRoot() * 0x1p-150
        switch outcome {
        case .unchanged(let seen):
            #expect(update == original && Self.exactSquares(original) <= Self.exactSquare(bound))
            #expect(abs(seen / norm - 1) < 1e-15)
        case .clipped(let seen):
            #expect(Self.exactSquares(original) > Self.exactSquare(bound))
            #expect(abs(seen / norm - 1) < 1e-15)
            for (after, before) in zip(update, original) {
                let exact = Double(before) * bound / norm
                #expect(abs(Double(after) - exact) <= abs(exact) * 0x1p-22)
            }
        case .refused: Issue.record("a finite update was refused")
        }
        // Twice is once.
        let once = update
        #expect(clip.clip(&update).wasWithinBound == true)
        #expect(update == once)
    }

    @Test(arguments: TestSeeds.first(100))
    func atTheBoundTheComparisonIsExact(seed: Seed) throws {
        var stream = seed.stream()
        // A Pythagorean quadruple has an exact norm; a scaled one as well, by powers of two.
        let (a, b) = (Double(1 + stream.uniform(below: 40)), Double(1 + stream.uniform(below: 40)))
        let c = a * b
        let norm = (a * a + b * b + 0.0)
        let scale = pow(2, Double(stream.uniform(below: 20) - 10))
        // (a² − b², 2ab) has the norm a² + b².
        var update = [Float((a * a - b * b) * scale), Float(2 * c * scale)]
        let before = update
        #expect(try UpdateClip(bound: norm * scale).clip(&update) == .unchanged(norm: norm * scale))
        #expect(update == before)
        #expect(try UpdateClip(bound: (norm * scale).nextUp).clip(&update) == .unchanged(norm: norm * scale))
        #expect(try UpdateClip(bound: (norm * scale).nextDown).clip(&update) == .clipped(norm: norm * scale))
        #expect(Self.exactSquares(update) <= Self.exactSquare((norm * scale).nextDown))
    }

    @Test func manyCoordinatesAreSummedToTheLastDigit() throws {
        // A million equal squares, and one that is far below their rounding.
        var update = [Float](repeating: 1, count: 1 << 20)
        update[12345] = 1 + 0x1p-20
        var whole = update
        #expect(try UpdateClip(bound: 1024).clip(&whole).wasWithinBound == false)
        #expect(Self.exactSquares(whole) <= Self.exactSquare(1024))
        update[12345] = 1
        #expect(try UpdateClip(bound: 1024).clip(&update) == .unchanged(norm: 1024))
    }

    @Test(arguments: TestSeeds.first(20))
    func piecesMakeTheSameAsTheWhole(seed: Seed) throws {
        var stream = seed.stream()
        let clip = try UpdateClip(bound: 0.5)
        let original = Self.update(1000, from: &stream)
        var whole = original
        let outcome = clip.clip(&whole)
        var scan = ClipScan()
        var pieces = original
        // Multiples of eight, the width of a pass.
        let cut = 8 * stream.uniform(below: 126)
        original.withUnsafeBufferPointer {
            scan.see(UnsafeBufferPointer(rebasing: $0[..<cut]))
            scan.see(UnsafeBufferPointer(rebasing: $0[cut...]))
        }
        #expect(scan.outcome(for: clip) == outcome)
        let factor = scan.factor(for: clip)
        pieces.withUnsafeMutableBufferPointer {
            UpdateClip.scale(UnsafeMutableBufferPointer(rebasing: $0[..<cut]), by: factor)
            UpdateClip.scale(UnsafeMutableBufferPointer(rebasing: $0[cut...]), by: factor)
        }
        #expect(pieces == whole)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity], [0, 7, 8, 100])
    func whatIsNotFiniteIsRefused(value: Float, place: Int) throws {
        var update = [Float](repeating: 0.5, count: 102)
        update[place] = value
        let clip = try UpdateClip(bound: 1)
        #expect(clip.clip(&update) == .refused(.notFinite))
        #expect(update[place ^ 1] == 0.5)
    }

    @Test func extremesAreClippedAsWell() throws {
        for (value, bound) in [(Float.greatestFiniteMagnitude, 1e-30), (.leastNonzeroMagnitude, 1e-60), (1, 1e-45)] {
            var update = [Float](repeating: value, count: 1000)
            #expect(try UpdateClip(bound: bound).clip(&update).wasWithinBound == false)
            #expect(Self.exactSquares(update) <= Self.exactSquare(max(bound, 0x1p-98)))
        }
        var empty: [Float] = []
        #expect(try UpdateClip(bound: 1).clip(&empty) == .unchanged(norm: 0))
        var zero: [Float] = [0, -0.0]
        #expect(try UpdateClip(bound: 1e-300).clip(&zero) == .unchanged(norm: 0))
        var large = [Float](repeating: .greatestFiniteMagnitude, count: 100)
        #expect(try UpdateClip(bound: 1e300).clip(&large).wasWithinBound == true)
        for bound in [0, -1, .nan, .infinity] {
            #expect(throws: PrivacyError.self) { try UpdateClip(bound: bound) }
        }
    }
}
