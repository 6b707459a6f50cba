import Testing
import TributaryMath
import TributaryTesting

/// The passes over compressed updates against their definitions, and every instruction set against the portable one.
@Suite struct VectorLevelTests {
    @Test(arguments: VectorLevel.supported)
    func theTransformIsTheMatrixOfSigns(level: VectorLevel) {
        for bits in 0...9 {
            let count = 1 << bits
            var stream = Seed(UInt64(bits)).stream()
            // Whole numbers, of which every sum is exact.
            let values = (0..<count).map { _ in Float(stream.uniform(below: 201) - 100) }
            var transformed = values
            transformed.withUnsafeMutableBufferPointer { level.hadamard($0) }
            let expected = (0..<count).map { row in
                values.indices.reduce(Float(0)) { $0 + ((row & $1).nonzeroBitCount % 2 == 0 ? 1 : -1) * values[$1] }
            }
            #expect(transformed == expected)
            transformed.withUnsafeMutableBufferPointer { level.hadamard($0) }
            #expect(transformed == values.map { $0 * Float(count) })
        }
    }

    @Test(arguments: VectorLevel.supported)
    func packedCodesAreTheirBits(level: VectorLevel) {
        var stream = Seed(3).stream()
        for bits in 1...8 {
            for count in Array(0...40) + [511, 512, 513, 1_000, 4_096] {
                let codes = (0..<count).map { _ in UInt8(stream.uniform(below: 1 << bits)) }
                var bytes = [UInt8](repeating: 0, count: VectorLevel.packedByteCount(count, bits: bits))
                bytes.withUnsafeMutableBytes { level.pack(codes, count: count, bits: bits, into: $0) }
                var expected = [UInt8](repeating: 0, count: bytes.count)
                for (place, code) in codes.enumerated() {
                    for bit in 0..<bits where code >> bit & 1 == 1 {
                        expected[(place * bits + bit) / 8] |= 1 << UInt8((place * bits + bit) % 8)
                    }
                }
                #expect(bytes == expected)
                let table = (0..<1 << bits).map { Float($0) * 1.5 }
                var values = [Float](repeating: -1, count: count)
                let largest = values.withUnsafeMutableBufferPointer { values in
                    bytes.withUnsafeBytes { level.unpack($0, bits: bits, table: table, into: values) }
                }
                #expect(values == codes.map { Float($0) * 1.5 })
                #expect(largest == Int(codes.max() ?? 0))
            }
        }
    }

    @Test(arguments: VectorLevel.supported, TestSeeds.first(10))
    func everyLevelHasTheBitsOfThePortableOne(level: VectorLevel, seed: Seed) {
        var stream = seed.stream()
        let count = stream.uniform(below: 300)
        let values = (0..<count).map { _ in Self.anything(&stream) }
        let others = (0..<count).map { _ in Self.anything(&stream) }
        let words = (0..<512).map { _ in stream.next() }
        #expect(Outcome(level, values, others, words) == Outcome(.portable, values, others, words))
    }

    @Test func summariesAreSums() {
        let values: [Float] = (0..<29).map { Float($0) - 20 }
        let seen = values.withUnsafeBufferPointer { VectorLevel.best.summary(of: $0) }
        #expect(seen.least == -20 && seen.greatest == 8 && seen.largest == 20)
        #expect(seen.squares == values.reduce(0) { $0 + Double($1 * $1) })
        #expect(seen.magnitudes == values.reduce(0) { $0 + Double($1.magnitude) })
        for (place, odd) in [(0, Float.nan), (28, .infinity), (13, -.infinity)] {
            var damaged = values
            damaged[place] = odd
            #expect(!damaged.withUnsafeBufferPointer { VectorLevel.best.summary(of: $0).isFinite })
        }
        let zeros: [Float] = [-0.0, 0, -0.0]
        let ofZeros = zeros.withUnsafeBufferPointer { VectorLevel.best.summary(of: $0) }
        #expect(ofZeros.least.sign == .plus && ofZeros.greatest.sign == .plus)
    }

    /// A number of any magnitude, a zero of either sign now and then.
    private static func anything(_ stream: inout RandomStream) -> Float {
        switch stream.uniform(below: 10) {
        case 0: return stream.bernoulli(0.5) ? 0 : -0.0
        case 1:
            let wild = Float(bitPattern: UInt32(truncatingIfNeeded: stream.next()))
            return wild.isFinite ? wild : 1
        default: return Float(stream.normal())
        }
    }
}

/// What all passes make of the same numbers, as bits.
private struct Outcome: Equatable {
    var sums: [UInt64]
    var least: UInt32
    var greatest: UInt32
    var random: [UInt32]
    var codes: [[UInt8]] = []
    var rotated: [UInt32] = []

    init(_ level: VectorLevel, _ values: [Float], _ others: [Float], _ words: [UInt64]) {
        var stream = Seed(words[0]).stream()
        var lanes = RandomLanes(from: &stream)
        random = [UInt32](repeating: 0, count: 512)
        random.withUnsafeMutableBufferPointer { lanes.fill($0, at: level) }
        let seen = values.withUnsafeBufferPointer { level.summary(of: $0) }
        let product = values.withUnsafeBufferPointer { a in others.withUnsafeBufferPointer { level.dot(a, $0) } }
        sums = [seen.squares, seen.magnitudes, product].map(\.bitPattern)
        (least, greatest) = (seen.least.bitPattern, seen.greatest.bitPattern)
        var codes = [UInt8](repeating: 0, count: values.count)
        values.withUnsafeBufferPointer { values in
            level.roundToLevels(values, origin: -2, inverseStep: 3.75, top: 15, random: random, codes: &codes)
            self.codes.append(codes)
            [Float](arrayLiteral: -1, -0.0, 0.5).withUnsafeBufferPointer {
                level.countThresholds($0, reachedBy: values, codes: &codes)
            }
            self.codes.append(codes)
        }
        var rotated = (0..<256).map { $0 < values.count ? values[$0] * 0x1p-9 : 0 }
        rotated.withUnsafeMutableBufferPointer { rotated in
            words.withUnsafeBufferPointer { level.flipSigns(of: rotated, by: $0, scale: 0.75) }
            level.hadamard(rotated)
        }
        self.rotated = rotated.map(\.bitPattern)
    }
}
