import Testing
import TributaryCore
import TributaryWire

/// What a receiver sets aside for an update is enough for all layouts.
@Suite struct ByteLimitTests {
    @Test func noLayoutTakesMoreThanTheLimit() throws {
        let names = [
            "f32", "klevel:256:rotated:bucket=64", "klevel:2:bucket=64", "qsgd:8:elias:bucket=64", "qsgd:8:bucket=64",
            "topk:1", "topk:0.5", "topk:0.01:f16", "randk:1", "drive:bucket=64", "eden:4:bucket=64",
        ]
        let encodings = try names.map { try UpdateEncoding($0) } + EncodingFamily.all.flatMap(\.examples)
        let counts = Array(0...600) + [4095, 4097, 65_535, 65_536, 65_537, 131_073, 1_000_003]
        for encoding in encodings {
            for count in counts {
                let most = encoding.byteCounts(of: count).upperBound
                #expect(most <= encoding.byteLimit(parameterCount: count), "\(encoding), \(count)")
            }
        }
    }
}
