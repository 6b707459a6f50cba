import Testing
import TributaryCore
import TributaryMath
import TributaryTesting
import TributaryWire

/// What holds for every encoding, whatever the update.
@Suite struct EncodingPropertyTests {
    @Test(arguments: EncodingSamples.names)
    func updatesOfEveryLengthComeBack(name: String) throws {
        let encoding = try UpdateEncoding(name)
        for count in EncodingSamples.counts {
            let update = EncodingSamples.normal(count, Seed(UInt64(count)))
            let bytes = try EncodingSamples.encode(update, encoding, Seed(1))
            #expect(encoding.byteCounts(of: count).contains(bytes.count))
            let decoded = try encoding.decoded(bytes, count: count)
            #expect(decoded.count == count && decoded.allSatisfy(\.isFinite))
            #expect(try EncodingSamples.encode(update, encoding, Seed(1)) == bytes)
            // Two levels are farthest off; a choice of few coordinates may happen to be scaled up far more.
            #expect(EncodingSamples.error(decoded, update) < 30 || name.hasPrefix("randk"))
        }
    }

    @Test(arguments: EncodingSamples.names, [0, 1, 100, 5_000])
    func nothingComesBackAsNothing(name: String, count: Int) throws {
        let encoding = try UpdateEncoding(name)
        let zeros = (0..<count).map { $0.isMultiple(of: 2) ? Float(0) : -0.0 }
        let bytes = try EncodingSamples.encode(zeros, encoding, Seed(2))
        #expect(try encoding.decoded(bytes, count: count).allSatisfy { $0 == 0 })
    }

    @Test(arguments: EncodingSamples.names.filter { !$0.hasPrefix("topk:0") && !$0.hasPrefix("randk:0") })
    func oneNumberAloneComesBack(name: String) throws {
        let encoding = try UpdateEncoding(name)
        for number: Float in [1, -0.37, 1e-30, -3e20] {
            // Half precision has its own limits.
            if name.hasSuffix("f16"), number.magnitude < 1e-5 || number.magnitude > 1e5 { continue }
            let bytes = try EncodingSamples.encode([number], encoding, Seed(3))
            let decoded = try encoding.decoded(bytes, count: 1)
            #expect(abs(decoded[0] / number - 1) < (name.hasSuffix("f16") ? 0.004 : 1e-6))
        }
    }

    @Test(arguments: ["klevel:2", "klevel:7", "klevel:256:bucket=64"])
    func constantsComeBackToTheBit(name: String) throws {
        let update = [Float](repeating: 0.1, count: 700)
        let bytes = try EncodingSamples.encode(update, try UpdateEncoding(name), Seed(4))
        #expect(try UpdateEncoding(name).decoded(bytes, count: 700) == update)
    }

    @Test(arguments: EncodingSamples.names, [Float.nan, .infinity, -.infinity])
    func whatIsNotFiniteIsRefusedOrStaysSo(name: String, odd: Float) throws {
        let encoding = try UpdateEncoding(name)
        for place in [0, 77, 4_999] {
            var update = EncodingSamples.normal(5_000, Seed(5))
            update[place] = odd
            if encoding.plain != nil {
                let bytes = try EncodingSamples.encode(update, encoding, Seed(5))
                #expect(try !encoding.decoded(bytes, count: 5_000)[place].isFinite)
            } else {
                #expect(throws: UpdateEncodingError.notFinite) {
                    try EncodingSamples.encode(update, encoding, Seed(5))
                }
            }
        }
    }

    /// Numbers from the smallest to the largest there are: either the encoder says that they are too large for it, or what it
    /// writes can be read.
    @Test(arguments: EncodingSamples.names, TestSeeds.first(6))
    func hugeRangesNeverTrap(name: String, seed: Seed) throws {
        let encoding = try UpdateEncoding(name)
        var stream = seed.stream()
        let count = 1 + stream.uniform(below: 9_000)
        let top = [-140, -100, 0, 100, 127][stream.uniform(below: 5)]
        let update = (0..<count).map { _ in
            Float(sign: .plus, exponent: top - stream.uniform(below: 120), significand: Float(1 + stream.uniform()))
                * (stream.bernoulli(0.5) ? 1 : -1)
        }
        do {
            let bytes = try EncodingSamples.encode(update, encoding, seed)
            _ = try encoding.decoded(bytes, count: count)
        } catch let error as UpdateEncodingError {
            #expect(error == .outOfRange && top >= 100 || name.hasSuffix("f16"))
        }
    }

    /// Powers of two are only other scales.
    @Test(arguments: ["klevel:16", "klevel:16:rotated", "qsgd:4", "drive", "eden:3", "topk:0.1", "randk:0.2"])
    func powersOfTwoPassThrough(name: String) throws {
        let encoding = try UpdateEncoding(name)
        let update = EncodingSamples.normal(6_000, Seed(6))
        let plain = try encoding.decoded(EncodingSamples.encode(update, encoding, Seed(6)), count: 6_000)
        for factor: Float in [0x1p-60, 0x1p40] {
            let bytes = try EncodingSamples.encode(update.map { $0 * factor }, encoding, Seed(6))
            #expect(try encoding.decoded(bytes, count: 6_000) == plain.map { $0 * factor })
        }
    }

    @Test(arguments: EncodingSamples.names)
    func blocksAreReadOneAfterAnotherInBoundedMemory(name: String) throws {
        let encoding = try UpdateEncoding(name)
        let count = 3 * UpdateDecoder.blockLength + 77
        let update = EncodingSamples.normal(count, Seed(7))
        let bytes = try EncodingSamples.encode(update, encoding, Seed(7))
        var decoder = try UpdateDecoder(encoding, count: count, byteCount: bytes.count)
        var tile = [Float](repeating: .nan, count: UpdateDecoder.blockLength)
        var (read, decoded) = (0, [Float]())
        while let wanted = decoder.wantedByteCount {
            #expect(wanted <= UpdateDecoder.wantedByteLimit && decoder.position == read)
            let part = Array(bytes[read..<read + wanted])
            read += wanted
            let range = try part.withUnsafeBytes { part in
                try tile.withUnsafeMutableBufferPointer { try decoder.take(part, into: $0) }
            }
            guard let range else { continue }
            #expect(range.lowerBound == decoded.count)
            decoded += tile[..<range.count]
        }
        #expect(read == bytes.count)
        #expect(try decoded == encoding.decoded(bytes, count: count))
    }
}
