import BigInt
import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

/// Mean and variance.
func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
}

/// A generator that often gives the very numbers at which comparisons are decided.
struct EdgeGenerator: RandomNumberGenerator {
    var stream: RandomStream

    mutating func next() -> UInt64 {
        switch stream.uniform(below: 12) {
        case 0: 0
        case 1: .max
        case 2: 1 << 63
        case 3: (1 << 63) - 1
        case 4: .max / 3
        case 5: .max / 4 + 1
        default: stream.next()
        }
    }
}

/// The paper's algorithms in rational numbers of any size, drawing the same digits.
struct RationalSampler<Generator: RandomNumberGenerator> {
    var generator: Generator

    mutating func isBelow(_ numerator: BigUInt, _ denominator: BigUInt) -> Bool {
        var remainder = numerator
        while true {
            let digit = generator.next()
            let (expected, rest) = (remainder << 64).quotientAndRemainder(dividingBy: denominator)
            if BigUInt(digit) != expected { return BigUInt(digit) < expected }
            if rest == 0 { return false }
            remainder = rest
        }
    }

    mutating func decays(_ numerator: BigUInt, _ denominator: BigUInt) -> Bool {
        var round: BigUInt = 1
        while isBelow(numerator, denominator * round) { round += 1 }
        return round % 2 == 1
    }

    mutating func laplace(_ scale: UInt64) -> BigInt {
        while true {
            let bound = 2 * scale
            var (high, low) = generator.next().multipliedFullWidth(by: bound)
            while low < (0 &- bound) % bound { (high, low) = generator.next().multipliedFullWidth(by: bound) }
            guard decays(BigUInt(high >> 1), BigUInt(scale)) else { continue }
            var whole: UInt64 = 0
            while decays(1, 1) { whole += 1 }
            let magnitude = BigInt(whole) * BigInt(scale) + BigInt(high >> 1)
            if high & 1 == 1, magnitude == 0 { continue }
            return high & 1 == 1 ? -magnitude : magnitude
        }
    }

    mutating func gaussian(_ sigma: UInt64) -> BigInt {
        let squares = 2 * BigUInt(sigma) * BigUInt(sigma)
        while true {
            let value = laplace(sigma)
            let distance = (BigInt(value.magnitude) - BigInt(sigma)).magnitude
            // As many equal parts as make each exponent less than 1, and one more where that is close.
            let parts = (distance * distance * ((1 << 45) + 1)) / (squares << 45) + 1
            var left = parts
            while left > 0, decays(distance * distance, squares * parts) { left -= 1 }
            if left == 0 { return value }
        }
    }
}

@Suite struct DiscreteGaussianTests {
    @Test(arguments: [1, 2, 3, 7, 1000, 12_345_678_901, 1 << 40, (1 << 50) + 12_345, 1 << 52])
    func everyDrawIsTheOneOfRationalArithmetic(deviation: Int) throws {
        let gaussian = try DiscreteGaussian(deviation: deviation)
        for seed in TestSeeds.first(10) {
            var plain = seed.stream()
            var rational = RationalSampler(generator: seed.stream())
            for _ in 0..<100 {
                expectEqual(BigInt(gaussian.sample(using: &plain)), rational.gaussian(UInt64(deviation)))
            }
            var edges = EdgeGenerator(stream: seed.stream())
            var rationalEdges = RationalSampler(generator: EdgeGenerator(stream: seed.stream()))
            for _ in 0..<100 {
                expectEqual(BigInt(gaussian.sample(using: &edges)), rationalEdges.gaussian(UInt64(deviation)))
            }
        }
    }

    @Test(arguments: TestSeeds.first(50))
    func aComparisonAtItsEdgeIsDecidedByMoreDigits(seed: Seed) {
        var stream = seed.stream()
        for _ in 0..<20 {
            let denominator = UInt128(stream.next()) << UInt128(stream.uniform(below: 60)) | 1
            let numerator = denominator / 3 + UInt128(stream.uniform(below: 1000))
            guard numerator < denominator else { continue }
            let edge = UInt64((BigUInt(numerator) << 64) / BigUInt(denominator))
            for first in [edge &- 1, edge, edge &+ 1] {
                var (left, right) = (stream, RationalSampler(generator: Prepended(first: first, rest: stream)))
                let actual = ExactTrials.isBelow(.init(numerator, denominator), first: first, using: &left)
                expectEqual(actual, right.isBelow(BigUInt(numerator), BigUInt(denominator)))
            }
        }
    }

