import Testing
import TributaryCore
import TributaryMath
import TributaryTesting
import TributaryWire

/// Bytes that must never change: the examples of docs/encodings.md, and what becomes of a larger update.
@Suite struct GoldenUpdateTests {
    /// Updates whose numbers lie on levels, so that nothing is rounded at random.
    @Test(arguments: [
        Example("klevel:5", [-1, -0.5, 0, 1], "000080bf 0000803f 8808"),
        Example("qsgd:4", [2, -3, 6], "0000e040 490d"),
        Example("qsgd:4:elias", [2, -3, 6], "02000000 0000e040 4672"),
        Example("topk:0.4", [0.5, -0.1, 0.3, 0.05, -0.4], "02000000 11 0000003f cdccccbe", [0.5, 0, 0, 0, -0.4]),
        Example(
            "topk:0.4:f16", [0.5, -0.1, 0.3, 0.05, -0.4], "02000000 11 0038 66b6", [0.5, 0, 0, 0, -0.399_902_34]),
        Example("topk:0.05", Self.spike(at: 7, of: 20), "01000000 0700 0000003f"),
    ])
    func examplesAreWrittenAndRead(example: Example) throws {
        let encoding = try UpdateEncoding(example.name)
        #expect(try EncodingSamples.encode(example.update, encoding, Seed(1)) == example.bytes)
        #expect(try encoding.decoded(example.bytes, count: example.update.count) == example.decoded)
    }

    /// Updates whose messages begin with seed 1.
    @Test(arguments: [
        Example("randk:0.5", [7, 7, 0.5, -1], "0100000000000000 0000803f 000000c0", [0, 0, 1, -2]),
        Example("klevel:4:rotated", [1, 0, 0, 0], "0100000000000000 000080be 000080be 00"),
        Example("drive", [1, 2, -3, 0.5], "0100000000000000 0000983f 0c", [0, 0, -4.75, 0]),
        Example("drive", [1, 2, -3], "0100000000000000 5555953f 0c", [0, 0, -4.666_666_5]),
        Example("drive:contractive", [1, 2, -3, 0.5], "0100000000000000 0000403f 0c", [0, 0, -3, 0]),
    ])
    func seededExamplesAreRead(example: Example) throws {
        let encoding = try UpdateEncoding(example.name)
        #expect(try encoding.decoded(example.bytes, count: example.update.count) == example.decoded)
    }

    /// The bytes of an update of two blocks in every encoding, as a checksum: the same on every processor, whatever vectors it
    /// has, for as long as the encodings have these names.
    @Test(arguments: checksums)
    func largerUpdatesAreTheSameBytesEverywhere(name: String, checksum: UInt64) throws {
        var stream = Seed(2).stream()
        // Numbers with few bits, which no library's logarithm had a hand in.
        let update = (0..<70_001).map { _ in
            Float(stream.uniform(below: 20_001) - 10_000) / 8_192 / Float(1 << stream.uniform(below: 5))
        }
        let encoding = try UpdateEncoding(name)
        let bytes = try encoding.encoded(update, random: &stream)
        let decoded = try encoding.decoded(bytes, count: update.count)
        #expect(Self.checksum(bytes + TensorEncoding.float32.encoded(decoded)) == checksum)
    }

    private static let checksums: [(String, UInt64)] = [
        ("f32", 0xF13E_0DDE_C556_67D1),
        ("f16", 0xBA9E_33A8_3665_F1F2),
        ("bf16", 0xB1EE_D927_7F18_36BD),
        ("klevel:3", 0x7A42_49C9_9A6F_CF23),
        ("klevel:16", 0xB8E2_C9DC_E32E_8905),
        ("klevel:256:bucket=64", 0x1B9D_EEE1_1051_2584),
        ("klevel:16:rotated", 0xAAEB_92C3_CA8B_2E77),
        ("qsgd:2", 0x1809_6A2F_22DA_775B),
        ("qsgd:4", 0xD65D_5C99_651C_8358),
        ("qsgd:8:elias", 0xE7E5_15F0_FA29_FCE2),
        ("topk:0.001", 0xC6E1_B665_DBDB_B3ED),
        ("topk:0.05:f16", 0x751B_DB0E_FC67_C501),
        ("topk:0.3:bf16", 0xCC31_69DD_7816_20DE),
        ("randk:0.05", 0x88A0_281A_21FF_D159),
        ("randk:0.7:contractive:f16", 0x7CD5_4C56_98C2_DD6A),
        ("drive", 0x5125_7AE6_9266_6C1E),
        ("drive:contractive:bucket=64", 0x6078_5E70_3D85_365F),
        ("eden:1", 0x285C_A853_5479_18F2),
        ("eden:2", 0x38B1_1A26_0CA1_DD22),
        ("eden:3:contractive", 0xC1F1_1A66_9E88_527E),
        ("eden:4:bucket=65536", 0x0242_D613_3740_A8B6),
    ]

    private static func spike(at place: Int, of count: Int) -> [Float] {
        (0..<count).map { $0 == place ? 0.5 : 0 }
    }

    /// FNV-1a.
    private static func checksum(_ bytes: [UInt8]) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}

/// An update, its bytes, and what they decode to.
struct Example: Sendable, CustomTestStringConvertible {
    let name: String
    let update: [Float]
    let bytes: [UInt8]
    let decoded: [Float]

    init(_ name: String, _ update: [Float], _ hexadecimal: String, _ decoded: [Float]? = nil) {
        self.name = name
        self.update = update
        self.decoded = decoded ?? update
        let digits = Array(hexadecimal.filter { $0 != " " })
        bytes = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    }

    var testDescription: String { "\(name) \(update.count)" }
}
