import Testing
import TributaryCore
import TributaryMath
import TributaryTesting
import TributaryWire

/// Differences of models: what comes back, and what becomes of damage.
@Suite struct ModelDeltaTests {
    /// Two models of `count` numbers as bytes: the second a step from the first.
    private func models(
        _ count: Int, _ encoding: TensorEncoding, step: Float, _ seed: Seed
    ) -> (old: [UInt8], new: [UInt8]) {
        var stream = seed.stream()
        let old = (0..<count).map { _ in Float(stream.normal()) * 0.1 }
        let new = old.map { $0 + step * Float(stream.normal()) }
        return (encoding.encoded(old), encoding.encoded(new))
    }

    private func difference(_ old: [UInt8], _ new: [UInt8], width: Int, limit: Int = .max) -> [UInt8]? {
        ModelDelta.encoded(
            byteCount: new.count, bytesPerElement: width, smallerThan: limit,
            old: { (offset, space) throws(Never) in space.copyBytes(from: old[offset..<offset + space.count]) },
            new: { (offset, space) throws(Never) in space.copyBytes(from: new[offset..<offset + space.count]) })
    }

    @Test(arguments: TensorEncoding.allCases, [0, 1, 2, 255, 65_535, 65_536, 65_537, 200_000])
    func modelsOfEveryLengthComeBack(encoding: TensorEncoding, count: Int) throws {
        for (place, step) in [Float(0), 1e-4, 1].enumerated() {
            let (old, new) = models(count, encoding, step: step, Seed(UInt64(place + count)))
            let message = try #require(difference(old, new, width: encoding.bytesPerElement))
            #expect(try ModelDelta.applied(message, to: old, bytesPerElement: encoding.bytesPerElement) == new)
        }
    }

    /// Bytes without any structure, in numbers of every width.
    @Test(arguments: 0..<200)
    func anyBytesComeBack(seed: Int) throws {
        var stream = Seed(UInt64(seed)).stream()
        let width = [1, 2, 4, 8][seed % 4]
        let count = width * stream.uniform(below: 2_000)
        let old = (0..<count).map { _ in UInt8(stream.uniform(below: 256)) }
        let new = old.map { stream.bernoulli(0.3) ? UInt8(stream.uniform(below: 256)) : $0 }
        let message = try #require(difference(old, new, width: width))
        #expect(try ModelDelta.applied(message, to: old, bytesPerElement: width) == new)
    }

    @Test func specialNumbersComeBackToTheBit() throws {
        let patterns: [UInt32] = [
            0, 0x8000_0000, 1, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0001, 0x7F80_0001, 0xFFFF_FFFF, 0x3F80_0000,
        ]
        let pairs = patterns.flatMap { old in patterns.map { (old, $0) } }
        let bytes = [pairs.map(\.0), pairs.map(\.1)].map { numbers in
            TensorEncoding.float32.encoded(numbers.map(Float.init(bitPattern:)))
        }
        let message = try #require(difference(bytes[0], bytes[1], width: 4))
        #expect(try ModelDelta.applied(message, to: bytes[0], bytesPerElement: 4) == bytes[1])
    }

    @Test func equalModelsTakeNextToNothing() throws {
        let (old, _) = models(300_000, .float32, step: 0, Seed(1))
        let message = try #require(difference(old, old, width: 4))
        // The header, and four planes of zeros for each of five blocks.
        #expect(message.count == 16 + 5 * 4 * 4)
        #expect(try ModelDelta.applied(message, to: old, bytesPerElement: 4) == old)
    }

    /// The smaller the step, the shorter; and what is not shorter than the model is not made.
    @Test func smallStepsTakeFewBytes() throws {
        let counts = try [Float(1e-5), 1e-3, 1e-1].map { step in
            let (old, new) = models(100_000, .float32, step: step, Seed(2))
            return try #require(difference(old, new, width: 4)).count
        }
        #expect(counts == counts.sorted() && counts[0] < 240_000 && counts[1] < 340_000)
        var stream = Seed(3).stream()
        let noise = (0..<40_000).map { _ in UInt8(stream.uniform(below: 256)) }
        #expect(difference([UInt8](repeating: 0, count: 40_000), noise, width: 4, limit: 40_000) == nil)
        #expect(ModelDelta.encoded(from: [1, 2], to: [1]) == nil)
    }

