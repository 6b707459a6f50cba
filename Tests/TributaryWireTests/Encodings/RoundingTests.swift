import Testing
import TributaryCore
import TributaryMath
import TributaryTesting
import TributaryWire

/// Half precision and the upper half of single precision against what their definitions say, worked out in Double.
@Suite struct RoundingTests {
    static let narrow: [TensorEncoding] = [.float16, .bfloat16]

    @Test(arguments: narrow)
    func everyPatternDecodesToItsValue(encoding: TensorEncoding) throws {
        let values = try #require(encoding.decoded(Self.allPatterns))
        for (pattern, value) in values.enumerated() {
            let expected = Self.value(UInt16(pattern), encoding)
            #expect(expected.isNaN ? value.isNaN : Double(value) == expected)
            #expect((value.sign == .minus) == (pattern >= 0x8000))
        }
    }

    @Test(arguments: narrow)
    func everyPatternIsWrittenAsItself(encoding: TensorEncoding) throws {
        let values = try #require(encoding.decoded(Self.allPatterns))
        #expect(encoding.encoded(values) == Self.allPatterns)
    }

    @Test(arguments: narrow, TestSeeds.first(20))
    func everyNumberIsWrittenAsTheNearest(encoding: TensorEncoding, seed: Seed) throws {
        var stream = seed.stream()
        // All magnitudes alike, NaN and infinities among them, and those near the narrow ones' range.
        var values = (0..<3_000).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: stream.next())) }
        values += (0..<3_000).map { _ in
            Float(sign: .plus, exponent: stream.uniform(below: 45) - 27, significand: Float(1 + stream.uniform()))
        }
        // Ties, and the floats on either side of them.
        for _ in 0..<3_000 {
            let pattern = UInt16(stream.uniform(below: encoding == .float16 ? 0x7C00 : 0x7F80))
            let tie = Float((Self.value(pattern, encoding) + Self.next(pattern, encoding)) / 2)
            values += [tie, tie.nextUp, tie.nextDown, -tie]
        }
        let bytes = encoding.encoded(values)
        for (index, value) in values.enumerated() {
            let pattern = UInt16(bytes[2 * index]) | UInt16(bytes[2 * index + 1]) << 8
            #expect(Self.isNearest(pattern, to: value, encoding), "\(value) became \(String(pattern, radix: 16))")
        }
    }

    @Test(arguments: TensorEncoding.allCases)
    func notANumberAndInfinityStayWhatTheyAre(encoding: TensorEncoding) throws {
        let quiet = Float(bitPattern: 0x7F80_0001)
        let values: [Float] = [.nan, -.nan, quiet, .infinity, -.infinity, -0.0, .greatestFiniteMagnitude]
        let back = try #require(encoding.decoded(encoding.encoded(values)))
        #expect(back[0].isNaN && back[1].isNaN && back[2].isNaN)
        #expect(back[3] == .infinity && back[4] == -.infinity)
        #expect(back[5] == 0 && back[5].sign == .minus)
        #expect(back[6] == (encoding == .float32 ? .greatestFiniteMagnitude : .infinity))
    }

    // MARK: - The oracle

    private static let allPatterns: [UInt8] = (0...UInt16.max).flatMap {
        [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)]
    }

    private static func format(_ encoding: TensorEncoding) -> (fraction: Int, bias: Int, special: Int) {
        encoding == .float16 ? (10, 15, 31) : (7, 127, 255)
    }

    /// The value of a pattern by the definition of IEEE 754.
    private static func value(_ pattern: UInt16, _ encoding: TensorEncoding) -> Double {
        let (width, bias, special) = format(encoding)
        let fraction = Double(Int(pattern) & (1 << width - 1)) / Double(1 << width)
        let exponent = Int(pattern & 0x7FFF) >> width
        let sign: Double = pattern >= 0x8000 ? -1 : 1
        if exponent == special { return fraction == 0 ? sign * .infinity : .nan }
        if exponent == 0 { return sign * fraction * power(1 - bias) }
        return sign * (1 + fraction) * power(exponent - bias)
    }

    private static func power(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }

    /// The value of the pattern after a positive one, and after the largest what would follow if the exponent went on.
    private static func next(_ pattern: UInt16, _ encoding: TensorEncoding) -> Double {
        let value = value(pattern + 1, encoding)
        return value.isFinite ? value : power(encoding == .float16 ? 16 : 128)
    }

    private static func isNearest(_ pattern: UInt16, to value: Float, _ encoding: TensorEncoding) -> Bool {
        let written = Self.value(pattern, encoding)
        if value.isNaN { return written.isNaN && (value.sign == .minus) == (pattern >= 0x8000) }
        guard (value.sign == .minus) == (pattern >= 0x8000) else { return false }
        let magnitude = Double(value.magnitude)
        let place = pattern & 0x7FFF
        let here = written.isFinite ? abs(written) : power(encoding == .float16 ? 16 : 128)
        let below = place == 0 ? nil : Self.value(place - 1, encoding)
        let above = written.isFinite ? next(place, encoding) : nil
        let distance = abs(magnitude - here)
        if !written.isFinite, magnitude >= here { return true }
        for neighbour in [below, above].compactMap({ $0 }) {
            let other = abs(magnitude - neighbour)
            if other < distance || (other == distance && place & 1 == 1) { return false }
        }
        return true
    }
}
