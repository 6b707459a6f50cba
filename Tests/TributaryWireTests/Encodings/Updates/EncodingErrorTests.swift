import Testing
import TributaryCore
import TributaryMath
import TributaryTesting
import TributaryWire

/// How far off what is decoded is, against the papers' bounds.
@Suite struct EncodingErrorTests {
    /// The mean of 10,000 decodes is within four standard errors of what was encoded, in every coordinate.
    @Test(arguments: [
        "klevel:2", "klevel:5", "klevel:16:rotated:bucket=64", "qsgd:2:bucket=64", "qsgd:4", "qsgd:3:elias",
        "randk:0.1", "drive:bucket=1024", "eden:2:bucket=1024",
    ])
    func meansOfManyDecodesAreWhatWasEncoded(name: String) throws {
        let encoding = try UpdateEncoding(name)
        let isRotated = encoding.bias == .nearlyUnbiased
        let count = isRotated ? 1_024 : 130
        let update = EncodingSamples.normal(count, Seed(12))
        var stream = Seed(13).stream()
        var (sums, squares) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
        let draws = 10_000
        for _ in 0..<draws {
            let decoded = try encoding.decoded(encoding.encoded(update, random: &stream), count: count)
            for place in 0..<count {
                sums[place] += Double(decoded[place])
                squares[place] += Double(decoded[place]) * Double(decoded[place])
            }
        }
        for place in 0..<count {
            let mean = sums[place] / Double(draws)
            let variance = max(0, squares[place] / Double(draws) - mean * mean)
            let limit = 4 * (variance / Double(draws)).squareRoot() + 1e-9
            #expect(abs(mean - Double(update[place])) <= limit, "coordinate \(place)")
        }
    }

    @Test(arguments: TestSeeds.first(10))
    func levelsAreOffByAStepAtMostAndByTheirVarianceOnAverage(seed: Seed) throws {
        let update = EncodingSamples.normal(4_096, seed)
        let range = Double((update.max() ?? 0) - (update.min() ?? 0))
        for levels in [2, 5, 16, 256] {
            let step = range / Double(levels - 1)
            let decoded = try Self.decode(update, "klevel:\(levels)", seed)
            let errors = zip(decoded, update).map { Double($0) - Double($1) }
            #expect(errors.allSatisfy { abs($0) <= step * 1.000_001 })
            #expect(errors.reduce(0) { $0 + $1 * $1 } / 4_096 <= step * step / 4)
        }
    }

    @Test(arguments: TestSeeds.first(10), ["", ":elias"])
    func normsBoundTheErrorOfMagnitudes(seed: Seed, form: String) throws {
        let update = EncodingSamples.normal(512, seed)
        for bits in 2...8 {
            let levels = Double(1 << (bits - 1) - 1)
            let error = EncodingSamples.error(try Self.decode(update, "qsgd:\(bits)\(form)", seed), update)
            #expect(error <= min(512 / (levels * levels), 512.0.squareRoot() / levels))
        }
    }

    /// Both forms round alike: only the bytes differ.
    @Test func shorterBitsAreTheSameLevels() throws {
        let update = EncodingSamples.normal(70_000, Seed(14))
        for bits in 2...8 {
            let fixed = try UpdateEncoding("qsgd:\(bits)")
            let elias = try UpdateEncoding("qsgd:\(bits):elias")
            let (long, short) = (
                try EncodingSamples.encode(update, fixed, Seed(14)), try EncodingSamples.encode(update, elias, Seed(14))
            )
            #expect(try fixed.decoded(long, count: 70_000) == elias.decoded(short, count: 70_000))
            #expect(short.count < long.count)
        }
    }

    /// π/2 − 1 for signs, less for more bits; 1 − 2/π where the scale is that of the least error.
    @Test(arguments: [
        ("drive", 0.5708), ("drive:contractive", 0.3634), ("eden:1", 0.5708), ("eden:1:contractive", 0.3634),
        ("eden:2", 0.1331), ("eden:2:contractive", 0.1175), ("eden:3", 0.0358), ("eden:4", 0.0096),
        ("eden:4:contractive", 0.0095),
    ])
    func rotatedBitsHaveTheErrorOfTheirPapers(name: String, expected: Double) throws {
        // Whatever the update: spread out, or in a few large coordinates of many.
        let normal = EncodingSamples.normal(200_000, Seed(15))
        let heavy = normal.map { $0 * $0 * $0 }
        for update in [normal, heavy] {
            let error = EncodingSamples.error(try Self.decode(update, name, Seed(15)), update)
            #expect(abs(error / expected - 1) < 0.02)
        }
    }

    /// Whatever the rotation, the scale is such that ⟨v, v̂⟩ = ‖v‖².
    @Test(arguments: ["drive", "eden:1", "eden:2", "eden:4", "drive:bucket=64"], TestSeeds.first(5))
    func rotatedBitsPointWhereTheUpdateDoes(name: String, seed: Seed) throws {
        for count in [1, 2, 3, 100, 5_000] {
            let update = EncodingSamples.normal(count, seed)
            let decoded = try Self.decode(update, name, seed)
            let product = zip(update, decoded).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            let square = update.reduce(0) { $0 + Double($1) * Double($1) }
            #expect(abs(product / square - 1) < 1e-5)
        }
    }

    @Test(arguments: TestSeeds.first(10))
    func theLargestLeaveOutLessThanTheirShare(seed: Seed) throws {
        for (fraction, count) in [(0.01, 100_000), (0.3, 1_000), (0.5, 3)] {
            let update = EncodingSamples.normal(count, seed)
            let share = Double(UpdateEncoding.entryCount(fraction, of: count)) / Double(count)
            let decoded = try Self.decode(update, "topk:\(fraction)", seed)
            #expect(EncodingSamples.error(decoded, update) <= 1 - share)
            #expect(zip(decoded, update).allSatisfy { $0 == 0 || $0 == $1 })
            #expect(decoded.count { $0 != 0 } == UpdateEncoding.entryCount(fraction, of: count))
        }
        let whole = EncodingSamples.normal(70_000, seed)
        #expect(try Self.decode(whole, "topk:1", seed) == whole && Self.decode(whole, "randk:1", seed) == whole)
    }

    @Test func chosenCoordinatesHaveTheVarianceOfTheirShare() throws {
        let update = EncodingSamples.normal(200_000, Seed(16))
        let scaled = EncodingSamples.error(try Self.decode(update, "randk:0.05", Seed(16)), update)
        #expect(abs(scaled / 19 - 1) < 0.05)
        let kept = EncodingSamples.error(try Self.decode(update, "randk:0.05:contractive", Seed(16)), update)
        #expect(abs(kept / 0.95 - 1) < 0.01)
    }

    /// One large coordinate stretches the levels of all; rotated, it is spread over all.
    @Test func aRotationShrinksTheRange() throws {
        var update = EncodingSamples.normal(4_096, Seed(17))
        update[9] = 1
        let plain = EncodingSamples.error(try Self.decode(update, "klevel:16", Seed(17)), update)
        let rotated = EncodingSamples.error(try Self.decode(update, "klevel:16:rotated", Seed(17)), update)
        #expect(rotated < plain / 4)
    }

    private static func decode(_ update: [Float], _ name: String, _ seed: Seed) throws -> [Float] {
        let encoding = try UpdateEncoding(name)
        return try encoding.decoded(EncodingSamples.encode(update, encoding, seed), count: update.count)
    }
}