    @Test func modelsInMemoryHaveTheSameDifference() throws {
        let (old, new) = models(70_000, .float32, step: 1e-3, Seed(4))
        let values = try [old, new].map { try #require(TensorEncoding.float32.decoded($0)) }
        #expect(ModelDelta.encoded(from: values[0], to: values[1]) == difference(old, new, width: 4))
    }

    /// However a message is cut, its model is the same, and comes out block by block.
    @Test(arguments: [1, 7, 4_096, 1_000_000])
    func chunksOfAnySizeWillDo(size: Int) throws {
        let (old, new) = models(size == 1 ? 2_000 : 150_000, .float32, step: 1e-3, Seed(5))
        let message = try #require(difference(old, new, width: 4))
        var decoder = ModelDeltaDecoder(byteCount: new.count, bytesPerElement: 4)
        var (model, largest) = ([UInt8](), 0)
        for start in stride(from: 0, to: message.count, by: size) {
            try Array(message[start..<min(start + size, message.count)]).withUnsafeBytes { chunk in
                try decoder.decode(
                    chunk,
                    old: { (offset, space) throws(Never) in space.copyBytes(from: old[offset..<offset + space.count]) },
                    new: { block in
                        largest = max(largest, block.count)
                        model.append(contentsOf: block)
                    })
            }
        }
        try decoder.finish()
        #expect(model == new && largest <= 4 * 65_536)
    }

    @Test func everyTruncationShows() throws {
        let (old, new) = models(400, .float16, step: 1e-2, Seed(6))
        let message = try #require(difference(old, new, width: 2))
        for end in 0..<message.count {
            #expect(throws: ModelDeltaError.self) {
                try ModelDelta.applied(Array(message[..<end]), to: old, bytesPerElement: 2)
            }
        }
        #expect(throws: ModelDeltaError.self) { try ModelDelta.applied(message + [0], to: old, bytesPerElement: 2) }
    }

    /// A flipped bit is an error, or a model of the right length that is another one, which its digest shows.
    @Test(arguments: 0..<4)
    func flippedBitsNeverTrap(seed: Int) throws {
        var stream = Seed(UInt64(seed)).stream()
        let (old, new) = models(3_000, .float32, step: 1e-3, Seed(UInt64(seed)))
        let message = try #require(difference(old, new, width: 4))
        for _ in 0..<400 {
            var damaged = message
            damaged[stream.uniform(below: message.count)] ^= 1 << UInt8(stream.uniform(below: 8))
            if let model = try? ModelDelta.applied(damaged, to: old, bytesPerElement: 4) {
                #expect(model.count == new.count)
            }
        }
    }

    @Test(arguments: 0..<300)
    func noiseIsRefused(seed: Int) throws {
        var stream = Seed(UInt64(seed)).stream()
        var noise = (0..<stream.uniform(below: 400)).map { _ in UInt8(stream.uniform(below: 256)) }
        // Half of them begin as they should.
        let header = try #require(
            difference([UInt8](repeating: 0, count: 800), [UInt8](repeating: 0, count: 800), width: 4))
        if seed.isMultiple(of: 2) { noise = Array(header.prefix(16)) + noise }
        if let model = try? ModelDelta.applied(noise, to: [UInt8](repeating: 0, count: 800), bytesPerElement: 4) {
            #expect(model.count == 800)
        }
    }

    /// A length that a message claims is nothing to make room for.
    @Test func claimsAreCheckedFirst() throws {
        let old = [UInt8](repeating: 0, count: 400)
        let message = try #require(difference(old, old, width: 4))
        for (place, bytes) in [
            (8, [UInt8](repeating: 255, count: 8)), (4, [255, 255, 255, 255]), (16, [255, 255, 255, 127]),
        ] {
            var claim = message
            claim.replaceSubrange(place..<place + bytes.count, with: bytes)
            #expect(throws: ModelDeltaError.self) { try ModelDelta.applied(claim, to: old, bytesPerElement: 4) }
        }
        #expect(throws: ModelDeltaError.self) { try ModelDelta.applied(message, to: old, bytesPerElement: 2) }
        #expect(throws: ModelDeltaError.self) {
            try ModelDelta.applied(message, to: [UInt8](repeating: 0, count: 404), bytesPerElement: 4)
        }
    }
}
