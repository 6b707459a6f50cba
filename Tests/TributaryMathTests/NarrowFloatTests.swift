import Testing
import TributaryMath
import TributaryTesting

/// Both formats of 16 bits, at every level that this processor runs, against their definitions and one another.
@Suite struct NarrowFloatTests {
    static let cases = NarrowFloat.allCases.flatMap { format in NarrowFloat.Level.supported.map { (format, $0) } }

    @Test(arguments: cases)
    func everyPatternIsReadAsItsDefinitionSays(format: NarrowFloat, level: NarrowFloat.Level) {
        let patterns = (0...UInt16.max).map(\.self)
        let values = decode(patterns, format, level)
        for (pattern, value) in zip(patterns, values) {
            #expect(value.bitPattern == format.definition(of: pattern).bitPattern, "\(String(pattern, radix: 16))")
        }
        #expect(encode(values, format, level) == patterns)
    }

    /// Every number of the format, every midpoint between neighbours, and the floats on either side of each: all places
    /// where rounding could go wrong.
    @Test(arguments: cases)
    func everyBoundaryIsRoundedToTheNearestTiesToEven(format: NarrowFloat, level: NarrowFloat.Level) {
        let last = format.infinity - 1
        var values: [Float] = []
        var expected: [UInt16] = []
        for pattern in 0...last {
            let here = Double(format.definition(of: pattern))
            // After the largest number comes what would, if the exponents went on.
            let next = pattern == last ? format.beyondLargest : Double(format.definition(of: pattern + 1))
            let middle = (here + next) / 2
            guard let tie = Float(exactly: middle) else { continue }
            values += [Float(here), tie.nextDown, tie, tie.nextUp]
            expected += [pattern, pattern, pattern + (pattern & 1), pattern + 1]
        }
        #expect(encode(values, format, level) == expected)
        #expect(encode(values.map { -$0 }, format, level) == expected.map { $0 | 0x8000 })
    }

    @Test(arguments: cases)
    func whatLiesBeyondIsInfiniteAndWhatLiesBelowIsZero(format: NarrowFloat, level: NarrowFloat.Level) {
        let values: [Float] = [
            .greatestFiniteMagnitude, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
        ]
        let (infinity, sign) = (format.infinity, UInt16(0x8000))
        #expect(encode(values, format, level) == [infinity, infinity, infinity | sign, 0, sign, 0, sign])
    }

    /// NaN in any place, with any payload, changes neither what it is nor its neighbours.
    @Test(arguments: cases)
    func notANumberKeepsItsSignAndTheTopOfItsPayload(format: NarrowFloat, level: NarrowFloat.Level) {
        let dropped = format == .half ? 13 : 16
        for shift in 0..<23 {
            for place in 0..<70 {
                var values = [Float](repeating: 1.5, count: 70)
                let payload = UInt32(1) << shift
                values[place] = Float(bitPattern: 0xFF80_0000 | payload)
                var expected = [UInt16](repeating: format == .half ? 0x3E00 : 0x3FC0, count: 70)
                let kept = UInt16(truncatingIfNeeded: payload >> dropped)
                let quiet: UInt16 = format == .half ? 0x200 : 0x40
                expected[place] = 0x8000 | format.infinity | (kept == 0 ? quiet : kept)
                #expect(encode(values, format, level) == expected)
            }
        }
    }

    @Test(arguments: cases, TestSeeds.first(10))
    func allLevelsGiveTheSameBits(_ one: (NarrowFloat, NarrowFloat.Level), seed: Seed) {
        let (format, level) = one
        let portable = NarrowFloat.Level.supported[0]
        var stream = seed.stream()
        for count in [0, 1, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 5000] {
            let values = (0..<count).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: stream.next())) }
            let patterns = encode(values, format, portable)
            #expect(encode(values, format, level) == patterns)
            let random = (0..<count).map { _ in UInt16(truncatingIfNeeded: stream.next()) }
            let read = decode(random, format, level).map(\.bitPattern)
            #expect(read == decode(random, format, portable).map(\.bitPattern))
        }
    }

    @Test(arguments: cases, 0..<4)
    func bytesMayLieAnywhere(_ one: (NarrowFloat, NarrowFloat.Level), start: Int) {
        let (format, level) = one
        let values = (0..<100).map { Float($0) / 8 }
        var bytes = [UInt8](repeating: 0xAA, count: 208)
        var back = [Float](repeating: .nan, count: 100)
        bytes.withUnsafeMutableBytes { bytes in
            let part = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<(start + 200)])
            values.withUnsafeBufferPointer { format.encode($0, into: part, at: level) }
            back.withUnsafeMutableBufferPointer { format.decode(UnsafeRawBufferPointer(part), into: $0, at: level) }
        }
        #expect(bytes[..<start].allSatisfy { $0 == 0xAA } && bytes[(start + 200)...].allSatisfy { $0 == 0xAA })
        #expect(back == decode(encode(values, format, level), format, level))
    }

    // MARK: - Whole arrays

    private func decode(_ patterns: [UInt16], _ format: NarrowFloat, _ level: NarrowFloat.Level) -> [Float] {
        let bytes = patterns.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        return [Float](unsafeUninitializedCapacity: patterns.count) { values, count in
            count = patterns.count
            let values = UnsafeMutableBufferPointer(rebasing: values[..<count])
            bytes.withUnsafeBytes { format.decode($0, into: values, at: level) }
        }
    }

    private func encode(_ values: [Float], _ format: NarrowFloat, _ level: NarrowFloat.Level) -> [UInt16] {
        var bytes = [UInt8](repeating: 0, count: 2 * values.count)
        bytes.withUnsafeMutableBytes { bytes in
            values.withUnsafeBufferPointer { format.encode($0, into: bytes, at: level) }
        }
        return values.indices.map { UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8 }
    }
}

/// The formats by the definition of IEEE 754, worked out in Double.
extension NarrowFloat {
    fileprivate var infinity: UInt16 { self == .half ? 0x7C00 : 0x7F80 }
    fileprivate var beyondLargest: Double { Double(sign: .plus, exponent: self == .half ? 16 : 128, significand: 1) }

    fileprivate func definition(of pattern: UInt16) -> Float {
        let (width, bias, special) = self == .half ? (10, 15, 31) : (7, 127, 255)
        let fraction = Int(pattern) & (1 << width - 1)
        let exponent = Int(pattern & 0x7FFF) >> width
        let sign: FloatingPointSign = pattern >= 0x8000 ? .minus : .plus
        if exponent == special {
            return Float(bitPattern: UInt32(pattern & 0x8000) << 16 | 0x7F80_0000 | UInt32(fraction) << (23 - width))
        }
        let significand = Double(fraction) / Double(1 << width) + (exponent == 0 ? 0 : 1)
        let scale = Double(sign: .plus, exponent: max(exponent, 1) - bias, significand: 1)
        let magnitude = Float(significand * scale)
        return sign == .minus ? -magnitude : magnitude
    }
}