    @Test(arguments: [1, 2, 5])
    func frequenciesAreThoseOfTheDensity(deviation: Int) throws {
        let gaussian = try DiscreteGaussian(deviation: deviation)
        var stream = Seed(17).stream()
        let draws = 200_000
        var counts: [Int: Int] = [:]
        for _ in 0..<draws { counts[gaussian.sample(using: &stream), default: 0] += 1 }
        let reach = 12 * deviation
        let weights = (-reach...reach).map { exp(-0.5 * pow(Double($0) / Double(deviation), 2)) }
        let total = weights.reduce(0, +)
        // Values that are expected at least ten times, each a class, and the rest.
        var (squares, classes, seen, expected) = (0.0, 0, 0, 0.0)
        for (value, weight) in zip(-reach...reach, weights) where weight / total * Double(draws) >= 10 {
            let mean = weight / total * Double(draws)
            let difference = Double(counts[value] ?? 0) - mean
            squares += difference * difference / mean
            classes += 1
            seen += counts[value] ?? 0
            expected += mean
        }
        // χ² has the mean `classes` and the variance 2 · `classes`.
        #expect(abs(squares - Double(classes)) < 5 * (2 * Double(classes)).squareRoot())
        #expect(abs(Double(draws - seen) - (Double(draws) - expected)) < 30)
    }

    @Test(arguments: [1, 3, 1000, 1 << 36, 1 << 52])
    func momentsAreThoseOfTheGaussian(deviation: Int) throws {
        let gaussian = try DiscreteGaussian(deviation: deviation)
        var stream = Seed(23).stream()
        let draws = 200_000
        let values = (0..<draws).map { _ in Double(gaussian.sample(using: &stream)) / Double(deviation) }
        let (mean, variance) = moments(values)
        let root = Double(draws).squareRoot()
        #expect(abs(mean) < 4 / root)
        // The sum of n squares is σ² χ²(n), with the relative deviation √(2/n). At σ = 1 the discrete variance is σ² to
        // 10⁻⁶.
        #expect(abs(variance - 1) < 4 * 2.0.squareRoot() / root)
        let fourth = values.reduce(0) { $0 + pow($1, 4) } / Double(draws)
        #expect(deviation < 1000 || abs(fourth - 3) < 4 * 96.0.squareRoot() / root)
    }

    @Test func largeNoiseIsNormalInDistribution() throws {
        let gaussian = try DiscreteGaussian(deviation: 1 << 40)
        var stream = Seed(29).stream()
        let draws = 100_000
        let values = (0..<draws).map { _ in Double(gaussian.sample(using: &stream)) * 0x1p-40 }.sorted()
        // Kolmogorov and Smirnov: beyond 1.95/√n one in a thousand times.
        let distances = values.enumerated().map { index, value in
            abs(0.5 * erfc(-value / 2.0.squareRoot()) - (Double(index) + 0.5) / Double(draws))
        }
        #expect((distances.max() ?? 1) < 1.95 / Double(draws).squareRoot())
        // The lowest bits are as random as any.
        let odd = (0..<draws).filter { _ in gaussian.sample(using: &stream) & 1 == 1 }.count
        #expect(abs(Double(odd) - Double(draws) / 2) < 4 * (Double(draws) / 4).squareRoot())
    }

    @Test(arguments: [0, -1, (1 << 52) + 1, .max])
    func deviationsOutOfRangeAreRefused(deviation: Int) {
        #expect(throws: PrivacyError.self) { try DiscreteGaussian(deviation: deviation) }
    }
}

/// A generator that begins with a given number.
private struct Prepended: RandomNumberGenerator {
    var first: UInt64?
    var rest: RandomStream

    mutating func next() -> UInt64 {
        defer { first = nil }
        return first ?? rest.next()
    }
}
