import Testing
import TributaryCore
import TributaryMath
import TributaryTesting

@Suite struct ErrorFeedbackTests {
    /// On whole numbers nothing rounds: whatever is sent, sent and left make the sum of what was accepted, to the bit.
    @Test(arguments: TestSeeds.first(30))
    func whatWasSentAndWhatIsLeftIsWhatThereWas(seed: Seed) {
        var stream = seed.stream()
        let count = 1 + stream.uniform(below: 20)
        var feedback = ErrorFeedback()
        var (sent, updates) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
        for _ in 0..<50 {
            let update = (0..<count).map { _ in Float(stream.uniform(below: 2_001) - 1_000) }
            let corrected = feedback.corrected(update)
            let decoded = corrected.map { stream.bernoulli(0.3) ? $0 : Float(stream.uniform(below: 100)) }
            let before = feedback
            feedback.sent(corrected, as: decoded)
            #expect(feedback.residual == before.residual)
            if stream.bernoulli(0.7) {
                feedback.commit()
                sent = zip(sent, decoded).map(+)
                updates = zip(updates, update).map(+)
            } else {
                feedback.rollback()
                #expect(feedback == before)
            }
            if !feedback.residual.isEmpty { #expect(zip(sent, feedback.residual).map(+) == updates) }
        }
    }

    @Test func whatIsLeftFades() {
        var feedback = ErrorFeedback(decay: 0.5)
        feedback.sent(feedback.corrected([4, 8]), as: [0, 8])
        feedback.commit()
        #expect(feedback.corrected([1, 1]) == [3, 1])
    }

    @Test func aStoredStateGoesOn() {
        var feedback = ErrorFeedback(decay: 0.25)
        feedback.sent([1, 2], as: [1, 0])
        feedback.commit()
        feedback.sent([8, 8], as: [0, 8])
        var restored = ErrorFeedback(residual: feedback.residual, pending: feedback.pending, decay: 0.25)
        #expect(restored == feedback && restored.residual == [0, 2] && restored.pending == [8, 0])
        restored.commit()
        #expect(restored.residual == [8, 0] && restored.pending == nil)
        restored.commit()
        #expect(restored.residual == [8, 0])
    }

    @Test func anUpdateOnItsWayMustBeAnswered() async {
        await #expect(processExitsWith: .failure) {
            var feedback = ErrorFeedback()
            feedback.sent([1], as: [0])
            feedback.sent([1], as: [0])
        }
    }

    @Test func reportsMeasureSizeAndError() {
        let report = CompressionReport([3, 4], byteCount: 2, decoded: [3, 3])
        #expect(report.relativeError == 0.04 && report.bitsPerCoordinate == 8 && report.ratio == 4)
        #expect(CompressionReport([0], byteCount: 4, decoded: [0]).relativeError == 0)
        #expect(CompressionReport([], byteCount: 0, decoded: []).ratio == 1)
        #expect(CompressionReport([.nan], byteCount: 4, decoded: [.nan]).relativeError.isNaN)
    }
}
