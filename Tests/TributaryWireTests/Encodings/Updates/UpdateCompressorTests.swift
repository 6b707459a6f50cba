import Testing
import TributaryCore
import TributaryMath
import TributaryTesting
import TributaryWire

@Suite struct UpdateCompressorTests {
    /// The two largest of five, three times over: sent and left out as worked out by hand.
    @Test func theLargestWithFeedbackSendWhatTheyShould() throws {
        var compressor = UpdateCompressor(try UpdateEncoding("topk:0.4"), feedback: ErrorFeedback())
        var stream = Seed(1).stream()
        let rounds: [(update: [Float], sent: [Float], left: [Float])] = [
            ([0.5, -0.1, 0.3, 0.05, -0.4], [0.5, 0, 0, 0, -0.4], [0, -0.1, 0.3, 0.05, 0]),
            ([0.1, -0.3, 0.1, 0.05, 0.1], [0, -0.4, 0.4, 0, 0], [0.1, 0, 0, 0.1, 0.1]),
            ([0, -0.2, 0.1, 0.3, 0.1], [0, -0.2, 0, 0.4, 0], [0.1, 0, 0.1, 0, 0.2]),
        ]
        for round in rounds {
            let message = try compressor.compress(round.update, random: &stream)
            compressor.commit()
            #expect(zip(message.decoded, round.sent).allSatisfy { abs($0 - $1) < 1e-6 })
            #expect(zip(compressor.feedback?.residual ?? [], round.left).allSatisfy { abs($0 - $1) < 1e-6 })
        }
    }

    /// Over many rounds some of which are lost, on numbers that nothing rounds.
    @Test(arguments: ["topk:0.1", "topk:0.02:f16", "randk:0.1:contractive", "f32", "topk:1"], TestSeeds.first(4))
    func whatIsSentAndWhatIsLeftIsWhatThereWas(name: String, seed: Seed) throws {
        var compressor = UpdateCompressor(try UpdateEncoding(name), feedback: ErrorFeedback())
        var stream = seed.stream()
        let count = 500
        var (sent, updates) = ([Float](repeating: 0, count: count), [Float](repeating: 0, count: count))
        for _ in 0..<40 {
            let update = (0..<count).map { _ in Float(stream.uniform(below: 129) - 64) / 64 }
            let message = try compressor.compress(update, random: &stream)
            guard stream.bernoulli(0.8) else {
                compressor.rollback()
                continue
            }
            compressor.commit()
            sent = zip(sent, message.decoded).map(+)
            updates = zip(updates, update).map(+)
            #expect(zip(sent, compressor.feedback?.residual ?? []).map(+) == updates)
        }
    }

    @Test(arguments: EncodingSamples.names)
    func messagesSayWhatTheServerReads(name: String) throws {
        let encoding = try UpdateEncoding(name)
        let update = EncodingSamples.normal(3_000, Seed(8))
        var compressor = UpdateCompressor(encoding)
        var stream = Seed(8).derived("encode").stream()
        let message = try compressor.compress(update, random: &stream)
        #expect(try message.bytes == EncodingSamples.encode(update, encoding, Seed(8)))
        #expect(try message.decoded == encoding.decoded(message.bytes, count: 3_000))
        #expect(message.report.byteCount == message.bytes.count && message.report.parameterCount == 3_000)
        #expect(message.report.relativeError == EncodingSamples.error(message.decoded, update))
        #expect(compressor.feedback == nil)
    }

    /// With feedback, an update that cannot be sent leaves the state as it was.
    @Test(arguments: ["f32", "f16", "topk:0.1:f16", "drive"])
    func whatCannotBeSentLeavesNothingBehind(name: String) throws {
        var compressor = UpdateCompressor(try UpdateEncoding(name), feedback: ErrorFeedback())
        var stream = Seed(9).stream()
        let before = compressor
        #expect(throws: UpdateEncodingError.notFinite) { try compressor.compress([1, .nan, 2], random: &stream) }
        #expect(compressor == before)
        if name.hasSuffix("f16") {
            #expect(throws: UpdateEncodingError.outOfRange) { try compressor.compress([1, 1e6, 2], random: &stream) }
            #expect(compressor == before)
        }
        _ = try compressor.compress([1, 2, 3], random: &stream)
    }

    /// FedPAQ: the mean of what many clients' quantised updates decode to comes near the mean of the updates, as one over
    /// their number.
    @Test func unbiasedMessagesAverageOut() throws {
        let encoding = try UpdateEncoding("qsgd:3")
        let update = EncodingSamples.normal(2_000, Seed(10))
        var stream = Seed(10).stream()
        func error(clients: Int) throws -> Double {
            var sum = [Float](repeating: 0, count: update.count)
            for _ in 0..<clients {
                var compressor = UpdateCompressor(encoding)
                sum = zip(sum, try compressor.compress(update, random: &stream).decoded).map(+)
            }
            return EncodingSamples.error(sum.map { $0 / Float(clients) }, update)
        }
        let ratio = try error(clients: 1) / error(clients: 50)
        #expect((35...70).contains(ratio))
    }
}
