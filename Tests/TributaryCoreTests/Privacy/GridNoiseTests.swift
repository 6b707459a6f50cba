import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

@Suite struct GridNoiseTests {
    private static let key: NoiseKey = {
        var stream = Seed(7).stream()
        return NoiseKey.random(using: &stream)
    }()

    private static func noise(_ key: NoiseKey, _ count: Int, of noise: GridNoise) -> [Double] {
        var sums = [Double](repeating: 0, count: count)
        sums.withUnsafeMutableBufferPointer { noise.add(to: $0, key: key) }
        return sums
    }

    @Test func theSensitivityHasRoomForTheRoundingToTheGrid() throws {
        let clip = try UpdateClip(bound: 0.1)
        let noise = try GridNoise(clip: clip, noiseMultiplier: 1.5, count: 1_000_000, fractionBits: 40)
        #expect(Double(noise.sensitivity) >= 0.1 * 0x1p40 + 500)
        #expect(Double(noise.sensitivity) <= 0.1 * 0x1p40 + 502)
        #expect(Double(noise.deviation) >= 1.5 * Double(noise.sensitivity))
        #expect(Double(noise.deviation) <= 1.5 * Double(noise.sensitivity) + 2)
        let local = try GridNoise(
            clip: clip, noiseMultiplier: 1.5, count: 1_000_000, fractionBits: 40, neighbours: .replace)
        #expect(Double(local.sensitivity) >= 0.2 * 0x1p40 + 1000)
    }

    @Test(arguments: TestSeeds.first(30))
    func noClippedUpdateMovesASumFurtherThanTheSensitivity(seed: Seed) throws {
        var stream = seed.stream()
        let clip = try UpdateClip(bound: 0.01 + stream.uniform())
        let count = 1 + stream.uniform(below: 500)
        let bits = stream.uniform(below: 12)
        var update = (0..<count).map { _ in Float(stream.normal()) }
        _ = clip.clip(&update)
        let noise = try GridNoise(clip: clip, noiseMultiplier: 1, count: count, fractionBits: bits)
        let units = update.map { (Double($0) * pow(2, Double(bits))).rounded(.toNearestOrEven) }
        #expect(units.reduce(0) { $0 + $1 * $1 }.squareRoot() <= Double(noise.sensitivity))
    }

    @Test func everyCoordinateHasItsNoiseInWhateverPiecesItIsMade() throws {
        let noise = try GridNoise(clip: UpdateClip(bound: 1), noiseMultiplier: 2, count: 10_000, fractionBits: 30)
        let whole = Self.noise(Self.key, 10_000, of: noise)
        for cuts in [[0, 10_000], [0, 1, 4095, 4096, 9000, 10_000], [0, 5000, 8192, 10_000]] {
            var sums = [Double](repeating: 0, count: 10_000)
            sums.withUnsafeMutableBufferPointer { sums in
                for (start, end) in zip(cuts, cuts.dropFirst()) {
                    noise.add(to: UnsafeMutableBufferPointer(rebasing: sums[start..<end]), from: start, key: Self.key)
                }
            }
            #expect(sums == whole)
        }
        #expect(whole != Self.noise(Self.key.derived("other"), 10_000, of: noise))
        // Blocks do not repeat each other.
        #expect(Array(whole[..<100]) != Array(whole[4096..<4196]))
        var back = whole
        back.withUnsafeMutableBufferPointer { noise.add(to: $0, key: Self.key, isNegative: true) }
        #expect(back.allSatisfy { $0 == 0 })
    }

    @Test(arguments: [0.5, 1, 3])
    func theNoiseHasTheStatedDeviation(multiplier: Double) throws {
        let count = 100_000
        let noise = try GridNoise(
            clip: UpdateClip(bound: 0.25), noiseMultiplier: multiplier, count: count, fractionBits: 44)
        let values = Self.noise(Self.key, count, of: noise).map { $0 * 0x1p-44 }
        let (mean, variance) = moments(values)
        let expected = 0.25 * multiplier
        #expect(abs(mean) < 4 * expected / Double(count).squareRoot())
        #expect(abs(variance / (expected * expected) - 1) < 4 * (2 / Double(count)).squareRoot())
        var stream = Seed(9).stream()
        var sums = [Double](repeating: 0, count: count)
        sums.withUnsafeMutableBufferPointer { noise.add(to: $0, using: &stream) }
        let drawn = moments(sums.map { $0 * 0x1p-44 })
        #expect(abs(drawn.variance / (expected * expected) - 1) < 4 * (2 / Double(count)).squareRoot())
    }

    @Test func theMeanIsTheExactSumWithNoiseOverTheExpectedNumber() throws {
        let grid = try #require(FixedPointGrid(bound: 1, weightLimit: 100))
        var sum = ExactSum(count: 3, grid: grid)
        for update in [[0.5, 0.25, -0.125], [0.5, -0.5, 0]] as [[Float]] { #expect(sum.add(update, weight: 1) == nil) }
        let clip = try UpdateClip(bound: 1)
        let silent = try GridNoise(clip: clip, noiseMultiplier: 0, count: 3, fractionBits: grid.fractionBits)
        #expect(silent.mean(of: sum, over: 4, key: Self.key) == [0.25, -0.0625, -0.03125])
        let noise = try GridNoise(clip: clip, noiseMultiplier: 1, count: 3, fractionBits: grid.fractionBits)
        let drawn = Self.noise(Self.key, 3, of: noise)
        let expected = zip(sum.integers, drawn).map { ($0 + $1) / (4 * grid.scale) }
        #expect(noise.mean(of: sum, over: 4, key: Self.key) == expected)
    }

    @Test func noiseThatDoesNotFitIsRefused() throws {
        let clip = try UpdateClip(bound: 1)
        #expect(throws: PrivacyError.self) {
            try GridNoise(clip: clip, noiseMultiplier: 1e6, count: 1, fractionBits: 50)
        }
        #expect(throws: PrivacyError.self) { try GridNoise(clip: clip, noiseMultiplier: 0, count: 1, fractionBits: 60) }
        #expect(throws: PrivacyError.self) { try GridNoise(clip: clip, noiseMultiplier: -1, count: 1, fractionBits: 5) }
    }

    @Test func aClientsOwnNoiseHasTheStatedDeviation() throws {
        let count = 50_000
        let clip = try UpdateClip(bound: 0.3)
        let local = try LocalNoise(clip: clip, noiseMultiplier: 2, count: count)
        #expect(local.step.samplingRate == 1 && local.step.noiseMultiplier == 2)
        #expect(abs(local.deviation / (2 * 2 * 0.3) - 1) < 1e-6)
        var stream = Seed(31).stream()
        let original = (0..<count).map { _ in Float(stream.normal()) }
        var clipped = original
        let outcome = clip.clip(&clipped)
        var update = original
        expectEqual(local.protect(&update, using: &stream), outcome)
        let (mean, variance) = moments(zip(update, clipped).map { Double($0) - Double($1) })
        #expect(abs(mean) < 4 * 1.2 / Double(count).squareRoot())
        #expect(abs(variance / 1.44 - 1) < 4 * (2 / Double(count)).squareRoot())
        update[3] = .nan
        let before = stream.next()
        expectEqual(local.protect(&update, using: &stream), .refused(.notFinite))
        #expect(update[3].isNaN && before != stream.next())
    }
}
