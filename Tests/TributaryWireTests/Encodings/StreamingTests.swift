import Testing
import TributaryCore
import TributaryMath
import TributaryTesting
import TributaryWire

@Suite struct StreamingTests {
    @Test(arguments: TensorEncoding.allCases, TestSeeds.first(30))
    func bytesCutAnywhereAreTheSameNumbers(encoding: TensorEncoding, seed: Seed) throws {
        var stream = seed.stream()
        let values = (0..<stream.uniform(below: 300)).map { _ in Float(stream.normal()) }
        let bytes = encoding.encoded(values)
        var decoder = TensorDecoder(encoding: encoding, count: values.count)
        var read = [Float](repeating: .nan, count: values.count)
        var start = 0
        while start < bytes.count {
            let end = min(start + stream.uniform(below: 9), bytes.count)
            try decoder.decode(bytes[start..<end], into: &read)
            start = end
        }
        try decoder.finish()
        #expect(read == encoding.decoded(bytes))
        if encoding == .float32 { #expect(read == values) }
    }

    @Test(arguments: TensorEncoding.allCases, TestSeeds.first(30))
    func anyStretchIsThatOfTheWhole(encoding: TensorEncoding, seed: Seed) {
        var stream = seed.stream()
        let values = (0..<(1 + stream.uniform(below: 20))).map { _ in Float(stream.normal()) }
        let all = encoding.encoded(values)
        let bytes = TensorBytes(values, encoding: encoding)
        #expect(bytes.count == all.count)
        for start in 0...all.count {
            for end in start...all.count { #expect(bytes[start..<end] == Array(all[start..<end])) }
        }
    }

    @Test(arguments: TensorEncoding.allCases)
    func tooManyBytesAreRefusedBeforeTheyAreRead(encoding: TensorEncoding) throws {
        var decoder = TensorDecoder(encoding: encoding, count: 3)
        var values: [Float] = [0, 0, 0]
        let length = 3 * encoding.bytesPerElement
        #expect(throws: TensorDecoder.LengthError.tooLong(expected: length)) {
            try decoder.decode([UInt8](repeating: 1, count: length + 1), into: &values)
        }
        #expect(values == [0, 0, 0])
        try decoder.decode([UInt8](repeating: 0, count: length), into: &values)
        try decoder.finish()
        #expect(throws: TensorDecoder.LengthError.self) { try decoder.decode([0], into: &values) }
    }

    @Test(arguments: TensorEncoding.allCases)
    func tooFewBytesAreSaidToBe(encoding: TensorEncoding) throws {
        var decoder = TensorDecoder(encoding: encoding, count: 3)
        var values: [Float] = [0, 0, 0]
        let length = 3 * encoding.bytesPerElement
        try decoder.decode([UInt8](repeating: 1, count: length - 1), into: &values)
        let finished = decoder
        #expect(throws: TensorDecoder.LengthError.tooShort(expected: length, arrived: length - 1)) {
            try finished.finish()
        }
    }

    @Test(arguments: TensorEncoding.allCases)
    func nothingIsWrittenAsNothing(encoding: TensorEncoding) throws {
        #expect(encoding.encoded([]).isEmpty)
        #expect(encoding.decoded([]) == [])
        #expect(encoding.decoded([1]) == nil)
        try TensorDecoder(encoding: encoding, count: 0).finish()
    }
}
