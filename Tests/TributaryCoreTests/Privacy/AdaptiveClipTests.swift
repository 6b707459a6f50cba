import Foundation
import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

@Suite struct AdaptiveClipTests {
    private static func noiseless(_ contributions: Double = 10) -> AdaptiveClip.Settings {
        AdaptiveClip.Settings(noiseMultiplier: 0, expectedContributions: contributions)
    }

    @Test func theBoundMovesByTheReferenceFigures() throws {
        let figures = [(0, 0.1105170918), (2, 0.1061836547), (5, 0.1), (9, 0.0923116346), (10, 0.0904837418)]
        for (within, expected) in figures {
            var clip = try AdaptiveClip(Self.noiseless())
            var stream = Seed(1).stream()
            expectEqual(clip.advance(within: within, of: 10, using: &stream), Double(within) / 10)
            #expect(abs(clip.bound - expected) < 1e-10)
        }
    }

    @Test func theNoiseIsSplitByTheReferenceFigures() throws {
        let figures: [(Double, Double, Double, Double)] = [
            (1, 100, 5, 1.0050378153), (0.5, 20, 1, 0.5163977795), (0.3, 10, 0.5, 0.3144854510),
            (1, 1000, 50, 1.0000500038),
        ]
        for (multiplier, contributions, deviation, expected) in figures {
            let settings = AdaptiveClip.Settings(noiseMultiplier: multiplier, expectedContributions: contributions)
            #expect(settings.countDeviation == deviation)
            let clip = try AdaptiveClip(settings)
            #expect(abs(clip.updateNoiseMultiplier - expected) < 1e-10)
            // Both together cost what the whole multiplier does: precisions add.
            let precisions = [clip.updateNoiseMultiplier, 2 * deviation].map { 1 / ($0 * $0) }
            #expect(abs(precisions[0] + precisions[1] - 1 / (multiplier * multiplier)) < 1e-9)
        }
    }

    @Test func aSplitThatLeavesNothingIsRefusedWithAWayOut() {
        for (multiplier, contributions) in [(1.0, 10.0), (1.5, 10), (0.0001, 1)] {
            var settings = AdaptiveClip.Settings(noiseMultiplier: multiplier, expectedContributions: contributions)
            if contributions == 1 { settings.countDeviation = 0 }
            let error = #expect(throws: PrivacyError.self) { try AdaptiveClip(settings) }
            #expect(error?.description.contains("more clients a round") == true)
        }
    }

    @Test func withoutNoiseTheBoundFindsTheQuantile() throws {
        var stream = Seed(3).stream()
        let norms = (0..<1001).map { _ in stream.logNormal(mu: 1, sigma: 0.5) }.sorted()
        for quantile in [0.2, 0.5, 0.8] {
            var settings = Self.noiseless(1001)
            settings.quantile = quantile
            var clip = try AdaptiveClip(settings)
            for _ in 0..<300 {
                let within = norms.filter { $0 <= clip.bound }.count
                clip.advance(within: within, of: norms.count, using: &stream)
            }
            let expected = norms[Int(quantile * 1000)]
            #expect(abs(clip.bound / expected - 1) < 0.01, "\(quantile)")
        }
    }

    @Test func theCountHasTheStatedNoise() throws {
        var stream = Seed(5).stream()
        var settings = AdaptiveClip.Settings(noiseMultiplier: 1, expectedContributions: 100)
        settings.learningRate = 0
        var clip = try AdaptiveClip(settings)
        let draws = 20_000
        let noise = (0..<draws).map { _ in (clip.advance(within: 60, of: 90, using: &stream) - 0.65) * 100 }
        let (mean, variance) = moments(noise)
        #expect(abs(mean) < 5 * 5 / Double(draws).squareRoot())
        #expect(abs(variance / 25 - 1) < 5 * (2 / Double(draws)).squareRoot())
    }

    @Test func theBoundStaysWithinItsLimits() throws {
        var settings = Self.noiseless()
        settings.learningRate = 100
        (settings.lowestBound, settings.highestBound) = (0.01, 1)
        var clip = try AdaptiveClip(settings)
        var stream = Seed(1).stream()
        clip.advance(within: 10, of: 10, using: &stream)
        #expect(clip.bound == 0.01)
        clip.advance(within: 0, of: 10, using: &stream)
        #expect(clip.bound == 1)
    }

    @Test func theStateIsStoredAndDamageIsRefused() throws {
        var stream = Seed(1).stream()
        var clip = try AdaptiveClip(AdaptiveClip.Settings(noiseMultiplier: 1, expectedContributions: 100))
        clip.advance(within: 20, of: 100, using: &stream)
        let data = try JSONEncoder().encode(clip)
        var again = try JSONDecoder().decode(AdaptiveClip.self, from: data)
        #expect(again == clip)
        var twin = stream
        let left = clip.advance(within: 3, of: 9, using: &stream)
        let right = again.advance(within: 3, of: 9, using: &twin)
        #expect(left == right && again == clip)
        let text = String(decoding: data, as: UTF8.self)
        for (sound, damaged) in [("\"version\":1", "\"version\":9"), ("\"bound\":0.1", "\"bound\":-0.1")] {
            #expect(text.contains(sound))
            let other = Data(text.replacingOccurrences(of: sound, with: damaged).utf8)
            #expect(throws: (any Error).self) { try JSONDecoder().decode(AdaptiveClip.self, from: other) }
        }
    }

    @Test func settingsOutOfRangeAreRefused() {
        let changes: [(inout AdaptiveClip.Settings) -> Void] = [
            { $0.quantile = 1.1 }, { $0.learningRate = -1 }, { $0.initialBound = 0 }, { $0.lowestBound = 0 },
            { $0.highestBound = .infinity }, { $0.expectedContributions = 0.5 }, { $0.countDeviation = .nan },
            { $0.noiseMultiplier = -1 }, { $0.initialBound = 1e9 },
        ]
        for change in changes {
            var settings = AdaptiveClip.Settings(noiseMultiplier: 1, expectedContributions: 1000)
            change(&settings)
            #expect(throws: PrivacyError.self) { try AdaptiveClip(settings) }
        }
    }
}
